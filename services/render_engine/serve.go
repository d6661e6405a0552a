package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"render-engine/internal/render"
	"render-engine/internal/script"
	"render-engine/internal/wire"
)

// largeHeap is the heap in bytes above which a finished request gives its memory back at once.
const largeHeap = 48 << 20

func serve(input io.Reader, output io.Writer, engine *render.Engine, confined string) error {
	defer engine.Store.Close()
	requests := bufio.NewReaderSize(input, 64<<10)
	for {
		request, err := wire.Read(requests)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		engine.Page.Reset()
		if err := wire.Write(output, answer(engine, request, confined)); err != nil {
			return err
		}
		release()
	}
}

// answer never fails: whatever goes wrong becomes the reply's error.
func answer(engine *render.Engine, request *wire.Request, confined string) (reply *wire.Reply) {
	defer func() {
		if problem := recover(); problem != nil {
			reply = &wire.Reply{Error: &wire.Failure{
				Kind: "invalid", Code: "panic", Message: render.Text(fmt.Sprintf("rendering failed: %v", problem), 1<<10), File: render.Text(engine.Page.Current(), 1<<10),
			}}
		}
		reply.ID = request.ID
	}()
	if request.Verb == "version" {
		return &wire.Reply{Version: version, Confined: confined}
	}
	reply, err := dispatch(engine, request)
	if err != nil {
		reply.Documents = nil
		reply.Error = render.Describe(err, engine.Page.Current())
	}
	return reply
}

func dispatch(engine *render.Engine, request *wire.Request) (*wire.Reply, error) {
	switch request.Verb {
	case "render":
		return engine.Render(request)
	case "edit":
		return engine.Edit(request)
	case "yaml":
		return engine.Documents(request)
	case "lua", "template", "expr", "notice":
		return script.Run(request)
	case "fill":
		return script.Fill(request)
	}
	return &wire.Reply{}, fmt.Errorf("unknown verb %q", request.Verb)
}

// release returns the memory of a large render to the system before the next request is waited for.
func release() {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.HeapSys-memory.HeapReleased > largeHeap {
		debug.FreeOSMemory()
	}
}
