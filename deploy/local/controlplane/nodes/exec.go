package nodes

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/utils/exec"
)

// shellNames is the annotation that says which shells the containers of a pod have; `sh` without it.
const shellNames = "fairlead.dev/shells"

const (
	shellIdle         = 4 * time.Hour
	shellStreams      = 30 * time.Second
	prompt            = "$ "
	endOfTransmission = 0x04
)

// shells runs programs in containers, as far as there are any: a shell that says again what it is told, and
// knows these words: `exit N`, `size` (of its terminal), `flood N` (kilobytes), `shells` (that run in its
// pod). The streams are the kubelet's own.
type shells struct {
	logs  *logs
	mutex sync.Mutex
	open  map[string]int
}

func (s *shells) answer(response http.ResponseWriter, request *http.Request) {
	options, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	pod := request.PathValue("namespace") + "/" + request.PathValue("pod")
	remotecommand.ServeExec(response, request, s, pod, "", request.PathValue("container"),
		request.Form["command"], options, shellIdle, shellStreams, remotecommand.SupportedStreamingProtocols)
}

// ExecInContainer is one run of a shell; `name` is the pod's namespace and name.
func (s *shells) ExecInContainer(_ context.Context, name, _, container string, command []string, in io.Reader,
	out, _ io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize, _ time.Duration) error {
	object, found, err := s.logs.pods.GetStore().GetByKey(name)
	if err != nil || !found {
		return fmt.Errorf("pod %q not found", name)
	}
	if !has(object.(*core.Pod), command) {
		return fmt.Errorf("exec: %q: executable file not found in $PATH", strings.Join(command, " "))
	}
	s.count(name, 1)
	defer s.count(name, -1)
	size := &lastSize{}
	go size.follow(resize)
	return s.converse(name, size, in, out)
}

func has(pod *core.Pod, command []string) bool {
	known := pod.Annotations[shellNames]
	if known == "" {
		known = "sh"
	}
	return len(command) == 1 && slices.Contains(strings.Split(known, ","), command[0])
}

func (s *shells) count(pod string, more int) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.open[pod] += more
	return s.open[pod]
}

func (s *shells) converse(pod string, size *lastSize, in io.Reader, out io.Writer) error {
	reader := bufio.NewReader(in)
	var line []byte
	fmt.Fprint(out, prompt)
	for {
		letter, err := reader.ReadByte()
		if err != nil || letter == endOfTransmission {
			return nil
		}
		if letter != '\r' && letter != '\n' {
			line = append(line, letter)
			_, _ = out.Write([]byte{letter})
			continue
		}
		fmt.Fprint(out, "\r\n")
		if code, over := s.obey(pod, strings.Fields(string(line)), size, out); over {
			return ended(code)
		}
		line = line[:0]
		fmt.Fprint(out, prompt)
	}
}

func (s *shells) obey(pod string, words []string, size *lastSize, out io.Writer) (code int, over bool) {
	word, number := "", 0
	if len(words) > 0 {
		word = words[0]
	}
	if len(words) > 1 {
		number, _ = strconv.Atoi(words[1])
	}
	switch word {
	case "exit":
		return number, true
	case "size":
		fmt.Fprintf(out, "%s\r\n", size)
	case "flood":
		for range number {
			if _, err := out.Write([]byte(strings.Repeat("~", 1022) + "\r\n")); err != nil {
				return 0, true
			}
		}
	case "shells":
		fmt.Fprintf(out, "%d\r\n", s.count(pod, 0))
	default:
		fmt.Fprintf(out, "said: %s\r\n", strings.Join(words, " "))
	}
	return 0, false
}

func ended(code int) error {
	if code == 0 {
		return nil
	}
	return exec.CodeExitError{Err: errors.New("exit " + strconv.Itoa(code)), Code: code}
}

// lastSize is the size that a terminal was last told to have.
type lastSize struct {
	mutex         sync.Mutex
	width, height uint16
}

func (l *lastSize) follow(sizes <-chan remotecommand.TerminalSize) {
	for size := range sizes {
		l.mutex.Lock()
		l.width, l.height = size.Width, size.Height
		l.mutex.Unlock()
	}
}

func (l *lastSize) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return fmt.Sprintf("%d rows %d columns", l.height, l.width)
}
