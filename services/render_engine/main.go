// Command render-engine renders Kubernetes manifests from bare git mirrors for Fairlead.
//
// It reads requests on standard input and answers them in turn on standard output. It dials nothing,
// writes nothing, and ends when its input does.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"

	"render-engine/internal/objects"
	"render-engine/internal/render"
	"render-engine/internal/sandbox"
	"render-engine/internal/status"
)

// heapGrowth is by how many per cent the heap grows before it is collected. What lives is a few MiB, a render of
// Kustomize makes three: with 100 every second render waits for a collection.
const heapGrowth = 200

// version changes whenever the same request could give another outcome; renders are keyed by it.
const version = "1"

func main() {
	memory := flag.Int64("memory", 384<<20, "bytes of heap above which the garbage collector works hardest")
	page := flag.Int("status-fd", -1, "inherited descriptor of a shared page that is told the current file")
	mirrors := flag.String("mirrors", "", "the only folder, besides programs, that may be read")
	confined := flag.String("confined", "", "set by the engine itself once it has confined itself")
	try := flag.Bool("try", false, "try to read the files given as arguments and to open sockets, and leave")
	scripts := flag.Bool("scripts", false, "evaluate scripts only: neither git nor any folder is needed")
	printVersion := flag.Bool("version", false, "print the version and leave")
	flag.Parse()
	if *printVersion {
		fmt.Println(version)
		return
	}
	if *confined == "" {
		fail(enter(*mirrors, *scripts))
	}
	if *try {
		sandbox.Try(flag.Args(), os.Stdout)
		return
	}
	fail(run(*memory, *page, *confined, *scripts))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "render-engine:", err)
		os.Exit(1)
	}
}

// enter starts this program anew behind the walls of the sandbox.
func enter(mirrors string, scripts bool) error {
	allowed := sandbox.Allowed{Nothing: scripts}
	if !scripts {
		git, err := exec.LookPath("git")
		if err != nil {
			return err
		}
		allowed.Programs = []string{git}
	}
	if mirrors != "" {
		allowed.Folders = []string{mirrors}
	}
	return sandbox.Enter(allowed, func(describe string) []string {
		return append([]string{"--confined=" + describe}, os.Args[1:]...)
	})
}

func run(memory int64, descriptor int, confined string, scripts bool) error {
	git, err := exec.LookPath("git")
	if err != nil && !scripts {
		return err
	}
	network := &render.Network{}
	confine(network)
	debug.SetMemoryLimit(memory)
	debug.SetGCPercent(heapGrowth)
	debug.SetMaxStack(128 << 20)
	page := status.New()
	if descriptor >= 0 {
		if page, err = status.Map(descriptor); err != nil {
			return err
		}
	}
	output := os.Stdout
	os.Stdout = os.Stderr
	engine := &render.Engine{Store: objects.NewStore(git), Page: page, Network: network}
	return serve(os.Stdin, output, engine, confined)
}

// confine takes away what the libraries could reach the world with: programs on PATH, and HTTP, which is
// answered from what the caller supplied.
func confine(network *render.Network) {
	os.Clearenv()
	http.DefaultTransport = network
	http.DefaultClient = &http.Client{Transport: network}
}
