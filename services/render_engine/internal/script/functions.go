package script

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"sigs.k8s.io/yaml"
)

const (
	// longestName bounds what normalize makes, in characters.
	longestName = 253
	// longestSlug bounds what slugify makes, where a template does not say.
	longestSlug = 50
	// deepest is how deep calls of tpl may be nested.
	deepest = 3
)

// showing is the function that every value passes through on its way into the text.
const showing = "_shown"

var (
	notInNames = regexp.MustCompile(`[^-a-z0-9.]`)
	notInSlugs = regexp.MustCompile(`[^-a-z0-9]`)
	dashes     = regexp.MustCompile(`-+`)
)

// compiled is a template of ApplicationSets: with functions of its own beside Sprig's, and numbers that are shown as
// they were written.
func compiled(text string, options []string, depth int) (*template.Template, error) {
	own := maps.Clone(functions)
	maps.Copy(own, template.FuncMap{
		"normalize":     normalize,
		"slugify":       slugify,
		"toYaml":        toYAML,
		"fromYaml":      fromYAML,
		"fromYamlArray": fromYAMLArray,
		showing:         shown,
		"tpl": func(inner string, values any) (string, error) {
			return nested(inner, values, options, depth+1)
		},
	})
	parsed, err := template.New("").Funcs(own).Option(options...).Parse(text)
	if err != nil {
		return nil, err
	}
	for _, one := range parsed.Templates() {
		if one.Tree != nil {
			showNumbers(one.Tree.Root)
		}
	}
	return parsed, nil
}

// nested is a text of a template that is a template itself.
func nested(text string, values any, options []string, depth int) (string, error) {
	if depth > deepest {
		return "", fmt.Errorf("tpl is nested deeper than %d levels", deepest)
	}
	parsed, err := compiled(text, options, depth)
	if err != nil {
		return "", err
	}
	output := &limited{left: maxFilled}
	if err := parsed.Execute(output, values); err != nil {
		return "", err
	}
	return output.String(), nil
}

// showNumbers has what is written into the text pass through shown.
func showNumbers(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			if len(node.Pipe.Decl) == 0 {
				name := parse.NewIdentifier(showing).SetPos(node.Pos)
				node.Pipe.Cmds = append(node.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos, Args: []parse.Node{name}})
			}
		case *parse.IfNode:
			showNumbers(node.List)
			showNumbers(node.ElseList)
		case *parse.RangeNode:
			showNumbers(node.List)
			showNumbers(node.ElseList)
		case *parse.WithNode:
			showNumbers(node.List)
			showNumbers(node.ElseList)
		}
	}
}

// shown writes whole numbers in full; the library would write 1e+06.
func shown(value any) any {
	if number, ok := value.(float64); ok && number == math.Trunc(number) && math.Abs(number) < 1e21 {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return value
}

// normalize makes a name of any text.
func normalize(text string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(text), "-")
	if len(name) > longestName {
		name = name[:longestName]
	}
	return strings.Trim(name, "-.")
}

// slugify takes a text last, before it how long the slug may be, and before the text whether it is cut between words.
func slugify(arguments ...any) (string, error) {
	most, smart := longestSlug, true
	if len(arguments) == 0 || len(arguments) > 3 {
		return "", errors.New("slugify takes a length, whether to cut between words, and a text")
	}
	text, ok := arguments[len(arguments)-1].(string)
	if !ok {
		return "", errors.New("slugify: the last argument is no text")
	}
	if len(arguments) > 1 {
		if most, ok = arguments[0].(int); !ok || most < 1 {
			return "", errors.New("slugify: the first argument is no length")
		}
	}
	if len(arguments) > 2 {
		if smart, ok = arguments[1].(bool); !ok {
			return "", errors.New("slugify: the second argument is neither true nor false")
		}
	}
	return slug(text, most, smart), nil
}

func slug(text string, most int, smart bool) string {
	found := strings.Trim(dashes.ReplaceAllString(notInSlugs.ReplaceAllString(normalize(text), "-"), "-"), "-")
	if len(found) <= most {
		return found
	}
	end := most
	if at := strings.LastIndexByte(found[:most+1], '-'); smart && at > 0 {
		end = at
	}
	return strings.Trim(found[:end], "-")
}

func toYAML(value any) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

func fromYAML(text string) (map[string]any, error) {
	found := map[string]any{}
	err := yaml.Unmarshal([]byte(text), &found)
	return found, err
}

func fromYAMLArray(text string) ([]any, error) {
	found := []any{}
	err := yaml.Unmarshal([]byte(text), &found)
	return found, err
}
