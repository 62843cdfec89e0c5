"""aiokafka. Its loop runs in a thread of its own; every operation is one coroutine on it."""
import asyncio
import threading

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code
from driver import Inbox, encoded, found


class Client:
    def __init__(self, address):
        self.address = address
        self.members = {}
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.admin = self.wait(self.started(AIOKafkaAdminClient, bootstrap_servers=address))

    def wait(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(40)

    async def started(self, kind, *args, **settings):
        made = kind(*args, **settings)
        await made.start()
        return made

    def code_of(self, error):
        code = getattr(error, "errno", None)
        return code if isinstance(error, KafkaError) and isinstance(code, int) and code > 0 else None

    # Topics

    def createTopic(self, topic, partitions, configs=None):
        asked = [NewTopic(topic, partitions, 1, topic_configs=configs or {})]
        self.check(self.wait(self.admin.create_topics(asked)).topic_errors)

    def deleteTopic(self, topic):
        self.check(self.wait(self.admin.delete_topics([topic])).topic_error_codes)

    def check(self, answers):
        for _, code, *_ in answers:
            if code:
                raise for_code(code)()

    def listTopics(self):
        return self.wait(self.admin.list_topics())

    def describeTopic(self, topic):
        (about,) = self.wait(self.admin.describe_topics([topic]))
        return {"partitions": len(about["partitions"])}

    # Records

    def produce(self, topic, records, acks=-1, compression="none", idempotent=False):
        return self.wait(self.produce_all(topic, records, acks, compression, idempotent))

    async def produce_all(self, topic, records, acks, compression, idempotent):
        producer = await self.started(
            AIOKafkaProducer, bootstrap_servers=self.address, acks="all" if acks == -1 else acks,
            compression_type=None if compression == "none" else compression,
            enable_idempotence=idempotent, max_request_size=10_000_000, linger_ms=5)
        try:
            sent = [
                await producer.send(
                    topic, key=encoded(row["key"]), value=encoded(row["value"]),
                    partition=row.get("partition"), timestamp_ms=row.get("timestamp"),
                    headers=[(name, encoded(text)) for name, text in row.get("headers", {}).items()])
                for row in records
            ]
            placed = [await one for one in sent]
        finally:
            await producer.stop()
        return [{
            "partition": one.partition if one is not None else -1,
            "offset": one.offset if one is not None else -1,
        } for one in placed]

    def reading(self):
        return {
            "bootstrap_servers": self.address, "enable_auto_commit": False, "fetch_max_wait_ms": 100,
        }

    def consume(self, topic, partition, **args):
        return self.wait(self.consume_some(topic, partition, args["from"], args["count"]))

    async def consume_some(self, topic, partition, start, count):
        consumer = await self.started(AIOKafkaConsumer, **self.reading())
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        if start == "earliest":
            await consumer.seek_to_beginning(place)
        elif "offset" in start:
            consumer.seek(place, start["offset"])
        else:
            at = await consumer.offsets_for_times({place: start["time"]})
            consumer.seek(place, at[place].offset)
        try:
            return [self.found(await asyncio.wait_for(consumer.getone(), 20)) for _ in range(count)]
        finally:
            await consumer.stop()

    def found(self, one):
        return found(one.partition, one.offset, one.key, one.value, one.headers, one.timestamp)

    def offsets(self, topic, partition, at):
        return {"offset": self.wait(self.offset_at(TopicPartition(topic, partition), at))}

    async def offset_at(self, place, at):
        consumer = await self.started(AIOKafkaConsumer, **self.reading())
        try:
            if at == "earliest":
                return (await consumer.beginning_offsets([place]))[place]
            if at == "latest":
                return (await consumer.end_offsets([place]))[place]
            return (await consumer.offsets_for_times({place: at}))[place].offset
        finally:
            await consumer.stop()

    # Groups

    def join(self, member, group, topic, reset, instanceId=None, strategy="range"):
        settings = {
            "group_id": group, "auto_offset_reset": reset, "group_instance_id": instanceId,
            "heartbeat_interval_ms": 200, "session_timeout_ms": 10_000,
        }
        starting = self.started(AIOKafkaConsumer, topic, **self.reading(), **settings)
        self.members[member] = Member(self, self.wait(starting), topic)

    def assignment(self, member):
        return {"partitions": self.members[member].inbox.partitions}

    def poll(self, member, count, timeoutMs):
        return self.members[member].inbox.take(count, timeoutMs)

    def commit(self, member):
        one = self.members[member]
        handed = {TopicPartition(one.topic, p): o for p, o in one.inbox.handed.items()}
        self.wait(one.consumer.commit(handed))

    def leave(self, member):
        self.wait(self.members.pop(member).close())

    def listGroups(self):
        return [name for name, _ in self.wait(self.admin.list_consumer_groups())]

    def committed(self, group, topic):
        offsets = self.wait(self.admin.list_consumer_group_offsets(group))
        return {
            str(place.partition): one.offset
            for place, one in offsets.items() if place.topic == topic and one.offset >= 0
        }

    def close(self):
        for member in self.members.values():
            self.wait(member.close())
        self.wait(self.admin.close())


class Member:
    """Polls in a task of its own until it leaves."""

    def __init__(self, client, consumer, topic):
        self.client = client
        self.consumer = consumer
        self.topic = topic
        self.inbox = Inbox()
        self.leaving = False
        self.task = asyncio.run_coroutine_threadsafe(self.live(), client.loop)

    async def live(self):
        while not self.leaving:
            batches = await self.consumer.getmany(timeout_ms=50)
            owned = {place.partition for place in self.consumer.assignment()}
            records = [self.client.found(one) for batch in batches.values() for one in batch]
            self.inbox.put(owned, records)

    async def close(self):
        self.leaving = True
        await asyncio.wrap_future(self.task)
        await self.consumer.stop()
