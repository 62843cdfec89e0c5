"""Runs a worker and gives it work; each note is a line of JSON.

    BROKER=amqp://… python run.py
"""
import json
import os
import subprocess
import sys
import time

from celery import chain, group
from kombu import Connection

import tasks

TIMEOUT_S = 30


def note(label, value):
    print(json.dumps({"label": label, "value": value}), flush=True)


def work():
    note("pong", [list(answer.values())[0] for answer in eventually(tasks.app.control.ping)])
    note("add", tasks.add.delay(2, 3).get(timeout=TIMEOUT_S))
    results = [tasks.add.delay(number, number) for number in range(200)]
    note("many", sum(result.get(timeout=TIMEOUT_S) for result in results))
    note("retried", tasks.stubborn.delay(2).get(timeout=TIMEOUT_S))
    try:
        tasks.fails.delay().get(timeout=TIMEOUT_S)
    except ValueError as error:
        note("failed", str(error))
    began = time.monotonic()
    note("delayed", tasks.add.apply_async((1, 1), countdown=1).get(timeout=TIMEOUT_S))
    note("not before its time", time.monotonic() - began >= 1)
    note("late", [tasks.late.delay(number).get(timeout=TIMEOUT_S) for number in range(5)])
    note("chain", chain(tasks.add.s(1, 2), tasks.add.s(4), tasks.late.s())().get(timeout=TIMEOUT_S))
    parallel = group(tasks.add.s(number, 1) for number in range(10))()
    note("group", parallel.get(timeout=TIMEOUT_S))
    expired = tasks.add.apply_async((1, 1), expires=-1)
    note("expired", type(eventually(lambda: outcome(expired))).__name__)
    revoked = tasks.add.apply_async((1, 1), countdown=2)
    revoked.revoke()
    note("revoked", type(eventually(lambda: outcome(revoked))).__name__)
    stats = list(tasks.app.control.inspect(timeout=5).active_queues().values())[0]
    note("queues", [(queue["name"], queue["routing_key"]) for queue in stats])


def outcome(result):
    try:
        return result.get(timeout=TIMEOUT_S)
    except Exception as error:  # What it is, is the note.
        return error


def eventually(ask):
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    raise TimeoutError("no answer")


def queues():
    """What kombu sees of the queue when it asks without creating it."""
    with Connection(os.environ["BROKER"]) as connection:
        declared = connection.default_channel.queue_declare("celery", passive=True)
        note("left", [declared.message_count, declared.consumer_count])
        simple = connection.SimpleQueue("simple")
        for number in range(3):
            simple.put({"number": number}, compression="zlib" if number == 1 else None)
        bodies = []
        for _ in range(3):
            message = simple.get(timeout=TIMEOUT_S)
            bodies.append(message.payload["number"])
            message.ack()
        note("simple queue", bodies)
        simple.close()
        note("deleted", simple.queue(connection.default_channel).delete())


def main():
    command = [sys.executable, "-m", "celery", "--app", "tasks", "worker", "--loglevel", "WARNING"]
    command += ["--concurrency", "2", "--pool", "prefork", "--hostname", "worker@test"]
    with open(os.environ["WORKER_LOG"], "w", encoding="utf-8") as log:
        here = os.path.dirname(os.path.abspath(__file__))
        worker = subprocess.Popen(command, stdout=log, stderr=log, cwd=here)
    try:
        work()
    finally:
        worker.terminate()
        worker.wait(20)
    note("the worker ended", worker.returncode)
    queues()


if __name__ == "__main__":
    main()
