package script

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// maxInstructions is how much a script may do whatever the clock says: some seconds of work.
const maxInstructions = 50_000_000

// maxHeap is how much a script may hold, in bytes, beyond its input.
const maxHeap = 96 << 20

// maxString bounds a string that one call makes, in bytes.
const maxString = 8 << 20

// measureEvery is after how many instructions the heap is looked at.
const measureEvery = 4096

const heapObjects = "/memory/classes/heap/objects:bytes"

// meter is a context that ends its script: at the deadline, after so many instructions, or when it holds too
// much. The interpreter asks for Done before each instruction, which is what is counted.
type meter struct {
	context.Context
	count   int64
	floor   uint64
	over    chan struct{}
	problem error
}

func newMeter(deadline context.Context) *meter {
	return &meter{Context: deadline, floor: heap(), over: make(chan struct{})}
}

func (m *meter) Done() <-chan struct{} {
	if m.problem != nil {
		return m.over
	}
	m.count++
	if m.count > maxInstructions {
		return m.end(fmt.Errorf("the script ran more than %d instructions", maxInstructions))
	}
	if m.count%measureEvery == 0 && heap() > m.floor+maxHeap {
		runtime.GC()
		if heap() > m.floor+maxHeap {
			return m.end(fmt.Errorf("the script held more than %d MiB", maxHeap>>20))
		}
	}
	return m.Context.Done()
}

func (m *meter) Err() error {
	if m.problem != nil {
		return m.problem
	}
	return m.Context.Err()
}

func (m *meter) end(problem error) <-chan struct{} {
	m.problem = problem
	close(m.over)
	return m.over
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: heapObjects}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// bind has coroutines counted with the script that makes them, and functions that make strings refuse to make
// one without measure, for within one call nothing is counted.
func bind(state *lua.LState, metered *meter) error {
	replace(state, lua.CoroutineLibName, "create", func(state *lua.LState, create *lua.LFunction) int {
		made := called(state, create)
		if thread, ok := made.(*lua.LState); ok {
			thread.SetContext(metered)
		}
		return 1
	})
	if _, ok := state.GetGlobal(lua.CoroutineLibName).(*lua.LTable); ok {
		if err := state.DoString(wrapping); err != nil {
			return err
		}
	}
	replace(state, lua.StringLibName, "rep", func(state *lua.LState, rep *lua.LFunction) int {
		if times := state.CheckInt(2); times > 0 && len(state.CheckString(1)) > maxString/times {
			state.RaiseError("resulting string too large")
		}
		called(state, rep)
		return 1
	})
	replace(state, lua.StringLibName, "format", func(state *lua.LState, format *lua.LFunction) int {
		checkFormat(state)
		called(state, format)
		return 1
	})
	replace(state, lua.StringLibName, "gsub", func(state *lua.LState, gsub *lua.LFunction) int {
		if with, ok := state.Get(3).(lua.LString); ok && len(with) > maxString/(len(state.CheckString(1))+1) {
			state.RaiseError("resulting string too large")
		}
		state.Insert(gsub, 1)
		state.Call(state.GetTop()-1, 2)
		return 2
	})
	replace(state, lua.TabLibName, "concat", func(state *lua.LState, concat *lua.LFunction) int {
		table, size := state.CheckTable(1), 0
		for at := 1; at <= table.Len(); at++ {
			size += len(state.OptString(2, "")) + len(lua.LVAsString(table.RawGetInt(at)))
			if size > maxString {
				state.RaiseError("resulting string too large")
			}
		}
		called(state, concat)
		return 1
	})
	return nil
}

// wrapping makes coroutine.wrap of the functions that are counted.
const wrapping = `
local create, resume = coroutine.create, coroutine.resume
local function settled(well, ...)
  if not well then error((...), 0) end
  return ...
end
coroutine.wrap = function(body)
  local made = create(body)
  return function(...) return settled(resume(made, ...)) end
end
`

// checkFormat refuses what real Lua refuses too: a width or precision of more than two digits.
func checkFormat(state *lua.LState) {
	size := 0
	for at := 1; at <= state.GetTop(); at++ {
		size += len(lua.LVAsString(state.Get(at)))
	}
	for _, part := range strings.Split(state.CheckString(1), "%")[1:] {
		digits := 0
		for _, sign := range part {
			if sign >= '0' && sign <= '9' {
				digits++
			} else if !strings.ContainsRune("-+ #.", sign) {
				break
			} else {
				digits = 0
			}
			if digits > 2 {
				state.RaiseError("invalid format (width or precision too long)")
			}
		}
	}
	if size > maxString {
		state.RaiseError("resulting string too large")
	}
}

// replace puts a function before one of a library, where that is there.
func replace(state *lua.LState, library, name string, with func(*lua.LState, *lua.LFunction) int) {
	table, ok := state.GetGlobal(library).(*lua.LTable)
	if !ok {
		return
	}
	before, ok := table.RawGetString(name).(*lua.LFunction)
	if !ok {
		return
	}
	table.RawSetString(name, state.NewFunction(func(state *lua.LState) int { return with(state, before) }))
}

// called leaves the one result of a function, called with all arguments, as the only value.
func called(state *lua.LState, function *lua.LFunction) lua.LValue {
	state.Insert(function, 1)
	state.Call(state.GetTop()-1, 1)
	return state.Get(-1)
}
