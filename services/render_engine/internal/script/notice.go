package script

import (
	"encoding/json"
	"fmt"
	"sync"
	"text/template"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"render-engine/internal/wire"
)

// maxText bounds one text of a message, in bytes.
const maxText = 1 << 20

// maxKept is how many compiled texts are at hand for the next request.
const maxKept = 1024

// work is what one request wants of one set of variables: conditions judged and templates filled in.
type work struct {
	Expressions []string `json:"expressions"`
	Templates   []string `json:"templates"`
}

// outcome is what became of one text. Wanting says that it asks for something that was not supplied yet.
type outcome struct {
	Holds   bool   `json:"holds,omitempty"`
	Text    string `json:"text"`
	Problem string `json:"problem,omitempty"`
	Wanting bool   `json:"wanting,omitempty"`
}

// notice is the answer: outcomes in the order of the texts, and what to supply for another round.
type notice struct {
	Expressions []outcome `json:"expressions"`
	Templates   []outcome `json:"templates"`
	Commits     []string  `json:"commits"`
	Details     bool      `json:"details"`
}

// runNotice does all of a request's work; a text that fails costs no other one anything.
func runNotice(request *wire.Request, input map[string]any) (any, error) {
	var wanted work
	if err := json.Unmarshal(request.Text, &wanted); err != nil {
		return nil, fmt.Errorf("the work cannot be read: %w", err)
	}
	variables, _ := plain(input["variables"]).(map[string]any)
	if variables == nil {
		variables = map[string]any{}
	}
	supplied := supplies{}
	if err := reread(input["supplied"], &supplied); err != nil {
		return nil, fmt.Errorf("the supplies cannot be read: %w", err)
	}
	asked := &asking{supplied: supplied}
	for name, functions := range asked.functions() {
		variables[name] = functions
	}
	answer := notice{Expressions: []outcome{}, Templates: []outcome{}, Commits: []string{}}
	for _, text := range wanted.Expressions {
		answer.Expressions = append(answer.Expressions, asked.outcome(func() (outcome, error) { return condition(text, variables) }))
	}
	for _, text := range wanted.Templates {
		answer.Templates = append(answer.Templates, asked.outcome(func() (outcome, error) { return message(text, variables) }))
	}
	answer.Commits, answer.Details = append(answer.Commits, asked.commits...), asked.details
	return answer, nil
}

func reread(value any, into any) error {
	if value == nil {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// condition is what an expression comes to: whether it is true, and how it prints.
func condition(text string, variables map[string]any) (outcome, error) {
	program, err := programs.get(text, func(text string) (*vm.Program, error) { return expr.Compile(text) })
	if err != nil {
		return outcome{}, err
	}
	found, err := expr.Run(program, variables)
	if err != nil {
		return outcome{}, err
	}
	holds, _ := found.(bool)
	printed := fmt.Sprint(found)
	if len(printed) > maxText {
		return outcome{}, errTooLong
	}
	return outcome{Holds: holds, Text: printed}, nil
}

func message(text string, variables map[string]any) (outcome, error) {
	parsed, err := templates.get(text, func(text string) (*template.Template, error) {
		return template.New("template").Funcs(functions).Parse(text)
	})
	if err != nil {
		return outcome{}, err
	}
	output := &bounded{}
	if err := parsed.Execute(output, variables); err != nil {
		return outcome{}, err
	}
	if output.Len() > maxText {
		return outcome{}, fmt.Errorf("the text is longer than %d KiB", maxText>>10)
	}
	return outcome{Text: output.String()}, nil
}

// kept holds what was made of texts, and begins anew when there are too many.
type kept[T any] struct {
	mutex sync.Mutex
	made  map[string]T
}

var programs = &kept[*vm.Program]{made: map[string]*vm.Program{}}
var templates = &kept[*template.Template]{made: map[string]*template.Template{}}

func (k *kept[T]) get(text string, make func(string) (T, error)) (T, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if found, ok := k.made[text]; ok {
		return found, nil
	}
	found, err := make(text)
	if err != nil {
		return found, err
	}
	if len(k.made) >= maxKept {
		clear(k.made)
	}
	k.made[text] = found
	return found, nil
}
