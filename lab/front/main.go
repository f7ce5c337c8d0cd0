// Command front is the public endpoint of one of the lab's registries.
//
// Behind it stands the real registry (distribution v3), which checks the tokens that the front issues. The front adds
// what Docker Hub and GHCR do beside the distribution specification: who may have which token, the pull limit, package
// visibility, refusals. All of that is data: see config.go for the meaning of each rule.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: front CONFIG.json")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "front:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	config, err := readConfig(path)
	if err != nil {
		return err
	}
	front, err := newFront(config)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	ended := make(chan error, 2)
	servers := []*http.Server{{Addr: config.Listen, Handler: front}}
	if config.Rules.BlobRedirect {
		servers = append(servers, &http.Server{Addr: config.BlobListen, Handler: http.HandlerFunc(front.serveBlob)})
	}
	for _, server := range servers {
		go func() { ended <- server.ListenAndServe() }()
	}
	select {
	case err = <-ended:
		return err
	case <-ctx.Done():
	}
	grace, release := context.WithTimeout(context.Background(), time.Second)
	defer release()
	for _, server := range servers {
		if err := server.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
			server.Close()
		}
	}
	return nil
}
