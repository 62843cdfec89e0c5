// Command sarama carries out the operations of driver.ts with IBM's sarama.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"sabir/clients/wire"

	"github.com/IBM/sarama"
)

type driver struct {
	address string
	client  sarama.Client
	admin   sarama.ClusterAdmin
	members map[string]*member
}

func main() {
	d := &driver{address: os.Args[1], members: map[string]*member{}}
	client, err := sarama.NewClient([]string{d.address}, settings())
	if err != nil {
		panic(err)
	}
	d.client = client
	if d.admin, err = sarama.NewClusterAdminFromClient(client); err != nil {
		panic(err)
	}
	operations := map[string]wire.Perform{
		"produce": d.produce, "consume": d.consume, "offsets": d.offsets,
		"join": d.join, "assignment": d.assignment, "poll": d.poll, "commit": d.commit,
		"leave": d.leave,
	}
	for name, perform := range d.administration() {
		operations[name] = perform
	}
	wire.Serve(operations, codeOf)
}

func settings() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.ClientID = "scenario"
	config.Metadata.Retry.Backoff = 100 * time.Millisecond
	config.Producer.Return.Successes = true
	config.Producer.MaxMessageBytes = 10_000_000
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	config.Consumer.Group.Session.Timeout = 10 * time.Second
	config.Consumer.Group.Rebalance.Timeout = 10 * time.Second
	return config
}

func codeOf(err error) (int, bool) {
	var plain sarama.KError
	if errors.As(err, &plain) {
		return int(plain), true
	}
	var topic *sarama.TopicError
	if errors.As(err, &topic) {
		return int(topic.Err), true
	}
	var partitions *sarama.TopicPartitionError
	if errors.As(err, &partitions) {
		return int(partitions.Err), true
	}
	var failures sarama.ProducerErrors
	if errors.As(err, &failures) {
		return codeOf(failures[0].Err)
	}
	return 0, false
}

var codecs = map[string]sarama.CompressionCodec{
	"": sarama.CompressionNone, "none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4,
	"zstd": sarama.CompressionZSTD,
}

func (d *driver) produce(args wire.Args) (any, error) {
	config := settings()
	config.Producer.Compression = codecs[args.Compression]
	config.Producer.RequiredAcks = sarama.WaitForAll
	if args.Acks != nil {
		config.Producer.RequiredAcks = sarama.RequiredAcks(*args.Acks)
	}
	if args.Idempotent {
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1
	}
	if len(args.Records) > 0 && args.Records[0].Partition != nil {
		config.Producer.Partitioner = sarama.NewManualPartitioner
	}
	producer, err := sarama.NewSyncProducer([]string{d.address}, config)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	messages := []*sarama.ProducerMessage{}
	for _, row := range args.Records {
		messages = append(messages, messageOf(args.Topic, row))
	}
	if err := producer.SendMessages(messages); err != nil {
		return nil, err
	}
	placed := []wire.Placed{}
	for _, message := range messages {
		placed = append(placed, wire.Placed{Partition: message.Partition, Offset: message.Offset})
	}
	return placed, nil
}

func messageOf(topic string, row wire.Row) *sarama.ProducerMessage {
	message := &sarama.ProducerMessage{Topic: topic}
	if row.Key != nil {
		message.Key = sarama.StringEncoder(*row.Key)
	}
	if row.Value != nil {
		message.Value = sarama.StringEncoder(*row.Value)
	}
	if row.Partition != nil {
		message.Partition = *row.Partition
	}
	if row.Timestamp != nil {
		message.Timestamp = time.UnixMilli(*row.Timestamp)
	}
	for name, text := range row.Headers {
		header := sarama.RecordHeader{Key: []byte(name), Value: []byte(text)}
		message.Headers = append(message.Headers, header)
	}
	return message
}

func (d *driver) consume(args wire.Args) (any, error) {
	_, offset, at := wire.Start(args.From)
	start := sarama.OffsetOldest
	if offset != nil {
		start = *offset
	} else if at != nil {
		found, err := d.client.GetOffset(args.Topic, args.Partition, *at)
		if err != nil {
			return nil, err
		}
		start = found
	}
	consumer, err := sarama.NewConsumer([]string{d.address}, settings())
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(args.Topic, args.Partition, start)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	read := []wire.Found{}
	timeout := time.After(20 * time.Second)
	for len(read) < args.Count {
		select {
		case message := <-partition.Messages():
			read = append(read, found(message))
		case <-timeout:
			return nil, fmt.Errorf("%d of %d records came", len(read), args.Count)
		}
	}
	return read, nil
}

func found(message *sarama.ConsumerMessage) wire.Found {
	headers := map[string]string{}
	for _, header := range message.Headers {
		headers[string(header.Key)] = string(header.Value)
	}
	return wire.Found{
		Partition: message.Partition, Offset: message.Offset, Key: wire.Text(message.Key),
		Value: wire.Text(message.Value), Headers: headers,
		Timestamp: message.Timestamp.UnixMilli(),
	}
}

func (d *driver) offsets(args wire.Args) (any, error) {
	end, _, at := wire.Start(args.At)
	time := sarama.OffsetNewest
	if at != nil {
		time = *at
	} else if end == "earliest" {
		time = sarama.OffsetOldest
	}
	offset, err := d.client.GetOffset(args.Topic, args.Partition, time)
	return map[string]int64{"offset": offset}, err
}

// A member consumes in goroutines of the library until it leaves.
type member struct {
	group   sarama.ConsumerGroup
	inbox   *wire.Inbox
	topic   string
	stop    context.CancelFunc
	done    chan struct{}
	lock    sync.Mutex
	session sarama.ConsumerGroupSession
}

func (one *member) Setup(session sarama.ConsumerGroupSession) error {
	one.lock.Lock()
	defer one.lock.Unlock()
	one.session = session
	owned := append([]int32{}, session.Claims()[one.topic]...)
	sort.Slice(owned, func(a, b int) bool { return owned[a] < owned[b] })
	one.inbox.Own(owned)
	return nil
}

func (one *member) Cleanup(sarama.ConsumerGroupSession) error {
	one.inbox.Own([]int32{})
	return nil
}

func (one *member) ConsumeClaim(_ sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		one.inbox.Put(found(message))
	}
	return nil
}

func (d *driver) join(args wire.Args) (any, error) {
	config := settings()
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	if args.Reset == "latest" {
		config.Consumer.Offsets.Initial = sarama.OffsetNewest
	}
	config.Consumer.Group.InstanceId = args.InstanceID
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{
		sarama.NewBalanceStrategyRange(),
	}
	group, err := sarama.NewConsumerGroup([]string{d.address}, args.Group, config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	one := &member{
		group: group, inbox: wire.NewInbox(), topic: args.Topic, stop: cancel,
		done: make(chan struct{}),
	}
	go func() {
		defer close(one.done)
		for ctx.Err() == nil {
			if err := group.Consume(ctx, []string{args.Topic}, one); err != nil {
				time.Sleep(100 * time.Millisecond)
			}
		}
	}()
	d.members[args.Member] = one
	return nil, nil
}

func (d *driver) assignment(args wire.Args) (any, error) {
	return map[string][]int32{"partitions": d.members[args.Member].inbox.Partitions()}, nil
}

func (d *driver) poll(args wire.Args) (any, error) {
	return d.members[args.Member].inbox.Take(args.Count, args.TimeoutMs), nil
}

func (d *driver) commit(args wire.Args) (any, error) {
	one := d.members[args.Member]
	one.lock.Lock()
	defer one.lock.Unlock()
	for partition, offset := range one.inbox.Handed() {
		one.session.MarkOffset(one.topic, partition, offset, "")
	}
	one.session.Commit()
	return nil, nil
}

func (d *driver) leave(args wire.Args) (any, error) {
	one := d.members[args.Member]
	delete(d.members, args.Member)
	one.stop()
	<-one.done
	return nil, one.group.Close()
}
