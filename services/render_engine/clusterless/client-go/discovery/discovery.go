// Package discovery has the words in which Helm's library asks what kinds a
// cluster serves.
package discovery

import (
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// DiscoveryClient knows no kinds.
type DiscoveryClient struct{}

// NewDiscoveryClientForConfig refuses.
func NewDiscoveryClientForConfig(*rest.Config) (*DiscoveryClient, error) {
	return nil, dynamic.ErrNoCluster
}

// ServerResourcesForGroupVersion refuses.
func (*DiscoveryClient) ServerResourcesForGroupVersion(string) (*meta.APIResourceList, error) {
	return nil, dynamic.ErrNoCluster
}
