package main

import (
	"errors"

	"sabir/clients/wire"

	"github.com/twmb/franz-go/pkg/kadm"
)

// The operations that go through the admin client.
func (d *driver) administration() map[string]wire.Perform {
	operations := map[string]wire.Perform{
		"createTopic": d.createTopic, "describeConfigs": d.describeConfigs,
		"alterConfigs": d.alterConfigs, "listTopics": d.listTopics,
		"describeTopic": d.describeTopic, "logDirs": d.logDirs, "cluster": d.cluster,
		"listGroups": d.listGroups, "describeGroup": d.describeGroup, "committed": d.committed,
	}
	operations["deleteTopic"] = func(args wire.Args) (any, error) {
		ctx, cancel := within()
		defer cancel()
		_, err := d.admin.DeleteTopic(ctx, args.Topic)
		return nil, err
	}
	operations["createPartitions"] = func(args wire.Args) (any, error) {
		ctx, cancel := within()
		defer cancel()
		answers, err := d.admin.UpdatePartitions(ctx, args.Total, args.Topic)
		return nil, errors.Join(err, answers.Error())
	}
	operations["deleteRecords"] = func(args wire.Args) (any, error) {
		ctx, cancel := within()
		defer cancel()
		places := kadm.Offsets{}
		places.AddOffset(args.Topic, args.Partition, args.Before, -1)
		answers, err := d.admin.DeleteRecords(ctx, places)
		return nil, errors.Join(err, answers.Error())
	}
	operations["deleteGroup"] = func(args wire.Args) (any, error) {
		ctx, cancel := within()
		defer cancel()
		_, err := d.admin.DeleteGroup(ctx, args.Group)
		return nil, err
	}
	operations["alterOffsets"] = func(args wire.Args) (any, error) {
		ctx, cancel := within()
		defer cancel()
		places := kadm.Offsets{}
		places.AddOffset(args.Topic, args.Partition, args.Offset, -1)
		return nil, d.admin.CommitAllOffsets(ctx, args.Group, places)
	}
	operations["deleteOffsets"] = func(args wire.Args) (any, error) {
		ctx, cancel := within()
		defer cancel()
		places := kadm.TopicsSet{}
		places.Add(args.Topic, args.Partition)
		answers, err := d.admin.DeleteOffsets(ctx, args.Group, places)
		return nil, errors.Join(err, answers.Error())
	}
	return operations
}

func (d *driver) createTopic(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	configs := map[string]*string{}
	for name, value := range args.Configs {
		configs[name] = kadm.StringPtr(value)
	}
	_, err := d.admin.CreateTopic(ctx, args.Partitions, -1, configs, args.Topic)
	return nil, err
}

func (d *driver) listTopics(wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	topics, err := d.admin.ListTopics(ctx)
	return topics.Names(), err
}

func (d *driver) describeTopic(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	topics, err := d.admin.ListTopics(ctx, args.Topic)
	return map[string]int{"partitions": len(topics[args.Topic].Partitions)}, err
}

func (d *driver) describeConfigs(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	resources, err := d.admin.DescribeTopicConfigs(ctx, args.Topic)
	if err != nil {
		return nil, err
	}
	resource, err := resources.On(args.Topic, nil)
	values := map[string]string{}
	for _, config := range resource.Configs {
		values[config.Key] = config.MaybeValue()
	}
	return values, err
}

func (d *driver) alterConfigs(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	steps := []kadm.AlterConfig{}
	for name, value := range args.Set {
		steps = append(steps, kadm.AlterConfig{Name: name, Value: kadm.StringPtr(value)})
	}
	answers, err := d.admin.AlterTopicConfigs(ctx, steps, args.Topic)
	if err != nil {
		return nil, err
	}
	answer, err := answers.On(args.Topic, nil)
	return nil, errors.Join(err, answer.Err)
}

func (d *driver) logDirs(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	brokers, err := d.admin.DescribeAllLogDirs(ctx, nil)
	sizes := map[string]int64{}
	brokers.Each(func(folder kadm.DescribedLogDir) {
		folder.Topics.Each(func(place kadm.DescribedLogDirPartition) {
			if place.Topic == args.Topic {
				sizes[keyOf(place.Partition)] = place.Size
			}
		})
	})
	return sizes, err
}

func (d *driver) cluster(wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	about, err := d.admin.BrokerMetadata(ctx)
	return map[string]any{
		"brokers": len(about.Brokers), "controller": about.Controller, "clusterId": about.Cluster,
	}, err
}

func (d *driver) listGroups(wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	groups, err := d.admin.ListGroups(ctx)
	return groups.Groups(), err
}

func (d *driver) describeGroup(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	groups, err := d.admin.DescribeGroups(ctx, args.Group)
	if err != nil {
		return nil, err
	}
	group, err := groups.On(args.Group, nil)
	return map[string]any{"state": group.State, "members": len(group.Members)}, err
}

func (d *driver) committed(args wire.Args) (any, error) {
	ctx, cancel := within()
	defer cancel()
	answers, err := d.admin.FetchOffsets(ctx, args.Group)
	offsets := map[string]int64{}
	answers.Each(func(one kadm.OffsetResponse) {
		if one.Topic == args.Topic && one.At >= 0 {
			offsets[keyOf(one.Partition)] = one.At
		}
	})
	return offsets, err
}
