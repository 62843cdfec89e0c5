import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.core.QueueInformation;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** What a tutorial on Spring AMQP does; each note is a line of JSON. */
public final class Application {
    static final ObjectMapper JSON = new ObjectMapper();
    private final RabbitTemplate template;
    private final RabbitAdmin admin;
    private final Listeners listeners;

    private Application(RabbitTemplate template, RabbitAdmin admin, Listeners listeners) {
        this.template = template;
        this.admin = admin;
        this.listeners = listeners;
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("address", arguments[0]);
        try (var context = new AnnotationConfigApplicationContext(Configuration.class)) {
            new Application(context.getBean("rabbitTemplate", RabbitTemplate.class),
                context.getBean(RabbitAdmin.class), context.getBean(Listeners.class)).run();
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    static synchronized void note(String label, Object value) {
        try {
            System.out.println(JSON.writeValueAsString(new Note(label, value)));
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    record Note(String label, Object value) {}

    private void run() throws Exception {
        administration();
        confirms();
        returns();
        listening();
        retries();
        requests();
        transactions();
        note("what the broker closed", Configuration.closed.stream().sorted().toList());
    }

    private void administration() {
        note("declared with the context", admin.getQueueProperties("orders") != null);
        admin.declareExchange(new TopicExchange("spring.topic", true, false));
        Queue queue = QueueBuilder.durable("spring.admin").maxLength(5L).ttl(60_000).build();
        note("declared", admin.declareQueue(queue));
        Binding binding =
            BindingBuilder.bind(queue).to(new TopicExchange("spring.topic")).with("spring.#");
        admin.declareBinding(binding);
        for (int number = 0; number < 7; number++) {
            template.convertAndSend("spring.topic", "spring.is.here", "message " + number);
        }
        QueueInformation information = admin.getQueueInfo("spring.admin");
        note("information", List.of(information.getName(), information.getMessageCount(),
            information.getConsumerCount()));
        // The template takes a channel for each, so they may have passed each other.
        String received = (String) template.receiveAndConvert("spring.admin", 2000);
        note("received", received.startsWith("message "));
        note("purged", admin.purgeQueue("spring.admin"));
        note("received nothing", template.receiveAndConvert("spring.admin", 100));
        admin.removeBinding(binding);
        note("deleted", admin.deleteQueue("spring.admin"));
        note("unknown", admin.getQueueProperties("spring.admin"));
        Queue named = admin.declareQueue();
        note("named by the broker", named.getActualName().startsWith("amq.gen-"));
        note("redeclared otherwise", refused(() ->
            admin.declareQueue(QueueBuilder.durable("orders").maxLength(3L).build())));
    }

    private static String refused(Runnable declare) {
        try {
            declare.run();
            return "done";
        } catch (RuntimeException error) {
            Throwable cause = error;
            while (cause.getCause() != null) cause = cause.getCause();
            return cause.getMessage();
        }
    }

    private void confirms() throws Exception {
        CorrelationData routed = new CorrelationData("1");
        template.convertAndSend("", "plain", new Order(1, "tea"), routed);
        note("confirmed", routed.getFuture().get(10, TimeUnit.SECONDS).ack());
        CorrelationData wrong = new CorrelationData("2");
        template.convertAndSend("no.such.exchange", "key", new Order(2, "tea"), wrong);
        CorrelationData.Confirm refusal = wrong.getFuture().get(10, TimeUnit.SECONDS);
        note("refused", !refusal.ack()); // Its reason depends on which thread comes first.
        Object order = template.receiveAndConvert("plain", 2000);
        note("converted", order);
        Boolean all = template.invoke(operations -> {
            for (int number = 0; number < 50; number++) operations.convertAndSend("", "plain", "x");
            return operations.waitForConfirms(10_000);
        });
        note("all confirmed", all);
        note("purged", admin.purgeQueue("plain"));
    }

    private void returns() throws Exception {
        CorrelationData lost = new CorrelationData("3");
        template.convertAndSend("", "no.such.queue", new Order(3, "tea"), lost);
        note("confirmed although lost", lost.getFuture().get(10, TimeUnit.SECONDS).ack());
        note("returned", List.of(lost.getReturned().getReplyCode(),
            lost.getReturned().getReplyText(), lost.getReturned().getRoutingKey()));
        note("returned to the callback", Configuration.returned.poll(10, TimeUnit.SECONDS));
    }

    private void listening() throws Exception {
        for (int number = 0; number < 30; number++) {
            template.convertAndSend("orders.exchange", "order.created", new Order(number, "tea"));
        }
        List<Integer> numbers = new ArrayList<>();
        for (int count = 0; count < 30; count++) {
            numbers.add(listeners.orders.poll(10, TimeUnit.SECONDS).number());
        }
        note("listened", numbers.stream().sorted().toList());
        note("refused once", listeners.again.poll(10, TimeUnit.SECONDS));
        Message prioritized = MessageBuilder.withBody("raw".getBytes())
            .setDeliveryMode(MessageDeliveryMode.NON_PERSISTENT).setPriority(3).setHeader("mine", 1)
            .setCorrelationId("c").setExpiration("60000").build();
        template.send("", "plain", prioritized);
        Message back = template.receive("plain", 2000);
        note("raw", Map.of("body", new String(back.getBody()),
            "priority", back.getMessageProperties().getPriority(),
            "mode", back.getMessageProperties().getReceivedDeliveryMode().toString(),
            "mine", back.getMessageProperties().getHeaders().get("mine"),
            "redelivered", back.getMessageProperties().isRedelivered()));
    }

    private void retries() throws Exception {
        template.convertAndSend("", "fragile", new Order(-1, "poison"));
        Map<String, Object> dead = listeners.dead.poll(20, TimeUnit.SECONDS);
        note("tried", listeners.tries.get());
        note("dead", dead);
    }

    private void requests() {
        Object reply = template.convertSendAndReceive("", "squares", 12);
        note("asked over direct reply-to", reply);
        List<Object> replies = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            replies.add(template.convertSendAndReceive("", "squares", number));
        }
        note("asked often", replies);
        RabbitTemplate temporary = new RabbitTemplate(template.getConnectionFactory());
        temporary.setUseTemporaryReplyQueues(true);
        temporary.setMessageConverter(template.getMessageConverter());
        note("asked over a queue of its own", temporary.convertSendAndReceive("", "squares", 5));
    }

    private void transactions() {
        CachingConnectionFactory connections = Configuration.plain();
        RabbitTemplate transacted = new RabbitTemplate(connections);
        transacted.setChannelTransacted(true);
        TransactionTemplate transaction =
            new TransactionTemplate(new RabbitTransactionManager(connections));
        try {
            transaction.executeWithoutResult(status -> {
                transacted.convertAndSend("", "plain", "never");
                throw new IllegalStateException("rolled back");
            });
        } catch (IllegalStateException expected) {
            note("failed", expected.getMessage());
        }
        transaction.executeWithoutResult(status -> {
            transacted.convertAndSend("", "plain", "committed");
            note("before a commit", template.receive("plain"));
        });
        note("after a commit", new String(template.receive("plain", 2000).getBody()));
        note("after a rollback", template.receive("plain", 100));
        connections.destroy();
    }
}
