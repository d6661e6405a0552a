package nodes

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/cert"
)

// What a container says can be chosen by its pod's annotations: the words of its lines, each followed by its
// number, and the time between two of them.
const (
	logWords = "fairlead.dev/log"
	logEvery = "fairlead.dev/log-every"
)

const (
	// The apiserver dials nodes here; their own addresses lead nowhere.
	serverAddress = "127.0.0.1"
	logInterval   = time.Second
	maxLines      = 10_000
)

// logs plays the part of the kubelets' server that answers what containers said; exec.go what they
// run, and forward.go where their ports are.
type logs struct {
	pods     cache.SharedIndexInformer
	listener net.Listener
}

func listen(pods cache.SharedIndexInformer) (*logs, error) {
	certificate, key, err := cert.GenerateSelfSignedCertKey(serverAddress, nil, nil)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	listener, err := tls.Listen("tcp", net.JoinHostPort(serverAddress, "0"), config)
	if err != nil {
		return nil, err
	}
	return &logs{pods: pods, listener: listener}, nil
}

func (l *logs) port() int32 {
	return int32(l.listener.Addr().(*net.TCPAddr).Port)
}

func (l *logs) serve(ctx context.Context) {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", l.answer)
	running := &shells{logs: l, open: map[string]int{}}
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", running.answer)
	forwarding := &ports{logs: l}
	routes.HandleFunc("/portForward/{namespace}/{pod}", forwarding.answer)
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	_ = server.Serve(l.listener)
}

func (l *logs) answer(response http.ResponseWriter, request *http.Request) {
	found, err := said(l.podOf(request), request.PathValue("pod"), request.PathValue("container"),
		request.URL.Query().Get("previous") == "true")
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	query := request.URL.Query()
	stamped := query.Get("timestamps") == "true"
	number := found.first(query.Get("sinceTime"), query.Get("sinceSeconds"), query.Get("tailLines"))
	response.Header().Set("Content-Type", "text/plain")
	response.WriteHeader(http.StatusOK)
	for ; number < found.count(time.Now()); number++ {
		fmt.Fprint(response, found.line(number, stamped))
	}
	flush(response)
	for query.Get("follow") == "true" {
		found, err = said(l.podOf(request), request.PathValue("pod"), request.PathValue("container"), false)
		if err != nil || (!found.ended.IsZero() && number >= found.count(time.Now())) {
			return
		}
		if number < found.count(time.Now()) {
			fmt.Fprint(response, found.line(number, stamped))
			flush(response)
			number++
			continue
		}
		select {
		case <-request.Context().Done():
			return
		case <-time.After(min(found.every, logInterval)):
		}
	}
}

func (l *logs) podOf(request *http.Request) *core.Pod {
	object, found, err := l.pods.GetStore().GetByKey(request.PathValue("namespace") + "/" + request.PathValue("pod"))
	if err != nil || !found {
		return nil
	}
	return object.(*core.Pod)
}

// speech is what one run of a container says: a line at its start, and one every so often until it ends.
type speech struct {
	words          string
	every          time.Duration
	started, ended time.Time
}

// said is the speech of a container, or why there is none, in the kubelet's words.
func said(pod *core.Pod, name, container string, previous bool) (speech, error) {
	if pod == nil {
		return speech{}, fmt.Errorf("pod %q not found", name)
	}
	found := speech{words: pod.Annotations[logWords], every: logInterval}
	if found.words == "" {
		found.words = "line of " + container
	}
	if every, err := time.ParseDuration(pod.Annotations[logEvery]); err == nil && every > 0 {
		found.every = every
	}
	for _, status := range append(append([]core.ContainerStatus{}, pod.Status.ContainerStatuses...), pod.Status.InitContainerStatuses...) {
		if status.Name != container {
			continue
		}
		state := status.State
		if previous || state.Waiting != nil {
			state = status.LastTerminationState
		}
		switch {
		case state.Terminated != nil:
			found.started, found.ended = state.Terminated.StartedAt.Time, state.Terminated.FinishedAt.Time
		case state.Running != nil:
			found.started = state.Running.StartedAt.Time
		case previous:
			return found, fmt.Errorf("previous terminated container %q in pod %q not found", container, name)
		case status.State.Waiting != nil:
			return found, fmt.Errorf("container %q in pod %q is waiting to start: %s", container, name, status.State.Waiting.Reason)
		}
		return found, nil
	}
	return found, fmt.Errorf("container %q in pod %q is waiting to start: ContainerCreating", container, name)
}

func (s speech) count(now time.Time) int {
	if !s.ended.IsZero() && s.ended.Before(now) {
		now = s.ended
	}
	return min(maxLines, int(max(0, now.Sub(s.started))/s.every)+1)
}

func (s speech) at(number int) time.Time {
	return s.started.Add(time.Duration(number) * s.every)
}

func (s speech) line(number int, stamped bool) string {
	words := fmt.Sprintf("%s %d\n", s.words, number)
	if stamped {
		return s.at(number).UTC().Format(time.RFC3339Nano) + " " + words
	}
	return words
}

// first is the number of the first line that is asked for.
func (s speech) first(sinceTime, sinceSeconds, tailLines string) int {
	first, count := 0, s.count(time.Now())
	since, err := time.Parse(time.RFC3339Nano, sinceTime)
	if seconds, wrong := strconv.Atoi(strings.TrimSpace(sinceSeconds)); wrong == nil {
		since, err = time.Now().Add(-time.Duration(seconds)*time.Second), nil
	}
	for err == nil && first < count && s.at(first).Before(since) {
		first++
	}
	if tail, err := strconv.Atoi(tailLines); err == nil {
		first = max(first, count-tail)
	}
	return first
}

func flush(response http.ResponseWriter) {
	if flusher, ok := response.(http.Flusher); ok {
		flusher.Flush()
	}
}
