// Package wire speaks length-prefixed msgpack: four bytes of big-endian length, then one message.
//
// Invariant: a frame longer than the limit is never allocated, in either direction.
package wire

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
)

const (
	// MaxRequest bounds a request frame in bytes: options and inline values, never repository content.
	MaxRequest = 16 << 20
	// MaxReply bounds a reply frame in bytes: the documents of one render and what describes them.
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

// Write sends one reply.
func Write(stream io.Writer, reply *Reply) error {
	body, err := msgpack.Marshal(reply)
	if err != nil {
		return err
	}
	if len(body) > MaxReply {
		return fmt.Errorf("reply frame of %d bytes exceeds %d", len(body), MaxReply)
	}
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(body)))
	if _, err := stream.Write(head[:]); err != nil {
		return err
	}
	_, err = stream.Write(body)
	return err
}
