// What users do with go-redis. Each note is a line of JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var ctx = context.Background()

func note(label string, value any) {
	line, err := json.Marshal(map[string]any{"label": label, "value": value})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func told(value any, err error) any {
	if err != nil {
		return err.Error()
	}
	return value
}

func main() {
	protocol, _ := strconv.Atoi(os.Args[2])
	client := redis.NewClient(&redis.Options{Addr: os.Args[1], Protocol: protocol})
	defer client.Close()
	note("flushed", told(client.FlushAll(ctx).Result()))
	values(client)
	lists(client)
	transactions(client)
	channels(client)
	streams(client)
	scripts(client)
}

func values(client *redis.Client) {
	note("set", told(client.Set(ctx, "k", "v", time.Minute).Result()))
	note("get", told(client.Get(ctx, "k").Result()))
	_, err := client.Get(ctx, "missing").Result()
	note("missing", errors.Is(err, redis.Nil))
	note("incr", told(client.IncrBy(ctx, "n", 41).Result()))
	client.HSet(ctx, "h", "f", "v", "g", 1)
	note("hash", told(client.HGetAll(ctx, "h").Result()))
	client.SAdd(ctx, "s", "a", "b")
	members, _ := client.SMembers(ctx, "s").Result()
	sort.Strings(members)
	note("members", members)
	client.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "one"}, redis.Z{Score: 2.5, Member: "two"})
	note("sorted", told(client.ZRangeWithScores(ctx, "z", 0, -1).Result()))
	note("wrong type", told(client.LPush(ctx, "k", "x").Result()))
	note("slice", told(client.MGet(ctx, "k", "missing").Result()))
}

func lists(client *redis.Client) {
	pipe := client.Pipeline()
	for index := 0; index < 100_000; index++ {
		pipe.RPush(ctx, "l", index)
	}
	commands, err := pipe.Exec(ctx)
	note("pipeline", told(len(commands), err))
	note("length", told(client.LLen(ctx, "l").Result()))
	taken := make(chan any)
	go func() { taken <- told(client.BRPop(ctx, 10*time.Second, "q").Result()) }()
	time.Sleep(50 * time.Millisecond)
	client.LPush(ctx, "q", "x")
	note("waited for", <-taken)
	note("moved", told(client.LMove(ctx, "l", "m", "left", "right").Result()))
	note("nothing", told(client.BLPop(ctx, 1*time.Second, "q").Result()))
}

func transactions(client *redis.Client) {
	commands, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, "t", 1, 0)
		pipe.Incr(ctx, "t")
		return nil
	})
	note("transaction", told(len(commands), err))
	err = client.Watch(ctx, func(tx *redis.Tx) error {
		client.Set(ctx, "t", "changed", 0)
		_, err := tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Set(ctx, "t", "mine", 0)
			return nil
		})
		return err
	}, "t")
	note("watched", err.Error())
	note("unchanged", told(client.Get(ctx, "t").Result()))
}

func channels(client *redis.Client) {
	subscriber := client.Subscribe(ctx, "c")
	defer subscriber.Close()
	subscriber.Receive(ctx)
	note("reached", told(client.Publish(ctx, "c", "hello").Result()))
	message := <-subscriber.Channel()
	note("received", []string{message.Channel, message.Payload})
}

func streams(client *redis.Client) {
	note("group", told(client.XGroupCreateMkStream(ctx, "x", "g", "0").Result()))
	for index := 1; index <= 3; index++ {
		client.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: fmt.Sprintf("%d-1", index), Values: []any{"n", index}})
	}
	note("read", told(client.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: "g", Consumer: "anna", Streams: []string{"x", ">"}, Count: 2, Block: time.Second,
	}).Result()))
	note("pending", told(client.XPending(ctx, "x", "g").Result()))
	note("acknowledged", told(client.XAck(ctx, "x", "g", "1-1").Result()))
	messages, start, err := client.XAutoClaim(ctx, &redis.XAutoClaimArgs{
		Stream: "x", Group: "g", Consumer: "bert", Start: "0",
	}).Result()
	note("claimed", told([]any{messages, start}, err))
	note("groups", told(client.XInfoGroups(ctx, "x").Result()))
}

func scripts(client *redis.Client) {
	script := redis.NewScript("return {KEYS[1], redis.call('INCRBY', KEYS[1], ARGV[1])}")
	for index := 0; index < 2; index++ {
		note(fmt.Sprintf("script %d", index), told(script.Run(ctx, client, []string{"sn"}, 5).Result()))
	}
	seen := map[string]bool{}
	iterator := client.Scan(ctx, 0, "*", 10).Iterator()
	for iterator.Next(ctx) {
		seen[iterator.Val()] = true
	}
	note("scanned", told(len(seen), iterator.Err()))
}
