import com.rabbitmq.client.Channel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.amqp.core.ExchangeTypes;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.annotation.Argument;
import org.springframework.amqp.rabbit.annotation.Exchange;
import org.springframework.amqp.rabbit.annotation.Queue;
import org.springframework.amqp.rabbit.annotation.QueueBinding;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.stereotype.Component;

/** Who listens: with manual acknowledgements, with retries, and with replies. */
@Component
public class Listeners {
    final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Map<String, Object>> again = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Map<String, Object>> dead = new LinkedBlockingQueue<>();
    final AtomicInteger tries = new AtomicInteger();

    /** Refuses one of them once, and acknowledges the others by hand. */
    @RabbitListener(
        containerFactory = "manual",
        concurrency = "3",
        bindings = @QueueBinding(
            value = @Queue(name = "orders", durable = "true",
                arguments = @Argument(name = "x-max-priority", value = "10", type = "java.lang.Integer")),
            exchange = @Exchange(name = "orders.exchange", type = ExchangeTypes.TOPIC),
            key = "order.*"))
    public void order(@Payload Order order, Channel channel,
            @Header(AmqpHeaders.DELIVERY_TAG) long tag,
            @Header(AmqpHeaders.REDELIVERED) boolean redelivered,
            @Header(AmqpHeaders.RECEIVED_ROUTING_KEY) String key) throws Exception {
        if (order.number() == 7 && !redelivered) {
            channel.basicNack(tag, false, true);
            return;
        }
        if (order.number() == 7) again.add(Map.of("order", order, "key", key));
        orders.add(order);
        channel.basicAck(tag, false);
    }

    /** Fails always: the container tries again and then rejects. */
    @RabbitListener(queues = "fragile", containerFactory = "retrying")
    public void fragile(Order order) {
        tries.incrementAndGet();
        throw new IllegalArgumentException("I do not like " + order.what());
    }

    @RabbitListener(queues = "fragile.dead")
    public void dead(Message message) {
        List<Map<String, ?>> deaths = message.getMessageProperties().getXDeathHeader();
        Map<String, Object> death = new ConcurrentHashMap<>(deaths.get(0));
        death.put("time", "<time>");
        dead.add(Map.of("body", new String(message.getBody()), "death", death,
            "first", message.getMessageProperties().getHeaders().get("x-first-death-reason")));
    }

    @RabbitListener(queues = "squares")
    public int square(int number) {
        return number * number;
    }
}
