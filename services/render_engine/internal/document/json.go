package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth bounds the nesting of a document; no Kubernetes object comes near it, and readers written with
// recursion stand it.
const maxDepth = 200

// parseJSON reads one value, keeping numbers as written and refusing a key given twice.
func parseJSON(text []byte) (any, error) {
	values, err := parseJSONStream(text)
	if err == nil && len(values) != 1 {
		return nil, fmt.Errorf("%d values where one is expected", len(values))
	}
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// parseJSONStream reads one value after the other.
func parseJSONStream(text []byte) ([]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var values []any
	for len(values) == 0 || decoder.More() {
		value, err := jsonValue(decoder, 0)
		if err != nil {
			return nil, jsonError(text, decoder.InputOffset(), err)
		}
		values = append(values, value)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, jsonError(text, decoder.InputOffset(), errors.New("the text goes on after its end"))
	}
	return values, nil
}

func jsonError(text []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	line := 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("line %d: %w", line, err)
}

func jsonValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return jsonObject(decoder, depth)
	case json.Delim('['):
		return jsonList(decoder, depth)
	}
	return token, nil
}

func jsonObject(decoder *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		key := token.(string)
		if _, found := object[key]; found {
			return nil, fmt.Errorf("key %q already set in map", key)
		}
		if object[key], err = jsonValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return object, err
}

func jsonList(decoder *json.Decoder, depth int) (any, error) {
	list := []any{}
	for decoder.More() {
		value, err := jsonValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := decoder.Token()
	return list, err
}

// isDeeper says whether a value is nested deeper than a bound.
func isDeeper(value any, bound int) bool {
	switch typed := value.(type) {
	case map[string]any:
		for _, below := range typed {
			if bound <= 0 || isDeeper(below, bound-1) {
				return true
			}
		}
	case []any:
		for _, below := range typed {
			if bound <= 0 || isDeeper(below, bound-1) {
				return true
			}
		}
	}
	return false
}

// canonical is the one JSON text of a value: keys sorted, nothing escaped needlessly.
func canonical(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
