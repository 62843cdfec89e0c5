"""librdkafka through confluent-kafka."""
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
    OffsetSpec, ResourceType,
)
from driver import Member, encoded, found


class Client:
    def __init__(self, address):
        self.base = {
            "bootstrap.servers": address,
            "reconnect.backoff.max.ms": 200,
            "broker.address.family": "v4",
        }
        self.admin = AdminClient(self.base)
        self.members = {}
        self.topic_of = {}

    def code_of(self, error):
        if isinstance(error, KafkaException):
            code = error.args[0].code()
            return code if code > 0 else None
        return None

    # Topics

    def createTopic(self, topic, partitions, configs=None):
        self.only(self.admin.create_topics([NewTopic(topic, partitions, config=configs or {})]))

    def deleteTopic(self, topic):
        self.only(self.admin.delete_topics([topic]))

    def listTopics(self):
        return list(self.admin.list_topics(timeout=10).topics)

    def describeTopic(self, topic):
        return {"partitions": len(self.admin.list_topics(topic, timeout=10).topics[topic].partitions)}

    def createPartitions(self, topic, total):
        self.only(self.admin.create_partitions([NewPartitions(topic, total)]))

    def describeConfigs(self, topic):
        entries = self.only(self.admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))
        return {name: entry.value for name, entry in entries.items()}

    def alterConfigs(self, topic, set):
        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in set.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        self.only(self.admin.incremental_alter_configs([resource]))

    def deleteRecords(self, topic, partition, before):
        self.only(self.admin.delete_records([TopicPartition(topic, partition, before)]))

    def cluster(self):
        about = self.admin.describe_cluster().result(10)
        return {
            "brokers": len(about.nodes),
            "controller": about.controller.id,
            "clusterId": about.cluster_id,
        }

    def only(self, futures):
        (future,) = futures.values()
        return future.result(20)

    # Records

    def produce(self, topic, records, acks=-1, compression="none", idempotent=False):
        failures, placed = [], [None] * len(records)
        producer = Producer({
            **self.base,
            "acks": acks,
            "enable.idempotence": idempotent,
            "compression.type": compression,
            "message.max.bytes": 10_000_000,
            "message.timeout.ms": 20_000,
        })
        for index, row in enumerate(records):
            def done(error, message, index=index):
                if error is not None:
                    failures.append(error)
                else:
                    placed[index] = {"partition": message.partition(), "offset": message.offset()}
            optional = {name: row[name] for name in ("partition", "timestamp") if name in row}
            headers = [(name, encoded(text)) for name, text in row.get("headers", {}).items()]
            producer.produce(
                topic, key=encoded(row["key"]), value=encoded(row["value"]), headers=headers,
                on_delivery=done, **optional)
        producer.flush(25)
        if failures:
            raise KafkaException(failures[0])
        return placed

    def consume(self, topic, partition, **args):
        start, count = args["from"], args["count"]
        consumer = Consumer(self.reading("unused", "error"))
        place = TopicPartition(topic, partition)
        if start == "earliest":
            place.offset = consumer.get_watermark_offsets(place, timeout=10)[0]
        elif "offset" in start:
            place.offset = start["offset"]
        else:
            asked = TopicPartition(topic, partition, start["time"])
            place.offset = consumer.offsets_for_times([asked], timeout=10)[0].offset
        consumer.assign([place])
        read, deadline = [], time.monotonic() + 20
        while len(read) < count and time.monotonic() < deadline:
            read += [self.found(one) for one in consumer.consume(count - len(read), 0.1)]
        consumer.close()
        if len(read) < count:
            raise TimeoutError(f"{len(read)} of {count} records came")
        return read

    def offsets(self, topic, partition, at):
        specs = {"earliest": OffsetSpec.earliest, "latest": OffsetSpec.latest}
        spec = specs[at]() if isinstance(at, str) else OffsetSpec.for_timestamp(at)
        place = TopicPartition(topic, partition)
        return {"offset": self.only(self.admin.list_offsets({place: spec})).offset}

    def reading(self, group, reset):
        return {
            **self.base,
            "group.id": group,
            "auto.offset.reset": reset,
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 100,
            "heartbeat.interval.ms": 200,
            "session.timeout.ms": 10_000,
        }

    def found(self, message):
        if message.error():
            raise KafkaException(message.error())
        return found(
            message.partition(), message.offset(), message.key(), message.value(),
            message.headers(), message.timestamp()[1])

    # Groups

    def join(self, member, group, topic, reset, instanceId=None, strategy="range"):
        settings = {**self.reading(group, reset), "partition.assignment.strategy": strategy}
        if instanceId is not None:
            settings["group.instance.id"] = instanceId
        consumer = Consumer(settings)
        consumer.subscribe([topic])
        self.topic_of[member] = topic
        self.members[member] = Member(consumer, self.poll_once)

    def poll_once(self, consumer):
        return [self.found(one) for one in consumer.consume(100, 0.05) if not one.error()]

    def assignment(self, member):
        return {"partitions": self.members[member].inbox.partitions}

    def poll(self, member, count, timeoutMs):
        return self.members[member].inbox.take(count, timeoutMs)

    def commit(self, member):
        one, topic = self.members[member], self.topic_of[member]
        handed = [TopicPartition(topic, p, o) for p, o in one.inbox.handed.items()]
        places = one.call(lambda: one.consumer.commit(offsets=handed, asynchronous=False))
        for place in places:
            if place.error:
                raise KafkaException(place.error)

    def leave(self, member):
        self.members.pop(member).close()

    def listGroups(self):
        return [one.group_id for one in self.admin.list_consumer_groups().result(10).valid]

    def describeGroup(self, group):
        about = self.only(self.admin.describe_consumer_groups([group]))
        return {"state": about.state.name.title().replace("_", ""), "members": len(about.members)}

    def deleteGroup(self, group):
        self.only(self.admin.delete_consumer_groups([group]))

    def committed(self, group, topic):
        request = [ConsumerGroupTopicPartitions(group)]
        asking = self.admin.list_consumer_group_offsets(request, request_timeout=5)
        found_offsets = self.only(asking)
        return {
            str(one.partition): one.offset
            for one in found_offsets.topic_partitions if one.topic == topic and one.offset >= 0
        }

    def alterOffsets(self, group, topic, partition, offset):
        request = [ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])]
        for place in self.only(self.admin.alter_consumer_group_offsets(request)).topic_partitions:
            if place.error:
                raise KafkaException(place.error)

    def close(self):
        for member in self.members.values():
            member.close()

