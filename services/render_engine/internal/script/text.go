package script

import (
	"errors"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/expr-lang/expr"
)

// withheld are functions of Sprig that look outside.
var withheld = []string{"env", "expandenv", "getHostByName"}

var functions = func() template.FuncMap {
	found := sprig.TxtFuncMap()
	for _, name := range withheld {
		delete(found, name)
	}
	return found
}()

var errTooLong = errors.New("the text is longer than 8 MiB")

// expand fills in a Go template.
func expand(text string, input map[string]any) (string, error) {
	parsed, err := template.New("template").Funcs(functions).Parse(text)
	if err != nil {
		return "", err
	}
	output := &bounded{}
	if err := parsed.Execute(output, plain(input)); err != nil {
		return "", err
	}
	return output.String(), nil
}

type bounded struct{ strings.Builder }

func (b *bounded) Write(part []byte) (int, error) {
	if b.Len()+len(part) > maxOutput {
		return 0, errTooLong
	}
	return b.Builder.Write(part)
}

// judge evaluates an expr expression.
func judge(text string, input map[string]any) (any, error) {
	program, err := expr.Compile(text, expr.Env(plain(input)), expr.AllowUndefinedVariables())
	if err != nil {
		return nil, err
	}
	return expr.Run(program, input)
}
