// Package v1 is known to the scheme already: see clusterless/client-go.
package v1

// AddToScheme adds nothing.
func AddToScheme(any) error { return nil }
