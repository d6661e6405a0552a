// Package wire speaks msgpack: requests with four bytes of big-endian length before them, replies as a stream.
//
// Invariant: what is longer than the limit is never allocated, in either direction.
package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
)

const (
	// MaxRequest bounds a request frame in bytes: options and inline values, never repository content.
	MaxRequest = 16 << 20
	// MaxReply bounds a reply in bytes: the documents of one render and what describes them.
	MaxReply = 80 << 20
)

// Read takes one request from the stream; io.EOF means that the parent has gone.
func Read(stream io.Reader) (*Request, error) {
	var head [4]byte
	if _, err := io.ReadFull(stream, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > MaxRequest {
		return nil, fmt.Errorf("request frame of %d bytes exceeds %d", size, MaxRequest)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(stream, body); err != nil {
		return nil, err
	}
	request := new(Request)
	if err := msgpack.Unmarshal(body, request); err != nil {
		return nil, fmt.Errorf("request frame: %w", err)
	}
	return request, nil
}

// Write sends one reply: the reply itself, then each of its documents, all as msgpack values in a row. A
// large render is so never held a second time as one message.
func Write(stream io.Writer, reply *Reply) error {
	reply.Count = len(reply.Documents)
	head, err := msgpack.Marshal(reply)
	if err != nil {
		return err
	}
	size := len(head)
	for _, document := range reply.Documents {
		size += len(document) + 5
	}
	if size > MaxReply {
		return fmt.Errorf("a reply of %d bytes exceeds %d", size, MaxReply)
	}
	buffered := bufio.NewWriterSize(stream, 64<<10)
	if _, err := buffered.Write(head); err != nil {
		return err
	}
	encoder := msgpack.NewEncoder(buffered)
	for _, document := range reply.Documents {
		if err := encoder.EncodeBytes(document); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
