// The distribution project's registry on one machine: what it keeps is in memory, and it ends with its process.
//
// Only what that needs is linked in: no cloud's storage, no tracing. Its one argument is a configuration file in
// the registry's own form.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
)

const headerSeconds = 10

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: registry CONFIGURATION")
		os.Exit(2)
	}
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(file string) error {
	text, err := os.Open(file)
	if err != nil {
		return err
	}
	defer text.Close()
	config, err := configuration.Parse(text)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:              config.HTTP.Addr,
		Handler:           handlers.NewApp(context.Background(), config),
		ReadHeaderTimeout: headerSeconds * time.Second,
	}
	if tls := config.HTTP.TLS; tls.Certificate != "" {
		return server.ListenAndServeTLS(tls.Certificate, tls.Key)
	}
	return server.ListenAndServe()
}
