import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.protocol.Errors;

/** Carries out the operations of driver.ts with the official client: a line of JSON each. */
public final class Driver {
    static final ObjectMapper JSON = new ObjectMapper();
    private final String address;
    private final Administration administration;
    private final Members members;

    private Driver(String address) {
        this.address = address;
        this.administration = new Administration(address);
        this.members = new Members(address);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Driver driver = new Driver(arguments[arguments.length - 1]);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(driver.answer(JSON.readTree(line)));
        }
        System.exit(0);
    }

    private ObjectNode answer(JsonNode question) {
        ObjectNode answer = JSON.createObjectNode().put("id", question.get("id").asInt());
        try {
            Object result = perform(question.get("op").asText(), question.get("args"));
            answer.set("ok", JSON.valueToTree(result));
        } catch (Throwable thrown) {
            Throwable cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
            Errors error = Errors.forException(cause);
            ObjectNode told = answer.putObject("error").put("message", String.valueOf(cause));
            if (error == Errors.UNKNOWN_SERVER_ERROR) told.putNull("code");
            else told.put("code", error.code());
        }
        return answer;
    }

    private Object perform(String operation, JsonNode args) throws Exception {
        switch (operation) {
            case "produce": return produce(args);
            case "consume": return consume(args);
            case "join": return members.join(args);
            case "assignment": return members.of(args).assignment();
            case "poll":
                return members.of(args).take(args.get("count").asInt(), args.get("timeoutMs").asLong());
            case "commit": return members.of(args).commit();
            case "leave": return members.leave(args);
            default: return administration.perform(operation, args);
        }
    }

    private Object produce(JsonNode args) throws Exception {
        Properties settings = settings(address);
        String acks = args.path("acks").asText("-1");
        settings.put("acks", acks.equals("-1") ? "all" : acks);
        settings.put("enable.idempotence", args.path("idempotent").asBoolean(false));
        settings.put("compression.type", args.path("compression").asText("none"));
        settings.put("max.request.size", 10_000_000);
        settings.put("batch.size", 65536);
        settings.put("linger.ms", 5);
        settings.put("delivery.timeout.ms", 20_000);
        settings.put("request.timeout.ms", 10_000);
        settings.put("max.block.ms", 20_000);
        settings.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        settings.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        ArrayNode placed = JSON.createArrayNode();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (JsonNode row : args.get("records")) sent.add(producer.send(record(args, row)));
            producer.flush();
            for (Future<RecordMetadata> one : sent) {
                RecordMetadata where = one.get();
                placed.addObject()
                    .put("partition", where.partition())
                    .put("offset", where.hasOffset() ? where.offset() : -1);
            }
        }
        return placed;
    }

    private static ProducerRecord<String, String> record(JsonNode args, JsonNode row) {
        RecordHeaders headers = new RecordHeaders();
        row.path("headers").properties().forEach(header ->
            headers.add(header.getKey(), header.getValue().asText().getBytes(StandardCharsets.UTF_8)));
        return new ProducerRecord<>(
            args.get("topic").asText(),
            row.has("partition") ? row.get("partition").asInt() : null,
            row.has("timestamp") ? row.get("timestamp").asLong() : null,
            text(row.get("key")),
            text(row.get("value")),
            headers);
    }

    private Object consume(JsonNode args) {
        ArrayNode read = JSON.createArrayNode();
        int count = args.get("count").asInt();
        TopicPartition place =
            new TopicPartition(args.get("topic").asText(), args.get("partition").asInt());
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(reading(address))) {
            consumer.assign(List.of(place));
            JsonNode from = args.get("from");
            if (from.has("offset")) {
                consumer.seek(place, from.get("offset").asLong());
            } else if (from.has("time")) {
                long time = from.get("time").asLong();
                consumer.seek(place, consumer.offsetsForTimes(Map.of(place, time)).get(place).offset());
            } else {
                consumer.seekToBeginning(List.of(place));
            }
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (read.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    if (read.size() < count) read.add(found(record));
                }
            }
        }
        if (read.size() < count) throw new IllegalStateException(read.size() + " records came");
        return read;
    }

    static Properties settings(String address) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", address);
        settings.put("reconnect.backoff.max.ms", 200);
        settings.put("enable.metrics.push", false);
        return settings;
    }

    static Properties reading(String address) {
        Properties settings = settings(address);
        settings.put("enable.auto.commit", false);
        settings.put("fetch.max.wait.ms", 100);
        settings.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        settings.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        return settings;
    }

    static ObjectNode found(ConsumerRecord<String, String> record) {
        ObjectNode headers = JSON.createObjectNode();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        ObjectNode found = JSON.createObjectNode()
            .put("partition", record.partition())
            .put("offset", record.offset())
            .put("key", record.key())
            .put("value", record.value())
            .put("timestamp", record.timestamp());
        found.set("headers", headers);
        return found;
    }

    static String text(JsonNode node) {
        return node == null || node.isNull() ? null : node.asText();
    }
}
