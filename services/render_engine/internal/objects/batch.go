// Package objects reads git objects from bare mirrors through warm `git cat-file --batch` processes.
//
// Invariant: what is returned for an object id is that object's content; any doubt about the stream
// closes the process, and the next read starts a new one.
package objects

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// MaxObject bounds one object in bytes: no manifest, chart or archive of use is larger.
const MaxObject = 64 << 20

var (
	// ErrMissing says that the mirror has no such object.
	ErrMissing = errors.New("object is missing")
	// ErrTooLarge says that an object exceeds MaxObject.
	ErrTooLarge = errors.New("object is too large")
	// ErrProgram says that git could not be started or was killed: nothing is known of the mirror.
	ErrProgram = errors.New("git could not be run")
)

// batch is one `git cat-file --batch` process over one mirror.
type batch struct {
	process *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
}

func startBatch(git, mirror string) (*batch, error) {
	process := exec.Command(git, "--git-dir="+mirror, "-c", "core.bigFileThreshold=16m", "cat-file", "--batch")
	process.Dir = "/"
	process.Env = []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", "HOME=/nonexistent", "PATH=/nonexistent",
	}
	input, err := process.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProgram, err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProgram, err)
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProgram, err)
	}
	return &batch{process: process, input: input, output: bufio.NewReaderSize(output, 32<<10)}, nil
}

// read asks for one revision. A stream error leaves the batch unusable.
func (b *batch) read(revision string) (oid, kind string, content []byte, err error) {
	if _, err = io.WriteString(b.input, revision+"\n"); err != nil {
		return "", "", nil, b.blame(err)
	}
	head, err := b.output.ReadString('\n')
	if err != nil {
		return "", "", nil, b.blame(err)
	}
	fields := strings.Fields(head)
	if len(fields) >= 2 && fields[len(fields)-1] == "missing" {
		return "", "", nil, ErrMissing
	}
	if len(fields) != 3 {
		return "", "", nil, fmt.Errorf("unexpected answer of git cat-file: %q", strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return "", "", nil, err
	}
	if size > MaxObject {
		return "", "", nil, ErrTooLarge
	}
	content = make([]byte, size+1)
	if _, err = io.ReadFull(b.output, content); err != nil {
		return "", "", nil, b.blame(err)
	}
	return fields[0], fields[1], content[:size], nil
}

// blame says whose fault a broken stream is: a git that somebody killed says nothing about the mirror.
func (b *batch) blame(err error) error {
	b.input.Close()
	b.process.Wait()
	if status, known := b.process.ProcessState.Sys().(syscall.WaitStatus); known && status.Signaled() {
		return fmt.Errorf("%w: %v", ErrProgram, status.Signal())
	}
	return err
}

func (b *batch) close() {
	b.input.Close()
	b.process.Process.Kill()
	b.process.Wait()
}
