"""Celery: a worker with retries, delays, chains, groups and chords."""
import os
import subprocess
import sys
import time

from celery import chain, chord, group
from redis import Redis

import tasks
from notes import note

TIMEOUT_S = 30


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
    note("chord", chord([tasks.add.s(1, 1), tasks.add.s(2, 2)])(tasks.total.s()).get(timeout=TIMEOUT_S))
    note("left", Redis.from_url(f"{tasks.URL}/1").llen("celery"))


def eventually(ask):
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    raise TimeoutError("no answer")


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


if __name__ == "__main__":
    main()
