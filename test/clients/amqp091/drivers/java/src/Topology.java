import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.util.Map;

/** Exchanges, queues and bindings. */
final class Topology {
    private Topology() {}

    static Object perform(String operation, Channel channel, JsonNode args) throws Exception {
        String exchange = args.path("exchange").asText();
        String queue = args.path("queue").asText();
        String key = args.path("key").asText();
        Map<String, Object> table = Values.table(args.get("arguments"));
        switch (operation) {
            case "declareExchange":
                if (args.path("passive").asBoolean()) return ignore(channel.exchangeDeclarePassive(exchange));
                return ignore(channel.exchangeDeclare(exchange, args.get("type").asText(),
                    args.path("durable").asBoolean(true), args.path("autoDelete").asBoolean(),
                    args.path("internal").asBoolean(), table));
            case "deleteExchange":
                return ignore(channel.exchangeDelete(exchange, args.path("ifUnused").asBoolean()));
            case "bindExchange":
                return ignore(channel.exchangeBind(
                    args.get("destination").asText(), args.get("source").asText(), key, table));
            case "unbindExchange":
                return ignore(channel.exchangeUnbind(
                    args.get("destination").asText(), args.get("source").asText(), key, table));
            case "declareQueue": {
                AMQP.Queue.DeclareOk ok = args.path("passive").asBoolean()
                    ? channel.queueDeclarePassive(queue)
                    : channel.queueDeclare(queue, args.path("durable").asBoolean(true),
                        args.path("exclusive").asBoolean(), args.path("autoDelete").asBoolean(), table);
                return Map.of("queue", ok.getQueue(), "messages", ok.getMessageCount(),
                    "consumers", ok.getConsumerCount());
            }
            case "deleteQueue":
                return Map.of("messages", channel.queueDelete(queue,
                    args.path("ifUnused").asBoolean(), args.path("ifEmpty").asBoolean()).getMessageCount());
            case "purgeQueue":
                return Map.of("messages", channel.queuePurge(queue).getMessageCount());
            case "bindQueue": return ignore(channel.queueBind(queue, exchange, key, table));
            case "unbindQueue": return ignore(channel.queueUnbind(queue, exchange, key, table));
            default: throw new IllegalArgumentException("unknown operation " + operation);
        }
    }

    private static Object ignore(Object answer) {
        return null;
    }
}
