// Package document turns the text of manifests into JSON documents, by the rules of Kubernetes.
//
// Invariant: a document is one object with its keys sorted and its integers exact; the same text gives
// the same bytes for ever.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// piece is one document of a stream and the number of lines before it.
type piece struct {
	text []byte
	skip int
}

// splitYAML cuts a stream at lines of "---" or "..." that hold nothing else but a comment, as kubectl does
// at the first of them.
func splitYAML(text []byte) []piece {
	var pieces []piece
	start, startLine, line := 0, 0, 0
	for at := 0; at < len(text); line++ {
		end := len(text)
		if newline := bytes.IndexByte(text[at:], '\n'); newline >= 0 {
			end = at + newline + 1
		}
		if isSeparator(text[at:end]) {
			pieces = append(pieces, piece{text: text[start:at], skip: startLine})
			start, startLine = end, line+1
		}
		at = end
	}
	return append(pieces, piece{text: text[start:], skip: startLine})
}

func isSeparator(line []byte) bool {
	rest, found := bytes.CutPrefix(line, []byte("---"))
	if !found {
		rest, found = bytes.CutPrefix(line, []byte("..."))
	}
	if !found {
		return false
	}
	rest = bytes.TrimSpace(rest)
	return len(rest) == 0 || rest[0] == '#'
}

var chartSeparator = regexp.MustCompile(`(?m)^---[ \t]*|^\.\.\.[ \t]*\r?$`)

// KeepsItsEnd says whether a text has a block scalar for which the number of empty lines at its end matters.
func KeepsItsEnd(text string) bool { return keptEnd.MatchString(text) }

// keptEnd finds a block scalar that keeps the empty lines at its end, to which one more is added; for any
// other it makes no difference but to the line of an error.
var keptEnd = regexp.MustCompile(`[|>][0-9]?\+`)

// splitChart cuts what a template printed as Helm does, at any line that begins with "---", and where YAML
// ends a document. Helm takes what space stands before a piece and gives each one more newline at its end,
// and so decides how a block scalar ends; from the last of all, which is given, it takes what stands at its
// end.
func splitChart(text []byte, last string) []piece {
	var pieces []piece
	start := 0
	for _, found := range append(chartSeparator.FindAllIndex(text, -1), []int{len(text), len(text)}) {
		document := text[start:found[0]]
		isEnded := bytes.HasPrefix(text[found[0]:], []byte("..."))
		if last != "" && string(bytes.TrimLeftFunc(document, unicode.IsSpace)) == last {
			document, isEnded = slices.Concat(bytes.TrimRightFunc(document, unicode.IsSpace), []byte("\n")), true
		}
		if !isEnded && (!bytes.HasSuffix(document, []byte("\n")) || keptEnd.Match(document)) {
			document = slices.Concat(document, []byte("\n"))
		}
		trimmed := bytes.TrimLeftFunc(document, unicode.IsSpace)
		skip := bytes.Count(text[:start], []byte("\n")) + bytes.Count(document[:len(document)-len(trimmed)], []byte("\n"))
		pieces = append(pieces, piece{text: trimmed, skip: skip})
		start = found[1]
	}
	return pieces
}

// parseYAML reads one document. An empty one is nil. In strict reading a key given twice is an error.
func parseYAML(from piece, strict bool) (any, error) {
	if isBlank(from.text) {
		return nil, nil
	}
	read := yaml.Unmarshal
	if strict {
		read = yaml.UnmarshalStrict
	}
	var value any
	err := read(from.text, &value, func(decoder *json.Decoder) *json.Decoder {
		decoder.UseNumber()
		return decoder
	})
	if err != nil && strict && isMergedKey(from.text, err) {
		return parseYAML(from, false)
	}
	if err != nil {
		return nil, atLine(err, from.skip)
	}
	if hasMore(from.text) {
		return nil, fmt.Errorf("line %d: more than one document without a line of --- between them", from.skip+1)
	}
	return value, nil
}

// isBlank says whether a piece holds nothing but directives, which may stand before the first document.
func isBlank(text []byte) bool {
	for line := range bytes.Lines(text) {
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && line[0] != '%' && trimmed[0] != '#' {
			return false
		}
	}
	return true
}

// hasMore says whether a text holds more than the one document that the parser of Kubernetes reads of it.
// It would drop the rest in silence, and what is dropped would be pruned.
func hasMore(text []byte) bool {
	start := bytes.TrimSpace(text)
	isFlow := len(start) > 0 && bytes.IndexByte([]byte("{[\"'"), start[0]) >= 0
	if !isFlow && !bytes.Contains(text, []byte("---")) && !bytes.Contains(text, []byte("...")) {
		return false
	}
	decoder := yamlv3.NewDecoder(bytes.NewReader(text))
	var first, second yamlv3.Node
	return decoder.Decode(&first) == nil && !errors.Is(decoder.Decode(&second), io.EOF)
}

// isMergedKey says whether a complaint about a key given twice is about one that a merge brought in,
// which may well be given again. The parser that Kubernetes uses cannot tell; the newer one can.
func isMergedKey(text []byte, err error) bool {
	if !strings.Contains(err.Error(), "already set in map") || !bytes.Contains(text, []byte("<<")) {
		return false
	}
	var value any
	newer := yamlv3.Unmarshal(text, &value)
	return newer == nil || !strings.Contains(newer.Error(), "already defined at line")
}

var lineNumber = regexp.MustCompile(`\bline (\d+)`)

// atLine moves the line numbers of an error from the document to the stream it was cut from.
func atLine(err error, skip int) error {
	message := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	message = strings.ReplaceAll(message, "unmarshal errors:\n  ", "")
	return fmt.Errorf("%s", lineNumber.ReplaceAllStringFunc(message, func(found string) string {
		line, _ := strconv.Atoi(found[len("line "):])
		return "line " + strconv.Itoa(line+skip)
	}))
}

// decodeText accepts UTF-8 with or without its mark, and UTF-16 with one.
func decodeText(content []byte) []byte {
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return content[3:]
	case bytes.HasPrefix(content, []byte("\xfe\xff")), bytes.HasPrefix(content, []byte("\xff\xfe")):
		return fromUTF16(content)
	}
	return content
}

func fromUTF16(content []byte) []byte {
	units := make([]uint16, 0, len(content)/2)
	little := content[0] == 0xff
	for at := 2; at+1 < len(content); at += 2 {
		high, low := content[at], content[at+1]
		if little {
			high, low = low, high
		}
		units = append(units, uint16(high)<<8|uint16(low))
	}
	return []byte(string(utf16.Decode(units)))
}
