// Command franz carries out the operations of driver.ts with franz-go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"sabir/clients/wire"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

type driver struct {
	address string
	client  *kgo.Client
	admin   *kadm.Client
	members map[string]*member
}

func main() {
	d := &driver{address: os.Args[1], members: map[string]*member{}}
	d.client = d.connect()
	d.admin = kadm.NewClient(d.client)
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

func (d *driver) connect(options ...kgo.Opt) *kgo.Client {
	base := []kgo.Opt{
		kgo.SeedBrokers(d.address), kgo.AllowAutoTopicCreation(),
		kgo.MetadataMinAge(100 * time.Millisecond),
	}
	client, err := kgo.NewClient(append(base, options...)...)
	if err != nil {
		panic(err)
	}
	return client
}

func codeOf(err error) (int, bool) {
	var known *kerr.Error
	if errors.As(err, &known) {
		return int(known.Code), true
	}
	return 0, false
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 25*time.Second)
}

var codecs = map[string]kgo.CompressionCodec{
	"": kgo.NoCompression(), "none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

func (d *driver) produce(args wire.Args) (any, error) {
	options := []kgo.Opt{
		kgo.ProducerBatchCompression(codecs[args.Compression]),
		kgo.ProducerBatchMaxBytes(10_000_000), kgo.BrokerMaxWriteBytes(20_000_000),
		kgo.UnknownTopicRetries(100),
	}
	acks := kgo.AllISRAcks()
	if args.Acks != nil && *args.Acks == 0 {
		acks = kgo.NoAck()
	} else if args.Acks != nil && *args.Acks == 1 {
		acks = kgo.LeaderAck()
	}
	options = append(options, kgo.RequiredAcks(acks))
	if !args.Idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	records := []*kgo.Record{}
	for _, row := range args.Records {
		record := &kgo.Record{
			Topic: args.Topic, Key: wire.Bytes(row.Key), Value: wire.Bytes(row.Value),
		}
		if row.Partition != nil {
			record.Partition = *row.Partition
		}
		if row.Timestamp != nil {
			record.Timestamp = time.UnixMilli(*row.Timestamp)
		}
		for name, text := range row.Headers {
			header := kgo.RecordHeader{Key: name, Value: []byte(text)}
			record.Headers = append(record.Headers, header)
		}
		records = append(records, record)
	}
	if len(args.Records) > 0 && args.Records[0].Partition != nil {
		options = append(options, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	}
	client := d.connect(options...)
	defer client.Close()
	ctx, cancel := within()
	defer cancel()
	results := client.ProduceSync(ctx, records...)
	placed := []wire.Placed{}
	for _, result := range results {
		if result.Err != nil {
			return nil, result.Err
		}
		where := wire.Placed{Partition: result.Record.Partition, Offset: result.Record.Offset}
		placed = append(placed, where)
	}
	return placed, nil
}

func (d *driver) consume(args wire.Args) (any, error) {
	end, offset, at := wire.Start(args.From)
	start := kgo.NewOffset().AtStart()
	if offset != nil {
		start = kgo.NewOffset().At(*offset)
	} else if at != nil {
		start = kgo.NewOffset().AfterMilli(*at)
	} else if end != "earliest" {
		return nil, fmt.Errorf("cannot start at %s", end)
	}
	places := map[string]map[int32]kgo.Offset{args.Topic: {args.Partition: start}}
	client := d.connect(kgo.ConsumePartitions(places), kgo.FetchMaxWait(100*time.Millisecond))
	defer client.Close()
	ctx, cancel := within()
	defer cancel()
	read := []wire.Found{}
	for len(read) < args.Count {
		fetches := client.PollRecords(ctx, args.Count-len(read))
		if err := fetches.Err0(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(record *kgo.Record) { read = append(read, found(record)) })
	}
	return read, nil
}

func found(record *kgo.Record) wire.Found {
	headers := map[string]string{}
	for _, header := range record.Headers {
		headers[header.Key] = string(header.Value)
	}
	return wire.Found{
		Partition: record.Partition, Offset: record.Offset, Key: wire.Text(record.Key),
		Value: wire.Text(record.Value), Headers: headers, Timestamp: record.Timestamp.UnixMilli(),
	}
}

func (d *driver) offsets(args wire.Args) (any, error) {
	end, _, at := wire.Start(args.At)
	ctx, cancel := within()
	defer cancel()
	var listed kadm.ListedOffsets
	var err error
	if at != nil {
		listed, err = d.admin.ListOffsetsAfterMilli(ctx, *at, args.Topic)
	} else if end == "earliest" {
		listed, err = d.admin.ListStartOffsets(ctx, args.Topic)
	} else {
		listed, err = d.admin.ListEndOffsets(ctx, args.Topic)
	}
	if err != nil {
		return nil, err
	}
	one, _ := listed.Lookup(args.Topic, args.Partition)
	return map[string]int64{"offset": one.Offset}, one.Err
}

// A member polls in a goroutine of its own until it leaves.
type member struct {
	client *kgo.Client
	inbox  *wire.Inbox
	topic  string
	stop   context.CancelFunc
	done   chan struct{}
}

func (d *driver) join(args wire.Args) (any, error) {
	one := &member{inbox: wire.NewInbox(), topic: args.Topic, done: make(chan struct{})}
	owned := map[int32]bool{}
	tell := func() {
		list := []int32{}
		for partition := range owned {
			list = append(list, partition)
		}
		sort.Slice(list, func(a, b int) bool { return list[a] < list[b] })
		one.inbox.Own(list)
	}
	change := func(isOwned bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, changed map[string][]int32) {
			for _, partition := range changed[args.Topic] {
				if isOwned {
					owned[partition] = true
				} else {
					delete(owned, partition)
				}
			}
			tell()
		}
	}
	reset, strategy := kgo.NewOffset().AtStart(), kgo.RangeBalancer()
	if args.Reset == "latest" {
		reset = kgo.NewOffset().AtEnd()
	}
	if args.Strategy == "cooperative-sticky" {
		strategy = kgo.CooperativeStickyBalancer()
	}
	options := []kgo.Opt{
		kgo.ConsumerGroup(args.Group), kgo.ConsumeTopics(args.Topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(reset), kgo.Balancers(strategy),
		kgo.HeartbeatInterval(200 * time.Millisecond), kgo.SessionTimeout(10 * time.Second),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.OnPartitionsAssigned(change(true)), kgo.OnPartitionsRevoked(change(false)),
		kgo.OnPartitionsLost(change(false)),
	}
	if args.InstanceID != "" {
		options = append(options, kgo.InstanceID(args.InstanceID))
	}
	one.client = d.connect(options...)
	ctx, cancel := context.WithCancel(context.Background())
	one.stop = cancel
	go func() {
		defer close(one.done)
		for ctx.Err() == nil {
			fetches := one.client.PollFetches(ctx)
			fetches.EachRecord(func(record *kgo.Record) { one.inbox.Put(found(record)) })
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
	records := []*kgo.Record{}
	for partition, offset := range one.inbox.Handed() {
		record := &kgo.Record{Topic: one.topic, Partition: partition, Offset: offset - 1}
		record.LeaderEpoch = -1
		records = append(records, record)
	}
	ctx, cancel := within()
	defer cancel()
	return nil, one.client.CommitRecords(ctx, records...)
}

func (d *driver) leave(args wire.Args) (any, error) {
	one := d.members[args.Member]
	delete(d.members, args.Member)
	one.stop()
	<-one.done
	one.client.Close()
	return nil, nil
}

func keyOf(partition int32) string { return strconv.Itoa(int(partition)) }
