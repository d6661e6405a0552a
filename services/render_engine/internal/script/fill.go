package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"render-engine/internal/wire"
)

const (
	// maxFilled bounds what one set of values makes of a tree, in bytes.
	maxFilled = 4 << 20
	// maxAnswer bounds all that is answered at once, in bytes; who asked asks for the rest.
	maxAnswer = 24 << 20
	// maxWork is after how long an answer ends, whatever is left: others wait.
	maxWork = 2 * time.Second
)

// texts is the only key of what stands for a map of texts: a map whose missing keys are "" and not nothing.
const texts = "\x00"

// filled is a tree with one set of values, or why it cannot be filled in, and where.
type filled struct {
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
	Field string `json:"field,omitempty"`
}

// Fill fills in the tree of the text once for each set of values of the input, which is a list; keys of maps too.
// There are as many documents as sets were filled in before the answer was large or late enough.
func Fill(request *wire.Request) (*wire.Reply, error) {
	var tree any
	if err := json.Unmarshal(request.Text, &tree); err != nil {
		return &wire.Reply{}, fmt.Errorf("the template cannot be read: %w", err)
	}
	var sets []json.RawMessage
	if err := json.Unmarshal(request.Input, &sets); err != nil {
		return &wire.Reply{}, fmt.Errorf("the sets of values cannot be read: %w", err)
	}
	options, err := understood(request.TemplateOptions)
	if err != nil {
		return &wire.Reply{}, err
	}
	filler := &filler{options: options, parsed: map[string]*template.Template{}}
	reply, began, size := &wire.Reply{}, time.Now(), 0
	for _, set := range sets {
		document, err := filler.document(tree, set)
		if err != nil {
			return &wire.Reply{}, err
		}
		if size += len(document); len(reply.Documents) > 0 && size > maxAnswer {
			break
		}
		reply.Documents = append(reply.Documents, document)
		if time.Since(began) > maxWork {
			break
		}
	}
	return reply, nil
}

// understood refuses what the library would panic at.
func understood(options []string) ([]string, error) {
	for _, option := range options {
		switch option {
		case "missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error":
		default:
			return nil, fmt.Errorf("unrecognized option: %s", option)
		}
	}
	return options, nil
}

// filler has each text parsed once.
type filler struct {
	options []string
	parsed  map[string]*template.Template
	left    int
}

func (f *filler) document(tree any, set json.RawMessage) ([]byte, error) {
	var values any
	if err := json.Unmarshal(set, &values); err != nil {
		return nil, fmt.Errorf("a set of values cannot be read: %w", err)
	}
	f.left = maxFilled
	value, field, err := f.fill(tree, mapsOfTexts(values), nil)
	if err != nil {
		return encoded(filled{Error: err.Error(), Field: strings.Join(field, ".")})
	}
	return encoded(filled{Value: value})
}

// fill answers with the place of an error, too.
func (f *filler) fill(tree, values any, path []string) (any, []string, error) {
	switch tree := tree.(type) {
	case string:
		text, err := f.text(tree, values)
		return text, path, err
	case []any:
		list := make([]any, len(tree))
		for at, item := range tree {
			value, where, err := f.fill(item, values, append(path, fmt.Sprint(at)))
			if err != nil {
				return nil, where, err
			}
			list[at] = value
		}
		return list, path, nil
	case map[string]any:
		found := make(map[string]any, len(tree))
		for _, key := range sortedKeys(tree) {
			below := append(path, key)
			name, err := f.text(key, values)
			if err != nil {
				return nil, below, err
			}
			value, where, err := f.fill(tree[key], values, below)
			if err != nil {
				return nil, where, err
			}
			found[name] = value
		}
		return found, path, nil
	}
	return tree, path, nil
}

func (f *filler) text(text string, values any) (string, error) {
	if !strings.Contains(text, "{{") {
		f.left -= len(text)
		return text, nil
	}
	parsed, known := f.parsed[text]
	if !known {
		var err error
		if parsed, err = compiled(text, f.options, 0); err != nil {
			return "", fmt.Errorf("failed to parse template %s: %w", text, err)
		}
		f.parsed[text] = parsed
	}
	output := &limited{left: f.left}
	if err := parsed.Execute(output, values); err != nil {
		return "", fmt.Errorf("failed to execute go template %s: %w", text, err)
	}
	f.left = output.left
	return output.String(), nil
}

func sortedKeys(tree map[string]any) []string {
	keys := make([]string, 0, len(tree))
	for key := range tree {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// mapsOfTexts makes maps of texts of what stands for them.
func mapsOfTexts(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if marked, ok := value[texts].(map[string]any); ok && len(value) == 1 {
			found := make(map[string]string, len(marked))
			for key, item := range marked {
				found[key] = fmt.Sprint(item)
			}
			return found
		}
		for key, item := range value {
			value[key] = mapsOfTexts(item)
		}
	case []any:
		for at, item := range value {
			value[at] = mapsOfTexts(item)
		}
	}
	return value
}

// limited is a text that does not grow beyond what is left for it.
type limited struct {
	strings.Builder
	left int
}

func (l *limited) Write(part []byte) (int, error) {
	if l.left -= len(part); l.left < 0 {
		return 0, fmt.Errorf("what one set of parameters makes of the template is longer than %d MiB", maxFilled>>20)
	}
	return l.Builder.Write(part)
}
