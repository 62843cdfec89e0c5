package main

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A channel, and what the broker sent on it until a scenario asks.
type opened struct {
	*amqp.Channel
	connection *amqp.Connection
	confirms   bool
	deliveries chan any
	returned   chan amqp.Return
	cancelled  chan any
	ended      chan *amqp.Error
}

const inboxMax = 10_000

func newOpened(connection *amqp.Connection, channel *amqp.Channel) *opened {
	on := &opened{
		Channel:    channel,
		connection: connection,
		deliveries: make(chan any, inboxMax),
		returned:   channel.NotifyReturn(make(chan amqp.Return, inboxMax)),
		cancelled:  make(chan any, inboxMax),
		ended:      channel.NotifyClose(make(chan *amqp.Error, 1)),
	}
	cancels := channel.NotifyCancel(make(chan string))
	go func() {
		for tag := range cancels {
			on.cancelled <- map[string]any{"tag": tag}
		}
	}()
	return on
}

func (on *opened) closed() (any, error) {
	select {
	case reason := <-on.ended:
		if reason == nil {
			return nil, errors.New("closed without a reason")
		}
		what := "channel"
		if on.connection.IsClosed() {
			what = "connection"
		}
		return map[string]any{"what": what, "code": reason.Code, "text": reason.Reason}, nil
	case <-time.After(waitMax):
		return nil, errors.New("it was not closed")
	}
}

func take[Item any](items chan Item, count int, waitMs *int) []Item {
	wait := waitMax
	if waitMs != nil {
		wait = time.Duration(*waitMs) * time.Millisecond
	}
	over := time.After(wait)
	taken := []Item{}
	for len(taken) < count {
		select {
		case item := <-items:
			taken = append(taken, item)
			continue
		default:
		}
		select {
		case item := <-items:
			taken = append(taken, item)
		case <-over:
			return taken
		}
	}
	return taken
}

func (on *opened) publish(a Args) (any, error) {
	var pending []*amqp.DeferredConfirmation
	for _, body := range a.Bodies {
		message := publishing(a.Properties, body)
		one, err := on.PublishWithDeferredConfirm(a.Exchange, a.Key, a.Mandatory, false, message)
		if err != nil {
			return nil, err
		}
		if one != nil {
			pending = append(pending, one)
		}
	}
	outcomes := []string{}
	ctx, stop := context.WithTimeout(context.Background(), waitMax)
	defer stop()
	for _, one := range pending {
		isAck, err := one.WaitContext(ctx)
		if err != nil {
			return nil, err
		}
		if isAck {
			outcomes = append(outcomes, "ack")
		} else {
			outcomes = append(outcomes, "nack")
		}
	}
	return outcomes, nil
}

func (on *opened) consume(a Args) error {
	received, err := on.Consume(a.Queue, a.name(), a.NoAck, a.Exclusive, false, false, table(a.Arguments))
	if err != nil {
		return err
	}
	go func() {
		for one := range received {
			on.deliveries <- delivered(one)
		}
	}()
	return nil
}

func (on *opened) get(a Args) (any, error) {
	got, isThere, err := on.Get(a.Queue, a.NoAck)
	if err != nil || !isThere {
		return nil, err
	}
	message := delivered(got)
	message["left"] = got.MessageCount
	return message, nil
}

func (on *opened) perform(op string, a Args) (any, error) {
	switch op {
	case "closeChannel":
		return nil, on.Close()
	case "qos":
		return nil, on.Qos(a.Count, 0, a.Global)
	case "confirmSelect":
		return nil, on.Confirm(false)
	case "publish":
		return on.publish(a)
	case "returned":
		messages := []any{}
		for _, back := range take(on.returned, a.Count, a.WaitMs) {
			messages = append(messages, returnedMessage(back))
		}
		return messages, nil
	case "get":
		return on.get(a)
	case "consume":
		return nil, on.consume(a)
	case "cancel":
		return nil, on.Cancel(a.name(), false)
	case "cancelled":
		return take(on.cancelled, 1, nil)[0], nil
	case "deliveries":
		return take(on.deliveries, a.Count, a.WaitMs), nil
	case "ack":
		return nil, on.Ack(a.number(), a.Multiple)
	case "nack":
		return nil, on.Nack(a.number(), a.Multiple, a.requeue())
	case "reject":
		return nil, on.Reject(a.number(), a.requeue())
	case "recover":
		return nil, on.Recover(true)
	case "txSelect":
		return nil, on.Tx()
	case "txCommit":
		return nil, on.TxCommit()
	case "txRollback":
		return nil, on.TxRollback()
	}
	return on.topology(op, a)
}

func (on *opened) topology(op string, a Args) (any, error) {
	args := table(a.Arguments)
	switch op {
	case "declareExchange":
		declare := on.ExchangeDeclare
		if a.Passive {
			declare = on.ExchangeDeclarePassive
		}
		return nil, declare(a.Exchange, a.Type, a.durable(), a.AutoDelete, a.Internal, false, args)
	case "deleteExchange":
		return nil, on.ExchangeDelete(a.Exchange, a.IfUnused, false)
	case "bindExchange":
		return nil, on.ExchangeBind(a.Destination, a.Key, a.Source, false, args)
	case "unbindExchange":
		return nil, on.ExchangeUnbind(a.Destination, a.Key, a.Source, false, args)
	case "declareQueue":
		declare := on.QueueDeclare
		if a.Passive {
			declare = on.QueueDeclarePassive
		}
		ok, err := declare(a.Queue, a.durable(), a.AutoDelete, a.Exclusive, false, args)
		return map[string]any{"queue": ok.Name, "messages": ok.Messages, "consumers": ok.Consumers}, err
	case "deleteQueue":
		messages, err := on.QueueDelete(a.Queue, a.IfUnused, a.IfEmpty, false)
		return map[string]any{"messages": messages}, err
	case "purgeQueue":
		messages, err := on.QueuePurge(a.Queue, false)
		return map[string]any{"messages": messages}, err
	case "bindQueue":
		return nil, on.QueueBind(a.Queue, a.Key, a.Exchange, false, args)
	case "unbindQueue":
		return nil, on.QueueUnbind(a.Queue, a.Key, a.Exchange, args)
	}
	return nil, errors.New("unknown operation " + op)
}
