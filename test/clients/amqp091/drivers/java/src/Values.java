import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.LongString;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tables, properties and messages, as JSON has them and as the client has them. */
final class Values {
    private Values() {}

    static Map<String, Object> table(JsonNode node) {
        return node == null || node.isNull() ? null : Driver.JSON.convertValue(node, Map.class);
    }

    static Object shown(Object value) {
        if (value instanceof LongString text) return text.toString();
        if (value instanceof Date) return "<time>";
        if (value instanceof byte[] bytes) return new String(bytes, StandardCharsets.UTF_8);
        if (value instanceof Collection<?> items) return items.stream().map(Values::shown).toList();
        if (!(value instanceof Map<?, ?> fields)) return value;
        Map<String, Object> all = new LinkedHashMap<>();
        fields.forEach((name, field) -> all.put(String.valueOf(name), shown(field)));
        return all;
    }

    static BasicProperties properties(JsonNode given) {
        BasicProperties.Builder builder = new BasicProperties.Builder();
        if (given == null) return builder.build();
        given.properties().forEach(property -> {
            JsonNode value = property.getValue();
            switch (property.getKey()) {
                case "contentType": builder.contentType(value.asText()); break;
                case "contentEncoding": builder.contentEncoding(value.asText()); break;
                case "headers": builder.headers(table(value)); break;
                case "deliveryMode": builder.deliveryMode(value.asInt()); break;
                case "priority": builder.priority(value.asInt()); break;
                case "correlationId": builder.correlationId(value.asText()); break;
                case "replyTo": builder.replyTo(value.asText()); break;
                case "expiration": builder.expiration(value.asText()); break;
                case "messageId": builder.messageId(value.asText()); break;
                case "timestamp": builder.timestamp(new Date(value.asLong() * 1000)); break;
                case "type": builder.type(value.asText()); break;
                case "userId": builder.userId(value.asText()); break;
                case "appId": builder.appId(value.asText()); break;
                default: throw new IllegalArgumentException(property.getKey());
            }
        });
        return builder.build();
    }

    static Map<String, Object> message(
            String exchange, String key, BasicProperties properties, byte[] body) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("body", new String(body, StandardCharsets.UTF_8));
        message.put("exchange", exchange);
        message.put("key", key);
        message.put("properties", shownProperties(properties));
        return message;
    }

    static Map<String, Object> message(Envelope envelope, BasicProperties properties, byte[] body) {
        Map<String, Object> message =
            message(envelope.getExchange(), envelope.getRoutingKey(), properties, body);
        message.put("tag", envelope.getDeliveryTag());
        message.put("redelivered", envelope.isRedeliver());
        return message;
    }

    private static Map<String, Object> shownProperties(BasicProperties properties) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("contentType", properties.getContentType());
        found.put("contentEncoding", properties.getContentEncoding());
        Map<String, Object> headers = properties.getHeaders();
        found.put("headers", headers == null || headers.isEmpty() ? null : shown(headers));
        found.put("deliveryMode", properties.getDeliveryMode());
        found.put("priority", properties.getPriority());
        found.put("correlationId", properties.getCorrelationId());
        found.put("replyTo", properties.getReplyTo());
        found.put("expiration", properties.getExpiration());
        found.put("messageId", properties.getMessageId());
        Date timestamp = properties.getTimestamp();
        found.put("timestamp", timestamp == null ? null : timestamp.getTime() / 1000);
        found.put("type", properties.getType());
        found.put("userId", properties.getUserId());
        found.put("appId", properties.getAppId());
        found.values().removeIf(value -> value == null);
        return found;
    }
}
