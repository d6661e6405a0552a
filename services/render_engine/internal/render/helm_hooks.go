package render

import (
	"fmt"
	"slices"
	"strings"

	"render-engine/internal/wire"
)

// hookAnnotation makes an object a hook.
const hookAnnotation = "helm.sh/hook"

var (
	testHooks = []string{"test", "test-success"}
	hooks     = []string{
		"pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade",
		"pre-rollback", "post-rollback", "test", "test-success",
	}
)

// isPrinted says whether Helm prints an object: one whose hooks it does not all know it leaves out, and tests
// where the source says so. What Helm cannot read of an object's head is an error, as with it.
func (j *job) isPrinted(object map[string]any, file string, options *wire.Helm) (bool, error) {
	if err := checkHead(object); err != nil {
		return false, err
	}
	metadata, _ := object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	given, isHook := annotations[hookAnnotation]
	if !isHook {
		return true, nil
	}
	isTest := false
	for _, hook := range strings.Split(text(given), ",") {
		hook = strings.ToLower(strings.TrimSpace(hook))
		if !slices.Contains(hooks, hook) {
			j.set.Warn("%s: %v is left out, Helm knows no hook %q", file, metadata["name"], hook)
			return false, nil
		}
		isTest = isTest || slices.Contains(testHooks, hook)
	}
	return !options.SkipTests || !isTest, nil
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// checkHead refuses what Helm could not read of an object: its kind and name, and annotations.
func checkHead(object map[string]any) error {
	for _, field := range []string{"apiVersion", "kind"} {
		if !isScalar(object[field]) {
			return fmt.Errorf("%s is no text", field)
		}
	}
	metadata, isMap := object["metadata"].(map[string]any)
	if object["metadata"] != nil && !isMap {
		return fmt.Errorf("metadata is no map")
	}
	if !isScalar(metadata["name"]) {
		return fmt.Errorf("metadata.name is no text")
	}
	annotations, isMap := metadata["annotations"].(map[string]any)
	if metadata["annotations"] != nil && !isMap {
		return fmt.Errorf("metadata.annotations are no map")
	}
	for name, value := range annotations {
		if !isScalar(value) {
			return fmt.Errorf("metadata.annotations: %s is no text", name)
		}
	}
	return nil
}

func isScalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}
