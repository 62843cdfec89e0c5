import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Carries out the operations of driver.ts with RabbitMQ's own client: a line of JSON each. */
public final class Driver {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long WAIT_MS_MAX = 8000;
    private final String host;
    private final int port;
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<String, Opened> channels = new HashMap<>();

    private Driver(String address) {
        this.host = address.split(":")[0];
        this.port = Integer.parseInt(address.split(":")[1]);
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
            Map<String, Object> reason = reasonOf(thrown);
            ObjectNode told = answer.putObject("error");
            if (reason == null) {
                told.putNull("code").put("message", String.valueOf(thrown));
            } else {
                told.put("code", (int) reason.get("code")).put("message", (String) reason.get("text"));
            }
        }
        return answer;
    }

    /** The broker's words, which the client hands out as the method that carried them. */
    static Map<String, Object> reasonOf(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof com.rabbitmq.client.AuthenticationFailureException refused) {
                return Map.of("what", "connection", "code", 403, "text", refused.getMessage());
            }
            if (!(at instanceof ShutdownSignalException signal)) continue;
            if (signal.getReason() instanceof AMQP.Connection.Close close) {
                return Map.of(
                    "what", "connection", "code", close.getReplyCode(), "text", close.getReplyText());
            }
            if (signal.getReason() instanceof AMQP.Channel.Close close) {
                return Map.of(
                    "what", "channel", "code", close.getReplyCode(), "text", close.getReplyText());
            }
        }
        return null;
    }

    private Opened on(String name) throws Exception {
        Opened known = channels.get(name);
        if (known != null && known.channel.isOpen()) return known;
        String root = name.split("\\.")[0];
        Connection connection = connections.get(root);
        if (connection == null || !connection.isOpen()) connection = open(root, Map.of());
        Opened opened = new Opened(connection.createChannel());
        channels.put(name, opened);
        return opened;
    }

    private Connection open(String name, Map<String, String> account) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(host);
        factory.setPort(port);
        factory.setUsername(account.getOrDefault("user", "guest"));
        factory.setPassword(account.getOrDefault("password", "guest"));
        factory.setVirtualHost(account.getOrDefault("vhost", "/"));
        factory.setAutomaticRecoveryEnabled(false);
        Connection connection = factory.newConnection();
        connections.put(name, connection);
        return connection;
    }

    private Object perform(String operation, JsonNode args) throws Exception {
        switch (operation) {
            case "open": {
                Map<String, String> account = JSON.convertValue(args, Map.class);
                Connection connection = open(args.get("connection").asText(), account);
                Object capabilities = connection.getServerProperties().get("capabilities");
                return Map.of("capabilities", Values.shown(capabilities));
            }
            case "close":
                connections.remove(args.get("connection").asText()).close();
                return null;
            case "closed": {
                Opened known = channels.get(args.get("channel").asText());
                return reasonOf(known.ended.get(WAIT_MS_MAX, java.util.concurrent.TimeUnit.MILLISECONDS));
            }
            case "reset":
                for (Connection connection : connections.values()) {
                    if (connection.isOpen()) connection.close();
                }
                connections.clear();
                channels.clear();
                return null;
            default:
                return perform(operation, on(args.get("channel").asText()), args);
        }
    }

    private static Object perform(String operation, Opened on, JsonNode args) throws Exception {
        Channel channel = on.channel;
        switch (operation) {
            case "closeChannel": channel.close(); return null;
            case "qos":
                channel.basicQos(args.get("count").asInt(), args.path("global").asBoolean());
                return null;
            case "confirmSelect": on.confirmSelect(); return null;
            case "publish": return on.publish(args);
            case "returned": return on.returned.take(args);
            case "get": return on.get(args);
            case "consume": on.consume(args); return null;
            case "cancel":
                // The client refuses a tag that it does not know, so the broker is asked.
                channel.rpc(new AMQP.Basic.Cancel.Builder()
                    .consumerTag(args.get("tag").asText()).build());
                return null;
            case "cancelled": return on.cancelled.one();
            case "deliveries": return on.deliveries.take(args);
            case "ack":
                channel.basicAck(args.get("tag").asLong(), args.path("multiple").asBoolean());
                return null;
            case "nack":
                channel.basicNack(args.get("tag").asLong(), args.path("multiple").asBoolean(),
                    args.path("requeue").asBoolean(true));
                return null;
            case "reject":
                channel.basicReject(args.get("tag").asLong(), args.path("requeue").asBoolean(true));
                return null;
            case "recover": channel.basicRecover(); return null;
            case "txSelect": channel.txSelect(); return null;
            case "txCommit": channel.txCommit(); return null;
            case "txRollback": channel.txRollback(); return null;
            default: return Topology.perform(operation, channel, args);
        }
    }
}
