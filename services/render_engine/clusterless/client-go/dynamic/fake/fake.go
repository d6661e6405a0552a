// Package fake is there for `go mod tidy`: the tests of Helm import it.
package fake
