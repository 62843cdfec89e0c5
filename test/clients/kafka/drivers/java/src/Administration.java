import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** The operations that go through the admin client. */
final class Administration {
    private final Admin admin;

    Administration(String address) {
        admin = Admin.create(Driver.settings(address));
    }

    Object perform(String operation, JsonNode args) throws Exception {
        switch (operation) {
            case "createTopic": return createTopic(args);
            case "deleteTopic": return admin.deleteTopics(List.of(topic(args))).all().get();
            case "listTopics": return admin.listTopics().names().get();
            case "describeTopic":
                return Map.of("partitions", admin.describeTopics(List.of(topic(args)))
                    .allTopicNames().get().get(topic(args)).partitions().size());
            case "createPartitions":
                NewPartitions total = NewPartitions.increaseTo(args.get("total").asInt());
                return admin.createPartitions(Map.of(topic(args), total)).all().get();
            case "describeConfigs": return describeConfigs(args);
            case "alterConfigs": return alterConfigs(args);
            case "deleteRecords":
                return admin.deleteRecords(Map.of(
                    place(args), RecordsToDelete.beforeOffset(args.get("before").asLong())))
                    .all().get();
            case "offsets": return offsets(args);
            case "logDirs": return logDirs(args);
            case "cluster": return cluster();
            default: return group(operation, args);
        }
    }

    private Object group(String operation, JsonNode args) throws Exception {
        String group = args.path("group").asText();
        switch (operation) {
            case "listGroups":
                List<String> names = new ArrayList<>();
                admin.listGroups().all().get().forEach(listing -> names.add(listing.groupId()));
                return names;
            case "describeGroup":
                ConsumerGroupDescription found =
                    admin.describeConsumerGroups(List.of(group)).all().get().get(group);
                return Map.of("state", found.groupState().toString(), "members", found.members().size());
            case "deleteGroup": return admin.deleteConsumerGroups(List.of(group)).all().get();
            case "committed":
                Map<String, Long> committed = new HashMap<>();
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
                    .forEach((place, offset) -> {
                        if (place.topic().equals(topic(args)) && offset != null) {
                            committed.put(String.valueOf(place.partition()), offset.offset());
                        }
                    });
                return committed;
            case "alterOffsets":
                OffsetAndMetadata offset = new OffsetAndMetadata(args.get("offset").asLong());
                return admin.alterConsumerGroupOffsets(group, Map.of(place(args), offset)).all().get();
            case "deleteOffsets":
                return admin.deleteConsumerGroupOffsets(group, Set.of(place(args))).all().get();
            default: throw new IllegalArgumentException(operation);
        }
    }

    private Object createTopic(JsonNode args) throws Exception {
        Map<String, String> configs = new HashMap<>();
        args.path("configs").properties().forEach(one ->
            configs.put(one.getKey(), one.getValue().asText()));
        NewTopic topic = new NewTopic(
            topic(args), Optional.of(args.get("partitions").asInt()), Optional.empty());
        return admin.createTopics(List.of(topic.configs(configs))).all().get();
    }

    private Object describeConfigs(JsonNode args) throws Exception {
        Map<String, String> values = new HashMap<>();
        ConfigResource resource = resource(args);
        admin.describeConfigs(List.of(resource)).all().get().get(resource).entries()
            .forEach(entry -> values.put(entry.name(), entry.value()));
        return values;
    }

    private Object alterConfigs(JsonNode args) throws Exception {
        List<AlterConfigOp> steps = new ArrayList<>();
        args.get("set").properties().forEach(one -> steps.add(new AlterConfigOp(
            new ConfigEntry(one.getKey(), one.getValue().asText()), AlterConfigOp.OpType.SET)));
        return admin.incrementalAlterConfigs(Map.of(resource(args), steps)).all().get();
    }

    private Object offsets(JsonNode args) throws Exception {
        JsonNode at = args.get("at");
        OffsetSpec spec = at.isNumber()
            ? OffsetSpec.forTimestamp(at.asLong())
            : at.asText().equals("earliest") ? OffsetSpec.earliest() : OffsetSpec.latest();
        TopicPartition place = place(args);
        return Map.of(
            "offset", admin.listOffsets(Map.of(place, spec)).partitionResult(place).get().offset());
    }

    private Object logDirs(JsonNode args) throws Exception {
        Map<String, Long> sizes = new HashMap<>();
        int broker = admin.describeCluster().nodes().get().iterator().next().id();
        admin.describeLogDirs(List.of(broker)).allDescriptions().get().get(broker).values()
            .forEach(folder -> folder.replicaInfos().forEach((place, replica) -> {
                if (place.topic().equals(topic(args))) {
                    sizes.put(String.valueOf(place.partition()), replica.size());
                }
            }));
        return sizes;
    }

    private Object cluster() throws Exception {
        DescribeClusterResult found = admin.describeCluster();
        return Map.of(
            "brokers", found.nodes().get().size(),
            "controller", found.controller().get().id(),
            "clusterId", found.clusterId().get());
    }

    private static String topic(JsonNode args) {
        return args.path("topic").asText();
    }

    private static TopicPartition place(JsonNode args) {
        return new TopicPartition(topic(args), args.get("partition").asInt());
    }

    private static ConfigResource resource(JsonNode args) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic(args));
    }
}
