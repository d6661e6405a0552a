package render

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"render-engine/internal/needs"
	"render-engine/internal/wire"
)

// Network stands in for HTTP: what a library asks for is answered from what was supplied to the request that
// is worked on, or noted as wanted. Nothing is ever dialled.
type Network struct{ job *job }

// RoundTrip answers a request of Kustomize for a file at an address.
func (n *Network) RoundTrip(request *http.Request) (*http.Response, error) {
	if n.job == nil || request.Method != http.MethodGet {
		return nil, fmt.Errorf("the render engine has no network: %s", request.URL.Redacted())
	}
	address := request.URL.String()
	if _, isRepository := parseRemote(address); isRepository {
		return answer(request, http.StatusNotFound, nil), nil
	}
	content, found, err := n.job.fetch(address)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%s is not fetched yet", request.URL.Redacted())
	}
	return answer(request, http.StatusOK, content), nil
}

func answer(request *http.Request, status int, content []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(content)), ContentLength: int64(len(content)),
	}
}

// fetch is a file at an address, once it was supplied.
func (j *job) fetch(address string) ([]byte, bool, error) {
	file := j.page.Current()
	supply, found := j.needs.Ask(wire.Want{
		Kind: needs.Resource, File: file, URL: address,
		Refusal: fmt.Sprintf("%s: remote file %q is refused: only files inside the repository are read", file, withoutPassword(address)),
	})
	if !found {
		return nil, false, nil
	}
	content, err := j.readSupply(supply)
	return content, err == nil, err
}
