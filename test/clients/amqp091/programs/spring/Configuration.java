import com.rabbitmq.client.ShutdownSignalException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.rabbit.annotation.EnableRabbit;
import org.springframework.amqp.rabbit.config.RetryInterceptorBuilder;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.ChannelListener;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.retry.RejectAndDontRequeueRecoverer;
import org.springframework.amqp.support.converter.Jackson2JsonMessageConverter;
import org.springframework.amqp.support.converter.MessageConverter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import com.rabbitmq.client.Channel;

/** The beans that Spring Boot would make, and those of the application. */
@org.springframework.context.annotation.Configuration
@EnableRabbit
@Import(Listeners.class)
public class Configuration {
    static final LinkedBlockingQueue<String> returned = new LinkedBlockingQueue<>();
    static final List<String> closed = Collections.synchronizedList(new ArrayList<>());

    static CachingConnectionFactory plain() {
        CachingConnectionFactory factory = new CachingConnectionFactory();
        factory.setAddresses(System.getProperty("address"));
        factory.setUsername("guest");
        factory.setPassword("guest");
        return factory;
    }

    @Bean
    public CachingConnectionFactory connectionFactory() {
        CachingConnectionFactory factory = plain();
        factory.setPublisherConfirmType(ConfirmType.CORRELATED);
        factory.setPublisherReturns(true);
        factory.addChannelListener(new ChannelListener() {
            @Override
            public void onCreate(Channel channel, boolean transactional) {}

            @Override
            public void onShutDown(ShutdownSignalException signal) {
                if (signal.getReason() instanceof com.rabbitmq.client.AMQP.Channel.Close close
                        && close.getReplyCode() != 200) {
                    closed.add(close.getReplyCode() + " " + close.getReplyText());
                }
            }
        });
        return factory;
    }

    @Bean
    public MessageConverter converter() {
        return new Jackson2JsonMessageConverter();
    }

    @Bean
    public RabbitAdmin rabbitAdmin(ConnectionFactory factory) {
        return new RabbitAdmin(factory);
    }

    @Bean
    public RabbitTemplate rabbitTemplate(ConnectionFactory factory, MessageConverter converter) {
        RabbitTemplate template = new RabbitTemplate(factory);
        template.setMessageConverter(converter);
        template.setMandatory(true);
        template.setReturnsCallback(back ->
            returned.add(back.getReplyText() + " " + back.getRoutingKey()));
        return template;
    }

    @Bean
    public Declarables topology() {
        Queue dead = QueueBuilder.durable("fragile.dead").build();
        DirectExchange exchange = new DirectExchange("fragile.dlx");
        return new Declarables(
            QueueBuilder.durable("plain").maxPriority(5).build(),
            QueueBuilder.durable("squares").build(),
            QueueBuilder.durable("fragile").deadLetterExchange("fragile.dlx")
                .deadLetterRoutingKey("dead").build(),
            dead, exchange, BindingBuilder.bind(dead).to(exchange).with("dead"));
    }

    private static SimpleRabbitListenerContainerFactory factory(
            ConnectionFactory connections, MessageConverter converter) {
        SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
        factory.setConnectionFactory(connections);
        factory.setMessageConverter(converter);
        return factory;
    }

    @Bean
    public SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(
            ConnectionFactory connections, MessageConverter converter) {
        return factory(connections, converter);
    }

    @Bean
    public SimpleRabbitListenerContainerFactory manual(
            ConnectionFactory connections, MessageConverter converter) {
        SimpleRabbitListenerContainerFactory factory = factory(connections, converter);
        factory.setAcknowledgeMode(AcknowledgeMode.MANUAL);
        factory.setPrefetchCount(1);
        return factory;
    }

    @Bean
    public SimpleRabbitListenerContainerFactory retrying(
            ConnectionFactory connections, MessageConverter converter) {
        SimpleRabbitListenerContainerFactory factory = factory(connections, converter);
        factory.setAdviceChain(RetryInterceptorBuilder.stateless().maxRetries(2)
            .backOffOptions(50, 2, 200).recoverer(new RejectAndDontRequeueRecoverer()).build());
        factory.setDefaultRequeueRejected(false);
        return factory;
    }
}
