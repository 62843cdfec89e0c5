"""Plain commands with redis-py."""
import json
import sys

import redis

host, port = sys.argv[1].split(":")
client = redis.Redis(host, int(port), decode_responses=True)


def note(label, value):
    print(json.dumps({"label": label, "value": value}), flush=True)


def ask(label, *words):
    try:
        note(label, client.execute_command(*words))
    except redis.ResponseError as error:
        note(label, "refused: " + str(error))


client.execute_command("DEBUG", "FLUSHALL")
note("ping", client.ping())
with client.pipeline(transaction=False) as pipe:
    for index in range(100):
        pipe.execute_command("ADDJOB", "plain", "job %d" % index, 0)
    note("a pipeline", len(set(pipe.execute())))
ask("length", "QLEN", "plain")
jobs = client.execute_command("GETJOB", "COUNT", 100, "FROM", "plain")
note("in order", [body for _, _, body in jobs] == ["job %d" % index for index in range(100)])
ask("acknowledged", "ACKJOB", *[job for _, job, _ in jobs])
ask("left", "QLEN", "plain")
ask("name", "CLIENT", "SETNAME", "worker")
ask("named", "CLIENT", "GETNAME")
ask("no such command", "LPUSH", "plain", "x")
ask("arity", "ADDJOB", "plain")
ask("unknown options", "GETJOB", "SOON", "FROM", "plain")
ask("leaving", "CLUSTER", "LEAVING")
ask("config", "CONFIG", "GET", "timeout")
