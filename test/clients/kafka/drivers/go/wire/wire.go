// Package wire carries the operations of driver.ts to a Go client: a line of JSON each.
package wire

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// Row is a record to write; what is absent is left to the client.
type Row struct {
	Partition *int32            `json:"partition"`
	Key       *string           `json:"key"`
	Value     *string           `json:"value"`
	Headers   map[string]string `json:"headers"`
	Timestamp *int64            `json:"timestamp"`
}

// Found is a record that was read.
type Found struct {
	Partition int32             `json:"partition"`
	Offset    int64             `json:"offset"`
	Key       *string           `json:"key"`
	Value     *string           `json:"value"`
	Headers   map[string]string `json:"headers"`
	Timestamp int64             `json:"timestamp"`
}

// Placed says where a record went.
type Placed struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}

// Args holds the arguments of every operation; each uses some of them.
type Args struct {
	Topic       string            `json:"topic"`
	Partitions  int32             `json:"partitions"`
	Partition   int32             `json:"partition"`
	Total       int               `json:"total"`
	Configs     map[string]string `json:"configs"`
	Set         map[string]string `json:"set"`
	Before      int64             `json:"before"`
	Records     []Row             `json:"records"`
	Acks        *int              `json:"acks"`
	Compression string            `json:"compression"`
	Idempotent  bool              `json:"idempotent"`
	From        json.RawMessage   `json:"from"`
	At          json.RawMessage   `json:"at"`
	Count       int               `json:"count"`
	TimeoutMs   int               `json:"timeoutMs"`
	Member      string            `json:"member"`
	Group       string            `json:"group"`
	Reset       string            `json:"reset"`
	InstanceID  string            `json:"instanceId"`
	Strategy    string            `json:"strategy"`
	Offset      int64             `json:"offset"`
}

// Start tells an end of a log ("earliest", "latest"), an offset or a time; the others are nil.
func Start(raw json.RawMessage) (end string, offset *int64, at *int64) {
	var fields struct{ Offset, Time *int64 }
	var number int64
	if json.Unmarshal(raw, &end) == nil {
		return end, nil, nil
	}
	if json.Unmarshal(raw, &number) == nil {
		return "", nil, &number
	}
	_ = json.Unmarshal(raw, &fields)
	return "", fields.Offset, fields.Time
}

// Perform is one operation of a client.
type Perform func(Args) (any, error)

// Serve answers the lines of stdin until they end.
func Serve(operations map[string]Perform, codeOf func(error) (int, bool)) {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var question struct {
			ID   int    `json:"id"`
			Op   string `json:"op"`
			Args Args   `json:"args"`
		}
		if err := json.Unmarshal(line, &question); err != nil {
			panic(err)
		}
		answer := map[string]any{"id": question.ID}
		result, err := operations[question.Op](question.Args)
		if err == nil {
			answer["ok"] = result
		} else {
			told := map[string]any{"message": err.Error(), "code": nil}
			if code, isKnown := codeOf(err); isKnown {
				told["code"] = code
			}
			answer["error"] = told
		}
		text, _ := json.Marshal(answer)
		fmt.Println(string(text))
	}
}

// Inbox keeps records that a group member received until a scenario asks for them.
type Inbox struct {
	lock       sync.Mutex
	records    []Found
	handed     map[int32]int64
	partitions []int32
}

// NewInbox makes an empty one.
func NewInbox() *Inbox { return &Inbox{handed: map[int32]int64{}, partitions: []int32{}} }

// Put adds a record.
func (inbox *Inbox) Put(record Found) {
	inbox.lock.Lock()
	defer inbox.lock.Unlock()
	inbox.records = append(inbox.records, record)
}

// Own sets the partitions the member has now, and forgets records of all others.
func (inbox *Inbox) Own(partitions []int32) {
	inbox.lock.Lock()
	defer inbox.lock.Unlock()
	kept := map[int32]bool{}
	for _, partition := range partitions {
		kept[partition] = true
	}
	left := []Found{}
	for _, record := range inbox.records {
		if kept[record.Partition] {
			left = append(left, record)
		}
	}
	for partition := range inbox.handed {
		if !kept[partition] {
			delete(inbox.handed, partition)
		}
	}
	inbox.records, inbox.partitions = left, partitions
}

// Partitions the member has now.
func (inbox *Inbox) Partitions() []int32 {
	inbox.lock.Lock()
	defer inbox.lock.Unlock()
	return append([]int32{}, inbox.partitions...)
}

// Take hands out up to count records, once there are as many or the time is over.
func (inbox *Inbox) Take(count int, timeoutMs int) []Found {
	deadline := time.Now().Add(time.Duration(timeoutMs) * time.Millisecond)
	for {
		inbox.lock.Lock()
		if len(inbox.records) >= count || time.Now().After(deadline) {
			defer inbox.lock.Unlock()
			count = min(count, len(inbox.records))
			taken := append([]Found{}, inbox.records[:count]...)
			inbox.records = inbox.records[count:]
			for _, record := range taken {
				inbox.handed[record.Partition] = record.Offset + 1
			}
			return taken
		}
		inbox.lock.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
}

// Handed gives the next offset of every partition from which records were handed out.
func (inbox *Inbox) Handed() map[int32]int64 {
	inbox.lock.Lock()
	defer inbox.lock.Unlock()
	handed := map[int32]int64{}
	for partition, offset := range inbox.handed {
		handed[partition] = offset
	}
	return handed
}

// Bytes of a text that may be null.
func Bytes(text *string) []byte {
	if text == nil {
		return nil
	}
	return []byte(*text)
}

// Text of bytes that may be null.
func Text(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	text := string(bytes)
	return &text
}
