package nodes

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	core "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

// portNames is the annotation that says where the ports of a pod are on this machine: `8080=39211,8443=40123`.
const portNames = "fairlead.dev/forward"

// ports leads connections to what stands in for the programs of a pod.
type ports struct {
	logs *logs
}

func (p *ports) answer(response http.ResponseWriter, request *http.Request) {
	options, err := portforward.NewV4Options(request)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	pod := request.PathValue("namespace") + "/" + request.PathValue("pod")
	portforward.ServePortForward(response, request, p, pod, "", options, shellIdle, shellStreams,
		portforward.SupportedProtocols)
}

// PortForward is one connection; `name` is the pod's namespace and name.
func (p *ports) PortForward(_ context.Context, name, _ string, port int32, stream io.ReadWriteCloser) error {
	object, found, err := p.logs.pods.GetStore().GetByKey(name)
	if err != nil || !found {
		return fmt.Errorf("pod %q not found", name)
	}
	known := strings.Split(object.(*core.Pod).Annotations[portNames], ",")
	wanted := fmt.Sprintf("%d=", port)
	at := slices.IndexFunc(known, func(each string) bool { return strings.HasPrefix(each, wanted) })
	if at < 0 {
		return fmt.Errorf("failed to connect to localhost:%d inside the pod: connection refused", port)
	}
	connection, err := net.Dial("tcp", net.JoinHostPort(serverAddress, strings.TrimPrefix(known[at], wanted)))
	if err != nil {
		return fmt.Errorf("failed to connect to localhost:%d inside the pod: %w", port, err)
	}
	defer connection.Close()
	var copying sync.WaitGroup
	copying.Go(func() {
		_, _ = io.Copy(connection, stream)
		_ = connection.(*net.TCPConn).CloseWrite()
	})
	_, err = io.Copy(stream, connection)
	_ = stream.Close()
	copying.Wait()
	return err
}
