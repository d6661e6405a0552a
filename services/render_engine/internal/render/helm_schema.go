package render

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

const schemaName = "file:///values.schema.json"

// validate checks values against the schema of a chart and of its dependencies. Helm's own check would
// follow references to local files and to the network; here a schema stands alone.
func validate(loaded *chart.Chart, values map[string]any) error {
	var problems strings.Builder
	if loaded.Schema != nil {
		if err := validateOne(loaded.Schema, values); err != nil {
			fmt.Fprintf(&problems, "%s:\n%v\n", loaded.Name(), err)
		}
	}
	for _, dependency := range loaded.Dependencies() {
		below, found := values[dependency.Name()]
		if !found || below == nil {
			continue
		}
		object, isMap := asMap(below)
		if !isMap {
			fmt.Fprintf(&problems, "%s:\ninvalid type for values: expected object (map), got %T\n", dependency.Name(), below)
			continue
		}
		if err := validate(dependency, object); err != nil {
			problems.WriteString(err.Error())
		}
	}
	if problems.Len() > 0 {
		return fmt.Errorf("%s", problems.String())
	}
	return nil
}

func validateOne(text []byte, values map[string]any) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("unable to validate schema: %v", problem)
		}
	}()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noReferences{})
	if err := compiler.AddResource(schemaName, schema); err != nil {
		return err
	}
	validator, err := compiler.Compile(schemaName)
	if err != nil {
		return err
	}
	if err := validator.Validate(values); err != nil {
		var problem *jsonschema.ValidationError
		if errors.As(err, &problem) {
			order(problem)
		}
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "jsonschema validation failed with '"+schemaName+"#'\n"))
	}
	return nil
}

// order sorts what is wrong: the validator walks maps, and the same values shall always be told the same.
func order(problem *jsonschema.ValidationError) {
	if extra, isExtra := problem.ErrorKind.(*kind.AdditionalProperties); isExtra {
		slices.Sort(extra.Properties)
	}
	slices.SortStableFunc(problem.Causes, func(a, b *jsonschema.ValidationError) int {
		return slices.Compare(a.InstanceLocation, b.InstanceLocation)
	})
	for _, cause := range problem.Causes {
		order(cause)
	}
}

// noReferences refuses every schema outside the file, except the unresolvable urn names that Helm, too,
// takes for "anything goes".
type noReferences struct{}

func (noReferences) Load(address string) (any, error) {
	if strings.HasPrefix(address, "urn:") {
		return true, nil
	}
	return nil, fmt.Errorf("reference to %s is refused: a chart's schema must stand alone", address)
}

func asMap(value any) (map[string]any, bool) {
	switch typed := value.(type) {
	case map[string]any:
		return typed, true
	case common.Values:
		return typed, true
	}
	return nil, false
}
