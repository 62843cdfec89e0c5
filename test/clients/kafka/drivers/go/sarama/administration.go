package main

import (
	"errors"
	"strconv"

	"sabir/clients/wire"

	"github.com/IBM/sarama"
)

// The operations that go through the admin client.
func (d *driver) administration() map[string]wire.Perform {
	return map[string]wire.Perform{
		"createTopic": d.createTopic, "listTopics": d.listTopics,
		"describeTopic": d.describeTopic, "describeConfigs": d.describeConfigs,
		"alterConfigs": d.alterConfigs, "logDirs": d.logDirs, "cluster": d.cluster,
		"listGroups": d.listGroups, "describeGroup": d.describeGroup, "committed": d.committed,
		"deleteTopic": func(args wire.Args) (any, error) {
			return nil, d.admin.DeleteTopic(args.Topic)
		},
		"createPartitions": func(args wire.Args) (any, error) {
			return nil, d.admin.CreatePartitions(args.Topic, int32(args.Total), nil, false)
		},
		"deleteRecords": func(args wire.Args) (any, error) {
			before := map[int32]int64{args.Partition: args.Before}
			return nil, d.admin.DeleteRecords(args.Topic, before)
		},
		"deleteGroup": func(args wire.Args) (any, error) {
			return nil, d.admin.DeleteConsumerGroup(args.Group)
		},
		"deleteOffsets": func(args wire.Args) (any, error) {
			return nil, d.admin.DeleteConsumerGroupOffset(args.Group, args.Topic, args.Partition)
		},
	}
}

func (d *driver) createTopic(args wire.Args) (any, error) {
	detail := &sarama.TopicDetail{
		NumPartitions: args.Partitions, ReplicationFactor: 1, ConfigEntries: map[string]*string{},
	}
	for name, value := range args.Configs {
		detail.ConfigEntries[name] = &value
	}
	return nil, d.admin.CreateTopic(args.Topic, detail, false)
}

func (d *driver) listTopics(wire.Args) (any, error) {
	topics, err := d.admin.ListTopics()
	names := []string{}
	for name := range topics {
		names = append(names, name)
	}
	return names, err
}

func (d *driver) describeTopic(args wire.Args) (any, error) {
	topics, err := d.admin.DescribeTopics([]string{args.Topic})
	if err != nil {
		return nil, err
	}
	return map[string]int{"partitions": len(topics[0].Partitions)}, nil
}

func (d *driver) describeConfigs(args wire.Args) (any, error) {
	resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: args.Topic}
	entries, err := d.admin.DescribeConfig(resource)
	values := map[string]string{}
	for _, entry := range entries {
		values[entry.Name] = entry.Value
	}
	return values, err
}

func (d *driver) alterConfigs(args wire.Args) (any, error) {
	entries := map[string]sarama.IncrementalAlterConfigsEntry{}
	for name, value := range args.Set {
		entries[name] = sarama.IncrementalAlterConfigsEntry{
			Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value,
		}
	}
	err := d.admin.IncrementalAlterConfig(sarama.TopicResource, args.Topic, entries, false)
	return nil, err
}

func (d *driver) logDirs(args wire.Args) (any, error) {
	brokers, _, err := d.admin.DescribeCluster()
	if err != nil {
		return nil, err
	}
	folders, err := d.admin.DescribeLogDirs([]int32{brokers[0].ID()})
	sizes := map[string]int64{}
	for _, folder := range folders[brokers[0].ID()] {
		for _, topic := range folder.Topics {
			for _, partition := range topic.Partitions {
				if topic.Topic == args.Topic {
					sizes[strconv.Itoa(int(partition.PartitionID))] = partition.Size
				}
			}
		}
	}
	return sizes, err
}

func (d *driver) cluster(wire.Args) (any, error) {
	brokers, controller, err := d.admin.DescribeCluster()
	if err != nil {
		return nil, err
	}
	about, err := d.client.LeastLoadedBroker().GetMetadata(sarama.NewMetadataRequest(
		sarama.MaxVersion, []string{}))
	if err != nil || about.ClusterID == nil {
		return nil, errors.Join(err, errors.New("the cluster has no id"))
	}
	return map[string]any{
		"brokers": len(brokers), "controller": controller, "clusterId": *about.ClusterID,
	}, nil
}

func (d *driver) listGroups(wire.Args) (any, error) {
	groups, err := d.admin.ListConsumerGroups()
	names := []string{}
	for name := range groups {
		names = append(names, name)
	}
	return names, err
}

func (d *driver) describeGroup(args wire.Args) (any, error) {
	groups, err := d.admin.DescribeConsumerGroups([]string{args.Group})
	if err != nil {
		return nil, err
	}
	return map[string]any{"state": groups[0].State, "members": len(groups[0].Members)}, nil
}

func (d *driver) committed(args wire.Args) (any, error) {
	answer, err := d.admin.ListConsumerGroupOffsets(args.Group, nil)
	if err != nil {
		return nil, err
	}
	offsets := map[string]int64{}
	for partition, block := range answer.Blocks[args.Topic] {
		if block.Offset >= 0 {
			offsets[strconv.Itoa(int(partition))] = block.Offset
		}
	}
	return offsets, nil
}
