// Package script evaluates what people configure in small languages: Lua, Go templates and expr.
//
// Invariant: a script sees its input and nothing else; no file, no network, no environment, no clock but
// Lua's own and the one of notices. What it asks for without end is ended: Lua by its deadline, the others by the process that
// waits for this one.
package script

import (
	"bytes"
	"encoding/json"
	"fmt"

	"render-engine/internal/wire"
)

// maxOutput bounds what one script may answer, in bytes, unless the request says less.
const maxOutput = 8 << 20

// maxDepth is how deep a script's value may be nested.
const maxDepth = 100

// Run evaluates the text of a request over its input; the answer's one document is the JSON of the result.
func Run(request *wire.Request) (*wire.Reply, error) {
	result, err := evaluate(request)
	if err != nil {
		return &wire.Reply{}, err
	}
	limit := int64(maxOutput)
	if request.Limits.Output > 0 && request.Limits.Output < limit {
		limit = request.Limits.Output
	}
	document, err := encoded(result)
	if err != nil {
		return &wire.Reply{}, err
	}
	if int64(len(document)) > limit {
		return &wire.Reply{}, fmt.Errorf("the result is larger than %d bytes", limit)
	}
	return &wire.Reply{Documents: [][]byte{document}}, nil
}

func evaluate(request *wire.Request) (any, error) {
	input, err := decoded(request.Input)
	if err != nil {
		return nil, fmt.Errorf("the input cannot be read: %w", err)
	}
	switch request.Verb {
	case "lua":
		return runLua(request, input)
	case "template":
		return expand(string(request.Text), input)
	case "notice":
		return runNotice(request, input)
	default:
		return judge(string(request.Text), input)
	}
}

func decoded(text []byte) (map[string]any, error) {
	found := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(&found)
	return found, err
}

func encoded(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(text.Bytes()), nil
}

// plain turns the numbers of a decoded value into what templates and expressions count with.
func plain(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			value[key] = plain(item)
		}
	case []any:
		for at, item := range value {
			value[at] = plain(item)
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		if broken, err := value.Float64(); err == nil {
			return broken
		}
		return value.String()
	}
	return value
}
