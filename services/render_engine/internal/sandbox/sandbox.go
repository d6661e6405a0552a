// Package sandbox takes away from this process, and from the git processes that it starts, what rendering
// does not need: every file but the mirrors and the programs, the network, other processes.
//
// The virtual file system is the first wall; this is the second, for the day on which a library has a hole
// in it. Invariant: what is given up is given up for good, before the first request is read.
package sandbox

import (
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Allowed is what stays: the folders that may be read, and the programs that may be started. Nothing is for
// who is to have neither; without it an empty list of folders is taken for one that was forgotten.
type Allowed struct {
	Folders  []string
	Programs []string
	Nothing  bool
}

// Enter confines this thread and replaces the process by itself with other arguments, so that every thread
// lives behind one and the same wall. It returns only when that failed. The second process learns what
// holds, and what the kernel lacks, from describe's text.
func Enter(allowed Allowed, arguments func(describe string) []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	if err := limit(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	allowed.Programs = append(allowed.Programs, self)
	parts := []string{outcome("landlock", restrictFiles(allowed)), outcome("seccomp", restrictCalls())}
	argv := append([]string{self}, arguments(strings.Join(parts, "; "))...)
	return unix.Exec(self, argv, os.Environ())
}

func outcome(wall string, err error) string {
	if err != nil {
		return fmt.Sprintf("%s: %v", wall, err)
	}
	return wall
}

// limit forbids core dumps, which would hold what is rendered, and files of any size.
func limit() error {
	for _, resource := range []int{unix.RLIMIT_CORE, unix.RLIMIT_FSIZE} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{}); err != nil {
			return err
		}
	}
	return nil
}

// Try tells which of the files can be read, and whether a socket can be made: nothing, if the walls hold.
func Try(files []string, output io.Writer) {
	for _, file := range files {
		if content, err := os.ReadFile(file); err == nil {
			fmt.Fprintf(output, "read %s: %d bytes\n", file, len(content))
		} else {
			fmt.Fprintf(output, "refused %s: %v\n", file, err)
		}
	}
	for name, family := range map[string]int{"inet": unix.AF_INET, "inet6": unix.AF_INET6, "unix": unix.AF_UNIX} {
		if socket, err := unix.Socket(family, unix.SOCK_STREAM, 0); err == nil {
			unix.Close(socket)
			fmt.Fprintf(output, "opened a socket: %s\n", name)
		} else {
			fmt.Fprintf(output, "refused a socket: %s: %v\n", name, err)
		}
	}
}

// runnable is a program with the loader that it names: both are executed when it starts.
func runnable(program string) []string {
	found := []string{program}
	binary, err := elf.Open(program)
	if err != nil {
		return found
	}
	defer binary.Close()
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			if name, err := io.ReadAll(part.Open()); err == nil {
				found = append(found, strings.TrimRight(string(name), "\x00"))
			}
		}
	}
	return found
}

func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
