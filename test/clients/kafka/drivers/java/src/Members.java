import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Group members by name. Each polls in a thread of its own until it leaves. */
final class Members {
    private final String address;
    private final Map<String, Member> members = new HashMap<>();

    Members(String address) {
        this.address = address;
    }

    Member of(JsonNode args) {
        return members.get(args.get("member").asText());
    }

    Object join(JsonNode args) {
        Properties settings = Driver.reading(address);
        settings.put("group.id", args.get("group").asText());
        settings.put("auto.offset.reset", args.get("reset").asText());
        settings.put("heartbeat.interval.ms", 200);
        settings.put("session.timeout.ms", 10_000);
        if (args.has("instanceId")) settings.put("group.instance.id", args.get("instanceId").asText());
        String strategy = args.path("strategy").asText("range").equals("range")
            ? "org.apache.kafka.clients.consumer.RangeAssignor"
            : "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
        settings.put("partition.assignment.strategy", strategy);
        members.put(
            args.get("member").asText(), new Member(settings, args.get("topic").asText()));
        return null;
    }

    Object leave(JsonNode args) throws Exception {
        Member member = members.remove(args.get("member").asText());
        member.isLeaving = true;
        member.consumer.wakeup();
        member.thread.join();
        return null;
    }

    /** The lock guards everything but the poll itself, which only the thread does. */
    static final class Member {
        final KafkaConsumer<String, String> consumer;
        final Thread thread;
        volatile boolean isLeaving = false;
        private final List<ConsumerRecord<String, String>> inbox = new ArrayList<>();
        private final Map<TopicPartition, OffsetAndMetadata> handed = new HashMap<>();
        private TreeSet<Integer> partitions = new TreeSet<>();
        private boolean isCommitDue = false;
        private RuntimeException failure = null;

        Member(Properties settings, String topic) {
            consumer = new KafkaConsumer<>(settings);
            consumer.subscribe(List.of(topic));
            thread = new Thread(this::live);
            thread.start();
        }

        private void live() {
            while (!isLeaving) {
                try {
                    turn();
                } catch (WakeupException woken) {
                    continue;
                } catch (RuntimeException thrown) {
                    synchronized (this) {
                        failure = thrown;
                        isCommitDue = false;
                        notifyAll();
                    }
                }
            }
            consumer.close();
        }

        private void turn() {
            Map<TopicPartition, OffsetAndMetadata> due = null;
            synchronized (this) {
                if (isCommitDue) due = new HashMap<>(handed);
            }
            if (due != null) consumer.commitSync(due);
            synchronized (this) {
                if (due != null) isCommitDue = false;
                notifyAll();
            }
            var records = consumer.poll(Duration.ofMillis(50));
            TreeSet<Integer> owned = new TreeSet<>();
            for (TopicPartition place : consumer.assignment()) owned.add(place.partition());
            synchronized (this) {
                partitions = owned;
                inbox.removeIf(record -> !owned.contains(record.partition()));
                handed.keySet().removeIf(place -> !owned.contains(place.partition()));
                for (ConsumerRecord<String, String> record : records) inbox.add(record);
                notifyAll();
            }
        }

        synchronized Object assignment() {
            ObjectNode answer = Driver.JSON.createObjectNode();
            ArrayNode list = answer.putArray("partitions");
            partitions.forEach(list::add);
            return answer;
        }

        synchronized Object take(int count, long timeoutMs) throws InterruptedException {
            long deadline = System.currentTimeMillis() + timeoutMs;
            while (inbox.size() < count && System.currentTimeMillis() < deadline) {
                wait(Math.max(1, deadline - System.currentTimeMillis()));
            }
            check();
            ArrayNode taken = Driver.JSON.createArrayNode();
            while (taken.size() < count && !inbox.isEmpty()) {
                ConsumerRecord<String, String> record = inbox.remove(0);
                handed.put(
                    new TopicPartition(record.topic(), record.partition()),
                    new OffsetAndMetadata(record.offset() + 1));
                taken.add(Driver.found(record));
            }
            return taken;
        }

        synchronized Object commit() throws InterruptedException {
            isCommitDue = true;
            while (isCommitDue) wait();
            check();
            return null;
        }

        private void check() {
            RuntimeException thrown = failure;
            failure = null;
            if (thrown != null) throw thrown;
        }
    }
}
