"""kafka-python, which is Python all through."""
import re
import time

from driver import Member, encoded, found
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka import errors
from kafka.errors import KafkaError, for_code

STRATEGIES = {"range": RangePartitionAssignor, "cooperative-sticky": CooperativeStickyAssignor}


class Client:
    def __init__(self, address):
        self.base = {"bootstrap_servers": address, "reconnect_backoff_max_ms": 200}
        self.admin = KafkaAdminClient(**self.base)
        self.members = {}
        self.topic_of = {}

    def code_of(self, error):
        code = getattr(error, "errno", None)
        return code if isinstance(error, KafkaError) and isinstance(code, int) and code > 0 else None

    # Topics

    def createTopic(self, topic, partitions, configs=None):
        self.admin.create_topics({topic: {"num_partitions": partitions, "configs": configs or {}}})

    def deleteTopic(self, topic):
        self.admin.delete_topics([topic])

    def listTopics(self):
        return [one if isinstance(one, str) else one["name"] for one in self.admin.list_topics()]

    def describeTopic(self, topic):
        (about,) = self.admin.describe_topics([topic])
        return {"partitions": len(about["partitions"])}

    def createPartitions(self, topic, total):
        self.admin.create_partitions({topic: total})

    def describeConfigs(self, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        about = self.admin.describe_configs([resource], config_filter="all")
        (topics,) = about.values()
        return {name: entry["value"] for name, entry in topics[topic].items()}

    def alterConfigs(self, topic, set):
        answers = self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, set)])
        # It tells the outcome as a text: "OK" or "[Error 40] …".
        failure = re.match(r"\[Error (\d+)\]", answers["topic"][topic])
        if failure:
            raise for_code(int(failure[1]))(answers["topic"][topic])

    def deleteRecords(self, topic, partition, before):
        self.admin.delete_records({TopicPartition(topic, partition): before})

    def cluster(self):
        about = self.admin.describe_cluster()
        return {
            "brokers": len(about["brokers"]),
            "controller": about["controller_id"],
            "clusterId": about["cluster_id"],
        }

    # Records

    def produce(self, topic, records, acks=-1, compression="none", idempotent=False):
        producer = KafkaProducer(
            **self.base, acks="all" if acks == -1 else acks, enable_idempotence=idempotent,
            compression_type=None if compression == "none" else compression,
            max_request_size=10_000_000, delivery_timeout_ms=20_000, request_timeout_ms=10_000,
            linger_ms=5)
        sent = [
            producer.send(
                topic, key=encoded(row["key"]), value=encoded(row["value"]),
                headers=[(name, encoded(text)) for name, text in row.get("headers", {}).items()],
                partition=row.get("partition"), timestamp_ms=row.get("timestamp"))
            for row in records
        ]
        producer.flush()
        placed = [one.get(20) for one in sent]
        producer.close()
        return [{"partition": one.partition, "offset": one.offset} for one in placed]

    def reading(self):
        return {**self.base, "enable_auto_commit": False, "fetch_max_wait_ms": 100}

    def consume(self, topic, partition, **args):
        start, count = args["from"], args["count"]
        consumer = KafkaConsumer(**self.reading())
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        if start == "earliest":
            consumer.seek_to_beginning(place)
        elif "offset" in start:
            consumer.seek(place, start["offset"])
        else:
            consumer.seek(place, consumer.offsets_for_times({place: start["time"]})[place].offset)
        read, deadline = [], time.monotonic() + 20
        while len(read) < count and time.monotonic() < deadline:
            read += self.poll_once(consumer)
        consumer.close()
        if len(read) < count:
            raise TimeoutError(f"{len(read)} of {count} records came")
        return read[:count]

    def poll_once(self, consumer):
        return [
            found(one.partition, one.offset, one.key, one.value, one.headers, one.timestamp)
            for batch in consumer.poll(50).values() for one in batch
        ]

    def offsets(self, topic, partition, at):
        consumer = KafkaConsumer(**self.reading())
        place = TopicPartition(topic, partition)
        if at == "earliest":
            offset = consumer.beginning_offsets([place])[place]
        elif at == "latest":
            offset = consumer.end_offsets([place])[place]
        else:
            offset = consumer.offsets_for_times({place: at})[place].offset
        consumer.close()
        return {"offset": offset}

    # Groups

    def join(self, member, group, topic, reset, instanceId=None, strategy="range"):
        consumer = KafkaConsumer(
            **self.reading(), group_id=group, auto_offset_reset=reset,
            group_instance_id=instanceId, heartbeat_interval_ms=200, session_timeout_ms=10_000,
            partition_assignment_strategy=[STRATEGIES[strategy]])
        consumer.subscribe([topic])
        # A leader that joins before it knows the partitions joins again once it does. If a poll is
        # over while it waits for that assignment, 3.0.12 forgets to finish (need_rejoin() turned
        # false): it beats no more, is taken for dead, and keeps what it owned, with any broker.
        while topic not in consumer.topics():
            time.sleep(0.05)
        self.topic_of[member] = topic
        self.members[member] = Member(consumer, self.poll_once)

    def assignment(self, member):
        return {"partitions": self.members[member].inbox.partitions}

    def poll(self, member, count, timeoutMs):
        return self.members[member].inbox.take(count, timeoutMs)

    def commit(self, member):
        one, topic = self.members[member], self.topic_of[member]
        handed = {
            TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in one.inbox.handed.items()
        }
        one.call(lambda: one.consumer.commit(handed))

    def leave(self, member):
        self.members.pop(member).close()

    def listGroups(self):
        return [one["group_id"] for one in self.admin.list_groups()]

    def describeGroup(self, group):
        about = self.admin.describe_groups([group])[group]
        return {"state": about["group_state"], "members": len(about["members"])}

    def deleteGroup(self, group):
        # It tells the outcome by name: "OK" or "NonEmptyGroupError".
        outcome = self.admin.delete_groups([group])[group]
        if outcome != "OK":
            raise getattr(errors, outcome)()

    def committed(self, group, topic):
        offsets = self.admin.list_group_offsets([group])[group]
        return {str(p.partition): o.offset for p, o in offsets.items() if p.topic == topic}

    def alterOffsets(self, group, topic, partition, offset):
        place = TopicPartition(topic, partition)
        self.admin.alter_group_offsets(group, {place: OffsetAndMetadata(offset, "", -1)})

    def deleteOffsets(self, group, topic, partition):
        self.admin.delete_group_offsets(group, [TopicPartition(topic, partition)])

    def close(self):
        for member in self.members.values():
            member.close()
        self.admin.close()
