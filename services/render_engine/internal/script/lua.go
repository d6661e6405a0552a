package script

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"render-engine/internal/wire"
)

// defaultSeconds is how long a script may run where the request does not say (Argo CD's limit).
const defaultSeconds = time.Second

// registryMax bounds the values that one script may hold on its stack.
const registryMax = 1 << 20

// runLua runs a script over the globals that the input names, and answers the first value it returns; nil
// when it returns none. Everything that came with `obj` unchanged goes out as it came in, also what Lua has
// no word for: an empty map, and integers beyond 2^53.
func runLua(request *wire.Request, input map[string]any) (any, error) {
	limit := defaultSeconds
	if request.Milliseconds > 0 {
		limit = time.Duration(request.Milliseconds) * time.Millisecond
	}
	deadline, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	state := lua.NewState(lua.Options{SkipOpenLibs: true, RegistryMaxSize: registryMax})
	defer state.Close()
	metered := newMeter(deadline)
	state.SetContext(metered)
	open(state, request.Open)
	if err := bind(state, metered); err != nil {
		return nil, err
	}
	maps := state.NewTable()
	for name, value := range input {
		state.SetGlobal(name, toLua(state, maps, value))
	}
	if err := state.DoString(string(request.Text)); err != nil {
		if metered.problem != nil {
			return nil, metered.problem
		}
		if deadline.Err() != nil {
			return nil, fmt.Errorf("the script took longer than %s", limit)
		}
		return nil, complaint(err)
	}
	if state.GetTop() == 0 {
		return nil, nil
	}
	result, err := fromLua(maps, state.Get(1), 0)
	if err != nil {
		return nil, err
	}
	return restored(input["obj"], result), nil
}

// complaint is what the script raised, without the stack of the machine that ran it.
func complaint(err error) error {
	if raised, ok := err.(*lua.ApiError); ok && raised.Object != nil {
		return fmt.Errorf("%s", raised.Object.String())
	}
	return err
}

// open gives the libraries that scripts always have, and those of `useOpenLibs`; nothing that reads or
// writes files, starts programs, prints or makes code of text is among either.
func open(state *lua.LState, all bool) {
	libraries := map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	}
	if all {
		libraries[lua.StringLibName] = lua.OpenString
		libraries[lua.MathLibName] = lua.OpenMath
		libraries[lua.CoroutineLibName] = lua.OpenCoroutine
	}
	for _, name := range []string{lua.LoadLibName, lua.BaseLibName, lua.TabLibName, lua.StringLibName, lua.MathLibName, lua.CoroutineLibName} {
		if library, wanted := libraries[name]; wanted {
			state.Push(state.NewFunction(library))
			state.Push(lua.LString(name))
			state.Call(1, 0)
		}
	}
	for _, name := range []string{"dofile", "load", "loadfile", "loadstring", "collectgarbage", "_printregs"} {
		state.SetGlobal(name, lua.LNil)
	}
	state.SetGlobal("print", state.NewFunction(func(*lua.LState) int { return 0 }))
	if loader, ok := state.GetGlobal("package").(*lua.LTable); ok {
		loader.RawSetString("path", lua.LString(""))
		loader.RawSetString("cpath", lua.LString(""))
	}
	clock := state.NewTable()
	state.Push(state.NewFunction(lua.OpenOs))
	state.Push(lua.LString(lua.OsLibName))
	state.Call(1, 0)
	if full, ok := state.GetGlobal("os").(*lua.LTable); ok {
		for _, name := range []string{"time", "date"} {
			clock.RawSetString(name, full.RawGetString(name))
		}
	}
	state.SetGlobal("os", clock)
	if loaded, ok := state.GetField(state.Get(lua.RegistryIndex), "_LOADED").(*lua.LTable); ok {
		loaded.RawSetString("os", clock)
	}
}

// toLua makes tables of maps and lists; what was a map has `maps` as its metatable, so that it stays one when
// it is empty, wherever a script puts it.
func toLua(state *lua.LState, maps *lua.LTable, value any) lua.LValue {
	switch value := value.(type) {
	case map[string]any:
		table := state.CreateTable(0, len(value))
		for key, item := range value {
			table.RawSetString(key, toLua(state, maps, item))
		}
		table.Metatable = maps
		return table
	case []any:
		table := state.CreateTable(len(value), 0)
		for _, item := range value {
			table.Append(toLua(state, maps, item))
		}
		return table
	case string:
		return lua.LString(value)
	case bool:
		return lua.LBool(value)
	case json.Number:
		number, _ := value.Float64()
		return lua.LNumber(number)
	}
	return lua.LNil
}

func fromLua(maps *lua.LTable, value lua.LValue, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the result is nested deeper than %d levels", maxDepth)
	}
	switch value := value.(type) {
	case *lua.LTable:
		return fromTable(maps, value, depth)
	case lua.LString:
		return string(value), nil
	case lua.LBool:
		return bool(value), nil
	case lua.LNumber:
		if whole := int64(value); lua.LNumber(whole) == value && whole < 1<<53 && whole > -(1<<53) {
			return whole, nil
		}
		return float64(value), nil
	case *lua.LNilType:
		return nil, nil
	}
	return nil, fmt.Errorf("the result holds a %s", value.Type())
}

// fromTable makes a list of a table with the keys 1 to n, and of an empty one; else a map.
func fromTable(maps, table *lua.LTable, depth int) (any, error) {
	count := 0
	table.ForEach(func(lua.LValue, lua.LValue) { count++ })
	if count == 0 && table.Metatable == maps {
		return map[string]any{}, nil
	}
	if count == table.Len() {
		list := make([]any, 0, count)
		for at := 1; at <= count; at++ {
			item, err := fromLua(maps, table.RawGetInt(at), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		return list, nil
	}
	found := make(map[string]any, count)
	var problem error
	table.ForEach(func(key, item lua.LValue) {
		if problem != nil {
			return
		}
		name, isText := key.(lua.LString)
		if !isText {
			problem = fmt.Errorf("the result has a key that is a %s", key.Type())
			return
		}
		found[string(name)], problem = fromLua(maps, item, depth+1)
	})
	return found, problem
}

// restored gives the result what is lost on the way through Lua, where it is otherwise what came in.
func restored(before, now any) any {
	switch now := now.(type) {
	case []any:
		if _, isMap := before.(map[string]any); isMap && len(now) == 0 {
			return map[string]any{}
		}
		if earlier, isList := before.([]any); isList && len(earlier) == len(now) {
			for at := range now {
				now[at] = restored(earlier[at], now[at])
			}
			return now
		}
		for _, item := range now {
			if impacted, isMap := item.(map[string]any); isMap && impacted["resource"] != nil {
				impacted["resource"] = restored(before, impacted["resource"])
			}
		}
	case map[string]any:
		earlier, _ := before.(map[string]any)
		for key, item := range now {
			now[key] = restored(earlier[key], item)
		}
	case int64:
		return number(before, float64(now), now)
	case float64:
		return number(before, now, now)
	}
	return now
}

func number(before any, value float64, now any) any {
	if earlier, ok := before.(json.Number); ok {
		if same, err := earlier.Float64(); err == nil && same == value {
			return earlier
		}
	}
	return now
}
