"""Each note is a line of JSON."""
import json
import os

HOST, PORT = os.environ["BROKER"].split(":")
URL = f"redis://{HOST}:{PORT}/0"


def plain(value):
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {plain(name): plain(one) for name, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(one) for one in value)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def note(label, value):
    print(json.dumps({"label": label, "value": plain(value)}), flush=True)
