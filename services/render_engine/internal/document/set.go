package document

import (
	"bytes"
	"fmt"
	"strings"
)

// DefaultOutput bounds the documents of one render, in bytes together.
const DefaultOutput = 50 << 20

// Set collects the documents of one render, bounded in size.
type Set struct {
	Documents [][]byte
	Warnings  []string
	limit     int64
	size      int64
}

// NewSet holds at most limit bytes; zero means DefaultOutput.
func NewSet(limit int64) *Set {
	if limit <= 0 {
		limit = DefaultOutput
	}
	return &Set{Documents: [][]byte{}, limit: limit}
}

// Room says how many bytes may still be added.
func (s *Set) Room() int64 { return s.limit - s.size }

// LimitError says that a render printed more than it may.
type LimitError struct{ Limit int64 }

func (e *LimitError) Error() string {
	return fmt.Sprintf("rendered manifests exceed %d bytes", e.Limit)
}

// AddYAML adds every object of a stream of YAML documents. A key given twice is an error.
func (s *Set) AddYAML(content []byte) error {
	text := decodeText(content)
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		if values, err := parseJSONStream(text); err == nil {
			return s.addAll(values)
		}
	}
	for _, piece := range splitYAML(text) {
		value, err := parseYAML(piece, true)
		if err == nil {
			err = s.add(value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AddChart adds what a template printed. Charts often print a key twice, and Helm takes the last one:
// that is a warning. Keep decides about each object.
func (s *Set) AddChart(name string, content []byte, last string, keep func(map[string]any) (bool, error)) error {
	for _, piece := range splitChart(content, last) {
		value, err := parseYAML(piece, true)
		if err != nil {
			strict := err
			if value, err = parseYAML(piece, false); err != nil {
				return err
			}
			s.Warn("%s: %v", name, strict)
		}
		if object, isObject := value.(map[string]any); isObject {
			if kept, err := keep(object); err != nil {
				return err
			} else if !kept {
				continue
			}
		}
		if err := s.add(value); err != nil {
			return err
		}
	}
	return nil
}

// AddJSON adds the single object of a JSON text.
func (s *Set) AddJSON(content []byte) error {
	value, err := parseJSON(decodeText(content))
	if err != nil {
		return err
	}
	return s.add(value)
}

// AddJSONList adds the objects of a JSON text: those of an array, or its single one.
func (s *Set) AddJSONList(content []byte) error {
	value, err := parseJSON(content)
	if err != nil {
		return err
	}
	if items, isArray := value.([]any); isArray {
		return s.addAll(items)
	}
	return s.add(value)
}

// AddAny adds the YAML values of a text whatever they are: objects, lists, scalars; empty documents too.
func (s *Set) AddAny(content []byte) error {
	for _, piece := range splitYAML(decodeText(content)) {
		if len(bytes.TrimSpace(piece.text)) == 0 {
			continue
		}
		value, err := parseYAML(piece, true)
		if err == nil {
			err = s.put(value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Warn notes something that did not stop the render.
func (s *Set) Warn(format string, arguments ...any) {
	if len(s.Warnings) < 100 {
		s.Warnings = append(s.Warnings, fmt.Sprintf(format, arguments...))
	}
}

func (s *Set) add(value any) error {
	if value == nil {
		return nil
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return fmt.Errorf("expected an object, found %s", describe(value))
	}
	if items, isList := listItems(object); isList {
		return s.addItems(object, items)
	}
	for _, field := range []string{"kind", "apiVersion"} {
		if text, _ := object[field].(string); text == "" {
			return fmt.Errorf("Object '%s' is missing in %s", strings.ToUpper(field[:1])+field[1:], excerpt(object))
		}
	}
	return s.put(object)
}

func (s *Set) addAll(values []any) error {
	for _, value := range values {
		if err := s.add(value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) addItems(list map[string]any, items []any) error {
	kind, _ := list["kind"].(string)
	for _, item := range items {
		object, isObject := item.(map[string]any)
		if !isObject {
			return fmt.Errorf("expected an object in %s, found %s", kind, describe(item))
		}
		if kind != "List" {
			inherit(object, "kind", strings.TrimSuffix(kind, "List"))
			inherit(object, "apiVersion", list["apiVersion"])
		}
		if err := s.add(object); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) put(value any) error {
	if isDeeper(value, maxDepth) {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	text, err := canonical(value)
	if err != nil {
		return err
	}
	if s.size += int64(len(text)); s.size > s.limit {
		return &LimitError{Limit: s.limit}
	}
	s.Documents = append(s.Documents, text)
	return nil
}

func listItems(object map[string]any) ([]any, bool) {
	kind, _ := object["kind"].(string)
	items, isList := object["items"].([]any)
	if !isList && kind == "List" && object["items"] == nil {
		return nil, true
	}
	return items, isList && strings.HasSuffix(kind, "List")
}

func inherit(object map[string]any, field string, value any) {
	if text, _ := object[field].(string); text == "" {
		object[field] = value
	}
}

func describe(value any) string {
	switch value.(type) {
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}

func excerpt(object map[string]any) string {
	text, err := canonical(object)
	if err != nil {
		return "an object"
	}
	if len(text) > 200 {
		return string(text[:200]) + "…"
	}
	return string(text)
}
