package main

import (
	"math"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type properties struct {
	ContentType     string         `json:"contentType,omitempty"`
	ContentEncoding string         `json:"contentEncoding,omitempty"`
	Headers         map[string]any `json:"headers,omitempty"`
	DeliveryMode    uint8          `json:"deliveryMode,omitempty"`
	Priority        uint8          `json:"priority,omitempty"`
	CorrelationID   string         `json:"correlationId,omitempty"`
	ReplyTo         string         `json:"replyTo,omitempty"`
	Expiration      string         `json:"expiration,omitempty"`
	MessageID       string         `json:"messageId,omitempty"`
	Timestamp       int64          `json:"timestamp,omitempty"`
	Type            string         `json:"type,omitempty"`
	UserID          string         `json:"userId,omitempty"`
	AppID           string         `json:"appId,omitempty"`
}

// JSON knows one kind of number; brokers know many.
func value(given any) any {
	switch v := given.(type) {
	case float64:
		if v != math.Trunc(v) {
			return v
		}
		if math.Abs(v) <= math.MaxInt32 {
			return int32(v)
		}
		return int64(v)
	case map[string]any:
		return table(v)
	case []any:
		items := make([]any, len(v))
		for index, item := range v {
			items[index] = value(item)
		}
		return items
	}
	return given
}

func table(given map[string]any) amqp.Table {
	if given == nil {
		return nil
	}
	all := amqp.Table{}
	for name, field := range given {
		all[name] = value(field)
	}
	return all
}

func shown(given any) any {
	switch v := given.(type) {
	case time.Time:
		return "<time>"
	case []byte:
		return string(v)
	case amqp.Table:
		all := map[string]any{}
		for name, field := range v {
			all[name] = shown(field)
		}
		return all
	case []any:
		items := make([]any, len(v))
		for index, item := range v {
			items[index] = shown(item)
		}
		return items
	}
	return given
}

func publishing(p properties, body string) amqp.Publishing {
	message := amqp.Publishing{
		ContentType: p.ContentType, ContentEncoding: p.ContentEncoding, Headers: table(p.Headers),
		DeliveryMode: p.DeliveryMode, Priority: p.Priority, CorrelationId: p.CorrelationID,
		ReplyTo: p.ReplyTo, Expiration: p.Expiration, MessageId: p.MessageID, Type: p.Type,
		UserId: p.UserID, AppId: p.AppID, Body: []byte(body),
	}
	if p.Timestamp != 0 {
		message.Timestamp = time.Unix(p.Timestamp, 0)
	}
	return message
}

func headers(given amqp.Table) map[string]any {
	if len(given) == 0 {
		return nil
	}
	return shown(given).(map[string]any)
}

func seconds(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.Unix()
}

func delivered(m amqp.Delivery) map[string]any {
	message := map[string]any{
		"body": string(m.Body), "exchange": m.Exchange, "key": m.RoutingKey,
		"tag": m.DeliveryTag, "redelivered": m.Redelivered,
		"properties": properties{
			m.ContentType, m.ContentEncoding, headers(m.Headers), m.DeliveryMode, m.Priority,
			m.CorrelationId, m.ReplyTo, m.Expiration, m.MessageId, seconds(m.Timestamp), m.Type,
			m.UserId, m.AppId,
		},
	}
	if m.ConsumerTag != "" {
		message["consumer"] = m.ConsumerTag
	}
	return message
}

func returnedMessage(m amqp.Return) map[string]any {
	return map[string]any{
		"body": string(m.Body), "exchange": m.Exchange, "key": m.RoutingKey,
		"code": m.ReplyCode, "text": m.ReplyText,
		"properties": properties{
			m.ContentType, m.ContentEncoding, headers(m.Headers), m.DeliveryMode, m.Priority,
			m.CorrelationId, m.ReplyTo, m.Expiration, m.MessageId, seconds(m.Timestamp), m.Type,
			m.UserId, m.AppId,
		},
	}
}
