// Package dynamic has the words in which Helm's library asks for objects of
// any kind.
package dynamic

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// ErrNoCluster answers whoever asks for a client.
var ErrNoCluster = errors.New("charts are rendered without a cluster")

// Object is what would be found.
type Object interface {
	UnstructuredContent() map[string]any
}

// ResourceInterface reads the objects of a kind.
type ResourceInterface interface {
	Get(ctx context.Context, name string, options any) (Object, error)
	List(ctx context.Context, options any) (Object, error)
}

// NamespaceableResourceInterface reads them in all namespaces, or in one.
type NamespaceableResourceInterface interface {
	ResourceInterface
	Namespace(name string) ResourceInterface
}

// Interface reads objects of any kind.
type Interface interface {
	Resource(resource schema.GroupVersionResource) NamespaceableResourceInterface
}

// NewForConfig refuses.
func NewForConfig(*rest.Config) (Interface, error) { return nil, ErrNoCluster }
