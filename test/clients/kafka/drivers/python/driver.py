"""Carries out the operations of driver.ts with a Python client: a line of JSON each.

    python driver.py confluent|kafka_python|aio HOST:PORT
"""
import importlib
import json
import queue
import sys
import threading
import time
from concurrent.futures import Future


class Inbox:
    """Records that a group member received, until a scenario asks for them."""

    def __init__(self):
        self.changed = threading.Condition()
        self.records = []
        self.handed = {}
        self.partitions = []

    def put(self, owned, records):
        with self.changed:
            self.partitions = sorted(owned)
            self.records = [r for r in self.records if r["partition"] in owned] + records
            self.handed = {p: o for p, o in self.handed.items() if p in owned}
            self.changed.notify_all()

    def take(self, count, timeout_ms):
        deadline = time.monotonic() + timeout_ms / 1000
        with self.changed:
            while len(self.records) < count and time.monotonic() < deadline:
                self.changed.wait(max(0.001, deadline - time.monotonic()))
            taken, self.records = self.records[:count], self.records[count:]
            for record in taken:
                self.handed[record["partition"]] = record["offset"] + 1
            return taken


class Member:
    """Polls in a thread of its own until it leaves; that thread alone touches the consumer."""

    def __init__(self, consumer, poll):
        self.consumer = consumer
        self.poll = poll
        self.inbox = Inbox()
        self.jobs = queue.Queue()
        self.leaving = False
        self.thread = threading.Thread(target=self.live)
        self.thread.start()

    def live(self):
        while not self.leaving:
            while not self.jobs.empty():
                job, future = self.jobs.get()
                try:
                    future.set_result(job())
                except Exception as error:  # It belongs to whoever asked.
                    future.set_exception(error)
            try:
                records = self.poll(self.consumer)
                owned = {place.partition for place in self.consumer.assignment()}
                self.inbox.put(owned, records)
            except Exception as error:  # A broker that is away comes back.
                print(repr(error), file=sys.stderr)
        self.consumer.close()

    def call(self, job):
        future = Future()
        self.jobs.put((job, future))
        return future.result(30)

    def close(self):
        self.leaving = True
        self.thread.join()


def found(partition, offset, key, value, headers, timestamp):
    def text(data):
        return None if data is None else bytes(data).decode()

    return {
        "partition": partition,
        "offset": offset,
        "key": text(key),
        "value": text(value),
        "headers": {name: text(data) for name, data in headers or []},
        "timestamp": timestamp,
    }


def encoded(text):
    return None if text is None else text.encode()


def main():
    client = importlib.import_module(sys.argv[1]).Client(sys.argv[2])
    for line in sys.stdin:
        question = json.loads(line)
        answer = {"id": question["id"]}
        try:
            answer["ok"] = getattr(client, question["op"])(**question["args"])
        except Exception as error:  # Whatever it is, the scenario judges it.
            answer["error"] = {"code": client.code_of(error), "message": repr(error)}
        print(json.dumps(answer), flush=True)
    client.close()


if __name__ == "__main__":
    sys.modules["driver"] = sys.modules["__main__"]
    main()
