// Package kubernetes is imported by Helm's library for its module's version
// alone.
//
// What is below clusterless stands in for Kubernetes' own client, of which
// Helm's library needs a few words and links the whole: for charts that look
// into a cluster. Here charts are rendered from files and never look, so
// `lookup` has no client that it could ask. The client was two thirds of what
// there was to compile, and much of what every engine holds in memory.
package kubernetes
