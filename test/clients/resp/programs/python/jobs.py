"""What RQ's worker does."""


def add(x, y):
    return x + y


def fails():
    raise ValueError("as it should")
