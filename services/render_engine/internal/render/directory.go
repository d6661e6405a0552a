package render

import (
	"bytes"
	"errors"
	"path"
	"regexp"
	"strings"

	"github.com/gobwas/glob"

	"render-engine/internal/document"
	"render-engine/internal/tree"
)

// defaultCombined bounds the files of a directory source together, in bytes (Argo CD's default). Those of
// Jsonnet are not counted.
const defaultCombined = 10_000_000

const skipMarker = "+argocd:skip-file-rendering"

var manifestName = regexp.MustCompile(`\.(yaml|yml|json|jsonnet)$`)

// directory adds every manifest below the path, in the order of paths.
func (j *job) directory() error {
	files, err := j.manifestFiles()
	if err != nil {
		return err
	}
	room := j.Limits.Combined
	if room <= 0 {
		room = defaultCombined
	}
	for _, name := range files {
		j.page.Enter(name)
		content, err := j.tree.ReadFile(name)
		if err != nil {
			return err
		}
		if path.Ext(name) != extJsonnet {
			room -= int64(len(content))
		}
		if room < 0 {
			return refuse(codeLimit, name, "%s: exceeded max combined manifest file size", name)
		}
		if err := j.addManifest(name, content); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) addManifest(name string, content []byte) error {
	if bytes.Contains(content, []byte(skipMarker)) {
		return nil
	}
	var err error
	switch path.Ext(name) {
	case extJsonnet:
		return j.jsonnet(name)
	case ".json":
		err = j.set.AddJSON(content)
	default:
		before := len(j.set.Documents)
		err = j.set.AddYAML(content)
		if err != nil && len(j.set.Documents) == before && !looksLikeManifest(content) && !isLimit(err) {
			j.set.Warn("%s: skipped, it is no manifest: %v", name, err)
			return nil
		}
	}
	if err != nil {
		return refuse(limitCode(err), name, "Failed to unmarshal %q: %v", name, err)
	}
	return nil
}

func isLimit(err error) bool {
	var limit *document.LimitError
	return errors.As(err, &limit)
}

func limitCode(err error) string {
	if isLimit(err) {
		return codeLimit
	}
	return ""
}

// looksLikeManifest finds the three fields of every object, as YAML or JSON would spell them.
func looksLikeManifest(content []byte) bool {
	for _, field := range []string{"apiVersion", "kind", "metadata"} {
		if !bytes.Contains(content, []byte(field+":")) && !bytes.Contains(content, []byte(field+`":`)) {
			return false
		}
	}
	return true
}

// manifestFiles lists the files that the source's options select. As in Argo CD symlinks to files are
// followed, those to directories and to nowhere are left out. A submodule is refused unless it is excluded.
func (j *job) manifestFiles() ([]string, error) {
	selects, err := j.selector()
	if err != nil {
		return nil, err
	}
	options := j.directoryOptions()
	exclude, err := j.pattern(options.exclude)
	if err != nil {
		return nil, err
	}
	var files []string
	err = j.tree.Walk(j.Path, func(relative string, isDir bool, broken error) error {
		full := path.Join(j.Path, relative)
		switch {
		case isDir && (!options.recurse || j.tree.IsLink(full)):
			return tree.SkipDirectory
		case isDir && exclude != nil && exclude.Match(relative) && j.tree.IsSubmodule(full):
			return tree.SkipDirectory
		case isDir || !selects(relative):
			return nil
		case tree.IsMissing(broken):
			j.set.Warn("%s: skipped, its symlink leads nowhere", full)
			return nil
		}
		files = append(files, full)
		return broken
	})
	return files, err
}

type directoryOptions struct {
	recurse, anyExtension bool
	include, exclude      string
}

func (j *job) directoryOptions() directoryOptions {
	given := j.Options.Directory
	if given == nil {
		return directoryOptions{}
	}
	return directoryOptions{
		recurse: given.Recurse, anyExtension: given.DisableExtensionFilter,
		include: given.Include, exclude: given.Exclude,
	}
}

// selector makes the test for a path relative to the source's. As in Argo CD a star also crosses
// directories, and exclude wins.
func (j *job) selector() (func(string) bool, error) {
	options := j.directoryOptions()
	include, err := j.pattern(options.include)
	if err != nil {
		return nil, err
	}
	exclude, err := j.pattern(options.exclude)
	if err != nil {
		return nil, err
	}
	return func(relative string) bool {
		if !options.anyExtension && !manifestName.MatchString(relative) {
			return false
		}
		return (exclude == nil || !exclude.Match(relative)) && (include == nil || include.Match(relative))
	}, nil
}

func (j *job) pattern(text string) (glob.Glob, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	compiled, err := glob.Compile(text)
	if err != nil {
		return nil, refuse("", j.Path, "directory pattern %q: %v", text, err)
	}
	return compiled, nil
}
