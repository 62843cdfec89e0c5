// Carries out the operations of driver.ts with amqp091-go: a line of JSON each.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const waitMax = 8 * time.Second

// Args holds the arguments of every operation; each uses some of them.
type Args struct {
	Connection  string         `json:"connection"`
	User        string         `json:"user"`
	Password    string         `json:"password"`
	Vhost       string         `json:"vhost"`
	Channel     string         `json:"channel"`
	Exchange    string         `json:"exchange"`
	Type        string         `json:"type"`
	Queue       string         `json:"queue"`
	Key         string         `json:"key"`
	Destination string         `json:"destination"`
	Source      string         `json:"source"`
	Durable     *bool          `json:"durable"`
	Exclusive   bool           `json:"exclusive"`
	AutoDelete  bool           `json:"autoDelete"`
	Internal    bool           `json:"internal"`
	Passive     bool           `json:"passive"`
	IfUnused    bool           `json:"ifUnused"`
	IfEmpty     bool           `json:"ifEmpty"`
	Arguments   map[string]any `json:"arguments"`
	Count       int            `json:"count"`
	Global      bool           `json:"global"`
	Bodies      []string       `json:"bodies"`
	Properties  properties     `json:"properties"`
	Mandatory   bool           `json:"mandatory"`
	WaitMs      *int           `json:"waitMs"`
	NoAck       bool           `json:"noAck"`
	Tag         any            `json:"tag"`
	Multiple    bool           `json:"multiple"`
	Requeue     *bool          `json:"requeue"`
}

func (a Args) number() uint64 { return uint64(a.Tag.(float64)) }
func (a Args) name() string   { return a.Tag.(string) }
func (a Args) requeue() bool  { return a.Requeue == nil || *a.Requeue }
func (a Args) durable() bool  { return a.Durable == nil || *a.Durable }

type client struct {
	address     string
	connections map[string]*amqp.Connection
	channels    map[string]*opened
}

type refusal struct {
	Code    *int   `json:"code"`
	Message string `json:"message"`
}

type answer struct {
	ID    int      `json:"id"`
	OK    any      `json:"ok"`
	Error *refusal `json:"error,omitempty"`
}

func main() {
	c := &client{address: os.Args[len(os.Args)-1]}
	c.reset()
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var question struct {
			ID   int    `json:"id"`
			Op   string `json:"op"`
			Args Args   `json:"args"`
		}
		told := answer{}
		if err = json.Unmarshal(line, &question); err == nil {
			told.OK, err = c.perform(question.Op, question.Args)
		}
		told.ID = question.ID
		if err != nil {
			told.Error = refusalOf(err)
		}
		text, _ := json.Marshal(told)
		fmt.Println(string(text))
	}
}

func refusalOf(err error) *refusal {
	var said *amqp.Error
	if errors.As(err, &said) && said.Code != 0 {
		return &refusal{&said.Code, said.Reason}
	}
	return &refusal{nil, err.Error()}
}

func (c *client) reset() {
	for _, connection := range c.connections {
		if !connection.IsClosed() {
			_ = connection.Close()
		}
	}
	c.connections = map[string]*amqp.Connection{}
	c.channels = map[string]*opened{}
}

func either(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}

func (c *client) open(name string, a Args) (*amqp.Connection, error) {
	account := &amqp.PlainAuth{Username: either(a.User, "guest"), Password: either(a.Password, "guest")}
	connection, err := amqp.DialConfig("amqp://"+c.address, amqp.Config{
		SASL:  []amqp.Authentication{account},
		Vhost: either(a.Vhost, "/"),
	})
	if err == nil {
		c.connections[name] = connection
	}
	return connection, err
}

func (c *client) on(name string) (*opened, error) {
	known := c.channels[name]
	if known != nil && !known.IsClosed() {
		return known, nil
	}
	root := strings.Split(name, ".")[0]
	connection := c.connections[root]
	var err error
	if connection == nil || connection.IsClosed() {
		if connection, err = c.open(root, Args{}); err != nil {
			return nil, err
		}
	}
	channel, err := connection.Channel()
	if err != nil {
		return nil, err
	}
	known = newOpened(connection, channel)
	c.channels[name] = known
	return known, nil
}

func (c *client) perform(op string, a Args) (any, error) {
	switch op {
	case "reset":
		c.reset()
		return nil, nil
	case "open":
		connection, err := c.open(a.Connection, a)
		if err != nil {
			return nil, err
		}
		return map[string]any{"capabilities": shown(connection.Properties["capabilities"])}, nil
	case "close":
		connection := c.connections[a.Connection]
		delete(c.connections, a.Connection)
		return nil, connection.Close()
	case "closed":
		return c.channels[a.Channel].closed()
	}
	on, err := c.on(a.Channel)
	if err != nil {
		return nil, err
	}
	return on.perform(op, a)
}
