// Package rest says how a cluster would be reached.
package rest

// Config leads to no cluster.
type Config struct{}
