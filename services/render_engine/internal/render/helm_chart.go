package render

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/ignore"

	"render-engine/internal/tree"
)

// maxChart bounds the files of a chart together, in bytes, packed or not.
const maxChart = 50 << 20

// maxNested bounds how deep charts may depend on each other by path.
const maxNested = 10

// apiVersions are those of charts that Helm installs; without one a chart is of the first.
var apiVersions = []string{"", chart.APIVersionV1, chart.APIVersionV2}

// loadChart reads the chart at the path with its dependencies.
func (j *job) loadChart() (*chart.Chart, error) {
	archive.MaxDecompressedChartSize = maxChart
	loaded, err := j.loadChartAt(j.Path, 0)
	if err != nil {
		return nil, err
	}
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		file := path.Join(j.Path, "Chart.yaml")
		return nil, refuse("", file, "%s: %s charts are not installable", file, kind)
	}
	return loaded, nil
}

// loadChartAt reads one chart. A dependency that is not vendored in charts/ is taken from the repository
// when its address is a path there, as `helm dependency build` would.
func (j *job) loadChartAt(directory string, depth int) (*chart.Chart, error) {
	files, err := j.chartFiles(directory)
	if err != nil {
		return nil, err
	}
	file := path.Join(directory, "Chart.yaml")
	j.page.Enter(file)
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return nil, refuse("", file, "%s: %v", directory, err)
	}
	if given := loaded.Metadata.APIVersion; !slices.Contains(apiVersions, given) {
		return nil, refuse(codeUnsupported, file, "%s: apiVersion %q of a chart is not supported, use v2", file, given)
	}
	var missing []string
	for _, needed := range loaded.Metadata.Dependencies {
		if hasDependency(loaded, needed.Name) {
			continue
		}
		nested, err := j.dependencyByPath(directory, needed, depth+1)
		if err != nil {
			return nil, err
		}
		if nested == nil {
			missing = append(missing, needed.Name)
			continue
		}
		loaded.AddDependency(nested)
	}
	if len(missing) > 0 {
		return nil, refuse(codeDependencies, file, "%s: found in Chart.yaml, but missing in charts/ directory: %s", file, strings.Join(missing, ", "))
	}
	return loaded, nil
}

// dependencyByPath loads a dependency whose address is file://path, relative to the chart; nil for any
// other address.
func (j *job) dependencyByPath(from string, needed *chart.Dependency, depth int) (*chart.Chart, error) {
	given, isPath := strings.CutPrefix(needed.Repository, "file://")
	if !isPath {
		return nil, nil
	}
	file := path.Join(from, "Chart.yaml")
	target := path.Clean(path.Join(from, given))
	switch {
	case path.IsAbs(given) || target == ".." || strings.HasPrefix(target, "../"):
		return nil, refuse(codePath, file, "%s: dependency %s at %s lies outside the repository", file, needed.Name, needed.Repository)
	case depth > maxNested:
		return nil, refuse(codeLimit, file, "%s: charts depend on each other more than %d deep", file, maxNested)
	}
	nested, err := j.loadChartAt(target, depth)
	if tree.IsMissing(err) {
		return nil, refuse(codePath, file, "%s: dependency %s: there is no directory %s", file, needed.Name, target)
	}
	if err != nil {
		return nil, err
	}
	if nested.Name() != needed.Name || !chartutil.IsCompatibleRange(needed.Version, nested.Metadata.Version) {
		return nil, refuse("", file, "%s: dependency %s %s: %s has %s %s", file, needed.Name, needed.Version, target, nested.Name(), nested.Metadata.Version)
	}
	return nested, nil
}

func hasDependency(loaded *chart.Chart, name string) bool {
	for _, dependency := range loaded.Dependencies() {
		if dependency.Name() == name {
			return true
		}
	}
	return false
}

// chartFiles gathers the chart's files except those that .helmignore names.
func (j *job) chartFiles(directory string) ([]*archive.BufferedFile, error) {
	rules, err := j.ignoreRules(directory)
	if err != nil {
		return nil, err
	}
	var files []*archive.BufferedFile
	room := int64(maxChart)
	err = j.tree.Walk(directory, func(relative string, isDir bool, broken error) error {
		if rules.Ignore(relative, tree.Info(path.Base(relative), isDir)) {
			if isDir {
				return tree.SkipDirectory
			}
			return nil
		}
		full := path.Join(directory, relative)
		if isDir && !isRendered(relative) && j.tree.IsSubmodule(full) {
			j.set.Warn("%s: left out of the chart, it is a submodule", full)
			return tree.SkipDirectory
		}
		if isDir || broken != nil {
			return broken
		}
		j.page.Enter(full)
		content, err := j.tree.ReadFile(full)
		var pointer *tree.PointerError
		if errors.As(err, &pointer) && !isRendered(relative) {
			content, err = pointer.Content, nil
		}
		if err != nil {
			return err
		}
		if room -= int64(len(content)); room < 0 {
			return refuse(codeLimit, full, "%s: chart exceeds %d bytes", full, maxChart)
		}
		files = append(files, &archive.BufferedFile{Name: relative, Data: withoutMark(content)})
		return nil
	})
	return files, err
}

// isRendered says whether Helm reads a file of a chart by itself; any other it only gives to templates.
func isRendered(relative string) bool {
	top, _, _ := strings.Cut(relative, "/")
	return slices.Contains([]string{
		"Chart.yaml", "values.yaml", "values.schema.json", "requirements.yaml", "charts", "templates", "crds",
	}, top)
}

func (j *job) ignoreRules(directory string) (*ignore.Rules, error) {
	rules := ignore.Empty()
	name := path.Join(directory, ignore.HelmIgnore)
	content, err := j.tree.ReadFile(name)
	if err != nil && !tree.IsMissing(err) {
		return nil, err
	}
	if err == nil {
		if rules, err = ignore.Parse(bytes.NewReader(content)); err != nil {
			return nil, refuse("", name, "%s: %v", name, err)
		}
	}
	rules.AddDefaults()
	return rules, nil
}
