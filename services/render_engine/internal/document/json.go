package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth bounds the nesting of JSON; no Kubernetes object comes near it.
const maxDepth = 500

// parseJSON reads one value, keeping numbers as written and refusing a key given twice.
func parseJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := jsonValue(decoder, text, 0)
	if err != nil {
		return nil, jsonError(text, decoder.InputOffset(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, jsonError(text, decoder.InputOffset(), errors.New("more than one value"))
	}
	return value, nil
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

func jsonValue(decoder *json.Decoder, text []byte, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return jsonObject(decoder, text, depth)
	case json.Delim('['):
		return jsonList(decoder, text, depth)
	}
	return token, nil
}

func jsonObject(decoder *json.Decoder, text []byte, depth int) (any, error) {
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
		if object[key], err = jsonValue(decoder, text, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return object, err
}

func jsonList(decoder *json.Decoder, text []byte, depth int) (any, error) {
	list := []any{}
	for decoder.More() {
		value, err := jsonValue(decoder, text, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := decoder.Token()
	return list, err
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
