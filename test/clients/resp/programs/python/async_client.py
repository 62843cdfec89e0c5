"""What users do with redis-py and asyncio. RESP=2 or 3."""
import asyncio
import os

import redis.asyncio as redis

from notes import HOST, PORT, note


def connect():
    return redis.Redis(host=HOST, port=int(PORT), protocol=int(os.environ["RESP"]))


async def consume(client, name, seen):
    while True:
        found = await client.xreadgroup("g", name, {"x": ">"}, count=10, block=2000)
        if not found:
            return
        streams = found.items() if isinstance(found, dict) else found
        for _, entries in streams:
            batches = entries if entries and isinstance(entries[0], list) else [entries]
            for batch in batches:
                for entry, fields in batch:
                    seen.append(int(fields[b"n"]))
                    await client.xack("x", "g", entry)
                    if len(seen) == 300:
                        return


async def main():
    client = connect()
    await client.flushall()
    note("many at once", sum(await asyncio.gather(*(client.incr("n") for _ in range(50)))))
    async with client.pipeline(transaction=True) as pipe:
        note("transaction", await pipe.set("k", 1).incr("k").execute())
    async with connect() as waiting:
        taken = asyncio.create_task(waiting.blpop("q", timeout=10))
        await asyncio.sleep(0.05)
        await client.rpush("q", "x")
        note("waited for", await taken)
    async with client.pubsub() as subscriber:
        await subscriber.subscribe("c")
        await subscriber.get_message(timeout=5)
        await client.publish("c", "hello")
        message = await subscriber.get_message(timeout=5)
        note("received", message["data"])
    await client.xgroup_create("x", "g", id="0", mkstream=True)
    for index in range(300):
        await client.xadd("x", {"n": index})
    seen = []
    readers = [connect() for _ in range(3)]
    await asyncio.gather(*(consume(one, f"c{i}", seen) for i, one in enumerate(readers)))
    note("each entry once", sorted(seen) == list(range(300)))
    note("nothing pending", (await client.xpending("x", "g"))["pending"])
    for one in [client, *readers]:
        await one.aclose()


asyncio.run(main())
