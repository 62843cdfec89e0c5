"""What users do with redis-py. RESP=2 or 3."""
import os
import threading

import redis

from notes import HOST, PORT, note

RESP = int(os.environ["RESP"])


def connect(**options):
    return redis.Redis(host=HOST, port=int(PORT), protocol=RESP, **options)


def refusal(run):
    try:
        return run()
    except redis.RedisError as error:
        return f"{type(error).__name__}: {error}"


def values(client):
    note("set", client.set("k", "v", ex=100))
    note("get", client.get("k"))
    note("missing", client.get("missing"))
    note("set nx", client.set("k", "w", nx=True))
    note("mget", client.mget("k", "missing"))
    note("incr", client.incrby("n", 41))
    note("float", client.incrbyfloat("n", 0.5))
    client.hset("h", mapping={"f": "v", "g": 1})
    note("hash", client.hgetall("h"))
    client.sadd("s", "a", "b")
    note("set members", set(client.smembers("s")))
    client.zadd("z", {"one": 1, "two": 2.5})
    note("sorted", client.zrange("z", 0, -1, withscores=True))
    note("score", client.zscore("z", "two"))
    note("popped", client.zpopmax("z"))
    note("wrong type", refusal(lambda: client.lpush("k", "x")))
    note("deleted", client.delete("k", "h", "missing"))
    note("ttl", client.ttl("s"))


def lists(client):
    client.rpush("l", *range(10))
    note("range", client.lrange("l", 2, 4))
    note("popped several", client.lpop("l", 3))
    note("moved", client.lmove("l", "m", "RIGHT", "LEFT"))
    note("position", client.lpos("l", "5"))
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(connect().brpop("q", timeout=10)))
    waiting.start()
    client.lpush("q", "x")
    waiting.join()
    note("waited for", taken[0])
    note("nothing", client.blpop("q", timeout=0.01))


def pipelines(client):
    pipe = client.pipeline(transaction=False)
    for index in range(100_000):
        pipe.rpush("big", index)
    note("pipeline", pipe.execute()[-1])
    with client.pipeline() as pipe:
        pipe.watch("w")
        connect().set("w", "changed")
        pipe.multi()
        pipe.set("w", "mine")
        note("watched", refusal(pipe.execute))
    with client.pipeline() as pipe:
        note("transaction", pipe.set("w", 1).incr("w").get("w").execute())

    def double(pipe):
        value = int(pipe.get("w"))
        pipe.multi()
        pipe.set("w", value * 2)

    note("by a function", client.transaction(double, "w"))
    note("its outcome", client.get("w"))


def channels(client):
    with client.pubsub(ignore_subscribe_messages=True) as subscriber:
        subscriber.subscribe("c")
        subscriber.psubscribe("p*")
        for _ in range(2):
            subscriber.get_message(timeout=5)
        note("reached", client.publish("c", "hello"))
        client.publish("pattern", "one")
        got = []
        while len(got) < 2:
            message = subscriber.get_message(timeout=5)
            if message is not None:
                got.append([message["type"], message["channel"], message["data"]])
        note("received", got)


def streams(client):
    client.xgroup_create("x", "g", id="0", mkstream=True)
    for index in range(1, 4):
        client.xadd("x", {"n": index}, id=f"{index}-1")
    note("read", client.xreadgroup("g", "anna", {"x": ">"}, count=2))
    note("pending", client.xpending("x", "g"))
    note("acknowledged", client.xack("x", "g", "1-1"))
    note("claimed", client.xautoclaim("x", "g", "bert", min_idle_time=0))
    note("range", client.xrevrange("x"))
    note("groups", client.xinfo_groups("x"))
    note("length", client.xlen("x"))


def scripts(client):
    script = client.register_script("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
    note("script", script(keys=["sn"], args=["a"]))
    note("script again", script(keys=["sn"], args=["b"]))
    with client.lock("lock", timeout=10) as lock:
        note("locked", lock.owned())
        note("not twice", client.lock("lock", blocking=False).acquire())
    note("free", client.exists("lock"))


def told(client):
    note("scan", len(set(client.scan_iter(match="*", count=10))))
    note("info", client.info("replication")["role"])
    note("config", client.config_get("databases"))
    client.client_setname("anna")
    note("name", client.client_getname())
    note("listed", any(one["name"] == "anna" for one in client.client_list()))
    note("type", client.type("x"))
    note("unknown", refusal(lambda: client.execute_command("NOSUCH", "a")))
    note("ping", client.ping())
    note("echo", client.echo("hi"))


def main():
    client = connect()
    client.flushall()
    for part in (values, lists, pipelines, channels, streams, scripts, told):
        part(client)
    cut = connect(retry_on_timeout=True)
    cut.set("before", "1")
    client.client_kill_filter(_type="normal", skipme=True)
    note("a client that is cut off", cut.get("before"))


main()
