// Package status tells the parent which file the engine is in, even when the engine is killed mid-way.
//
// The parent hands over one shared memory page. Entering a file is a copy into that page, so it costs
// nothing, and after SIGKILL, a stack overflow or an out-of-memory crash the parent still reads where
// the engine was. Invariant: the first two bytes are the big-endian length of the name that follows.
package status

import (
	"encoding/binary"
	"fmt"
	"syscall"
)

// PageSize is the size of the shared page in bytes; longer names are cut.
const PageSize = 4096

// Page is the place where the current file's name is kept. A nil Page ignores every call.
type Page struct {
	memory []byte
	stack  []string
}

// Map opens the page behind an inherited file descriptor.
func Map(descriptor int) (*Page, error) {
	memory, err := syscall.Mmap(descriptor, 0, PageSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the status page: %w", err)
	}
	return &Page{memory: memory}, nil
}

// Reset forgets everything, before a new request.
func (p *Page) Reset() {
	if p != nil {
		p.stack = p.stack[:0]
		p.write("")
	}
}

// Enter says that work on a file begins, in place of the one named before.
func (p *Page) Enter(name string) {
	if p == nil {
		return
	}
	p.stack = append(p.stack[:0], name)
	p.write(name)
}

// Push enters a file from within another one, which Pop returns to.
func (p *Page) Push(name string) {
	if p == nil {
		return
	}
	p.stack = append(p.stack, name)
	p.write(name)
}

// Pop returns to the file that Push was called from.
func (p *Page) Pop() {
	if p == nil || len(p.stack) == 0 {
		return
	}
	p.stack = p.stack[:len(p.stack)-1]
	p.write(p.Current())
}

// Current is the file being worked on, or "".
func (p *Page) Current() string {
	if p == nil || len(p.stack) == 0 {
		return ""
	}
	return p.stack[len(p.stack)-1]
}

func (p *Page) write(name string) {
	if p.memory == nil {
		return
	}
	size := copy(p.memory[2:], name)
	binary.BigEndian.PutUint16(p.memory, uint16(size))
}

// New is a page that only this process sees.
func New() *Page { return &Page{} }
