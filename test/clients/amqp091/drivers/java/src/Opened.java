import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A channel, and what the broker sent on it until a scenario asks. */
final class Opened {
    final Channel channel;
    final Inbox deliveries = new Inbox();
    final Inbox returned = new Inbox();
    final Inbox cancelled = new Inbox();
    final CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();
    private final ConcurrentSkipListMap<Long, CompletableFuture<String>> unconfirmed =
        new ConcurrentSkipListMap<>();
    private boolean confirms = false;

    Opened(Channel channel) {
        this.channel = channel;
        channel.addShutdownListener(ended::complete);
        channel.addReturnListener(back -> {
            Map<String, Object> message = Values.message(
                back.getExchange(), back.getRoutingKey(), back.getProperties(), back.getBody());
            message.put("code", back.getReplyCode());
            message.put("text", back.getReplyText());
            returned.items.add(message);
        });
    }

    void confirmSelect() throws Exception {
        if (!confirms) {
            channel.addConfirmListener(
                (tag, multiple) -> settle(tag, multiple, "ack"),
                (tag, multiple) -> settle(tag, multiple, "nack"));
        }
        channel.confirmSelect();
        confirms = true;
    }

    private void settle(long tag, boolean multiple, String outcome) {
        Map<Long, CompletableFuture<String>> settled =
            multiple ? unconfirmed.headMap(tag, true) : unconfirmed.subMap(tag, true, tag, true);
        settled.values().forEach(one -> one.complete(outcome));
        settled.clear();
    }

    List<String> publish(JsonNode args) throws Exception {
        List<CompletableFuture<String>> outcomes = new ArrayList<>();
        for (JsonNode body : args.get("bodies")) {
            if (confirms) {
                CompletableFuture<String> outcome = new CompletableFuture<>();
                unconfirmed.put(channel.getNextPublishSeqNo(), outcome);
                outcomes.add(outcome);
            }
            channel.basicPublish(args.path("exchange").asText(), args.get("key").asText(),
                args.path("mandatory").asBoolean(), Values.properties(args.get("properties")),
                body.asText().getBytes(StandardCharsets.UTF_8));
        }
        List<String> settled = new ArrayList<>();
        for (CompletableFuture<String> outcome : outcomes) {
            settled.add(outcome.get(Driver.WAIT_MS_MAX, TimeUnit.MILLISECONDS));
        }
        return settled;
    }

    Object get(JsonNode args) throws Exception {
        GetResponse got =
            channel.basicGet(args.get("queue").asText(), args.path("noAck").asBoolean());
        if (got == null) return null;
        Map<String, Object> message =
            Values.message(got.getEnvelope(), got.getProps(), got.getBody());
        message.put("left", got.getMessageCount());
        return message;
    }

    void consume(JsonNode args) throws Exception {
        DefaultConsumer consumer = new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(
                    String tag, Envelope envelope, BasicProperties properties, byte[] body) {
                Map<String, Object> message = Values.message(envelope, properties, body);
                message.put("consumer", tag);
                deliveries.items.add(message);
            }

            @Override
            public void handleCancel(String tag) {
                cancelled.items.add(Map.of("tag", tag));
            }
        };
        channel.basicConsume(args.get("queue").asText(), args.path("noAck").asBoolean(),
            args.get("tag").asText(), false, args.path("exclusive").asBoolean(),
            Values.table(args.get("arguments")), consumer);
    }

    static final class Inbox {
        final LinkedBlockingQueue<Map<String, Object>> items = new LinkedBlockingQueue<>();

        List<Map<String, Object>> take(JsonNode args) throws Exception {
            long wait = args.path("waitMs").asLong(Driver.WAIT_MS_MAX);
            long deadline = System.nanoTime() + wait * 1_000_000;
            List<Map<String, Object>> taken = new ArrayList<>();
            while (taken.size() < args.get("count").asInt()) {
                Map<String, Object> item =
                    items.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (item == null) break;
                taken.add(item);
            }
            return taken;
        }

        Object one() throws Exception {
            return items.poll(Driver.WAIT_MS_MAX, TimeUnit.MILLISECONDS);
        }
    }
}
