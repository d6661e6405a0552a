package render

import (
	"bytes"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"

	"render-engine/internal/tree"
)

// maxChart bounds the files of a chart together, in bytes, packed or not.
const maxChart = 50 << 20

// loadChart reads the chart at the path with its vendored dependencies.
func (j *job) loadChart() (*chart.Chart, error) {
	archive.MaxDecompressedChartSize = maxChart
	files, err := j.chartFiles()
	if err != nil {
		return nil, err
	}
	file := path.Join(j.Path, "Chart.yaml")
	j.page.Enter(file)
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return nil, refuse("", file, "%s: %v", j.Path, err)
	}
	var missing []string
	for _, needed := range loaded.Metadata.Dependencies {
		if !hasDependency(loaded, needed.Name) {
			missing = append(missing, needed.Name)
		}
	}
	if len(missing) > 0 {
		return nil, refuse(codeDependencies, file, "%s: found in Chart.yaml, but missing in charts/ directory: %s", file, strings.Join(missing, ", "))
	}
	return loaded, nil
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
func (j *job) chartFiles() ([]*archive.BufferedFile, error) {
	rules, err := j.ignoreRules()
	if err != nil {
		return nil, err
	}
	var files []*archive.BufferedFile
	room := int64(maxChart)
	err = j.tree.Walk(j.Path, func(relative string, isDir bool, broken error) error {
		if rules.Ignore(relative, tree.Info(path.Base(relative), isDir)) {
			if isDir {
				return tree.SkipDirectory
			}
			return nil
		}
		if isDir || broken != nil {
			return broken
		}
		full := path.Join(j.Path, relative)
		j.page.Enter(full)
		content, err := j.tree.ReadFile(full)
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

func (j *job) ignoreRules() (*ignore.Rules, error) {
	rules := ignore.Empty()
	name := path.Join(j.Path, ignore.HelmIgnore)
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
