"""What users do with pydisque. Each note is a line of JSON."""
import json
import sys
import threading
import time

from pydisque.client import Client
from redis.exceptions import ResponseError


def plain(value):
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {plain(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def note(label, value):
    print(json.dumps({"label": label, "value": plain(value)}), flush=True)


def told(label, run):
    try:
        note(label, run())
    except ResponseError as error:
        note(label, "refused: " + str(error))


client = Client([sys.argv[1]])
client.connect()
client.execute_command("DEBUG", "FLUSHALL")
note("version", client.info()["disque_version"])
job = client.add_job("py", b"\x00\xff\r\n", timeout=0, retry=60, ttl=3600)
note("added", job)
note("length", client.qlen("py"))
note("peeked", client.qpeek("py", 1))
note("got", client.get_job(["py"], withcounters=True))
note("working", client.working(job))
client.nack_job(job)
note("got again", client.get_job(["py", "other"], timeout=1000, count=5, withcounters=True))
shown = client.show(job, True)
note("lives on", 3590 <= shown[b"ttl"] <= 3600)
for name in (b"ttl", b"ctime", b"next-requeue-within", b"next-awake-within"):
    shown.pop(name)
note("shown", shown)
client.ack_job(job)
note("gone", client.show(job))
note("nothing", client.get_job(["py"], nohang=True))
delayed = client.add_job("py", "delayed", delay=100, ttl=1000, asynchronous=True)
note("delayed", client.show(delayed, True)[b"state"])
note("enqueued", client.enqueue(delayed))
note("dequeued", client.dequeue(delayed))
note("deleted", client.del_job(delayed))
once = client.add_job("py", "once", retry=0)
note("once", client.get_job(["py"]))
client.fast_ack(once)
client.add_job("py", "one")
told("too many", lambda: client.add_job("py", "two", maxlen=1))
stat = client.qstat("py", True)
note("stat", [stat[name] for name in (b"name", b"len", b"jobs-out", b"blocked")])
note("scanned", client.qscan(minlen=1))
note("jobs", len(client.jscan(queue="py")[1]))
note("paused", client.pause("py", kw_out=True))
note("nothing comes", client.get_job(["py"], nohang=True))
note("goes on", client.pause("py", kw_none=True))
note("it comes", client.get_job(["py"], nohang=True))
told("a bad id", lambda: client.working("nonsense"))

# Another connection waits.
found = []
other = Client([sys.argv[1]])
other.connect()
waiting = threading.Thread(target=lambda: found.append(other.get_job(["woken"], timeout=10_000)))
waiting.start()
time.sleep(0.1)
client.add_job("woken", "up")
waiting.join()
note("woken", found)
