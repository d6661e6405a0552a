package render

import (
	"bytes"
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"

	"render-engine/internal/tree"
)

// maxChart bounds the files of a chart together, in bytes, packed or not.
const maxChart = 50 << 20

// apiVersions are those of charts that Helm installs; without one a chart is of the first.
var apiVersions = []string{"", chart.APIVersionV1, chart.APIVersionV2}

// loadChart reads the chart at the path with its dependencies.
func (j *job) loadChart() (*chart.Chart, error) {
	archive.MaxDecompressedChartSize = maxChart
	loaded, err := j.loadChartAt(j.Path)
	if err != nil {
		return nil, err
	}
	if err := j.addDependencies(loaded, j.Path); err != nil {
		return nil, err
	}
	inOrder(loaded)
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		file := path.Join(j.Path, "Chart.yaml")
		return nil, refuse("", file, "%s: %s charts are not installable", file, kind)
	}
	return loaded, nil
}

// loadChartAt reads one chart of the repository, with the charts in it.
func (j *job) loadChartAt(directory string) (*chart.Chart, error) {
	rules, err := j.ignoreRules(directory)
	if err != nil {
		return nil, err
	}
	files, err := j.chartFiles(j.tree, directory, directory, rules)
	if err != nil {
		return nil, err
	}
	return j.chartOf(files, path.Join(directory, "Chart.yaml"))
}

func (j *job) chartOf(files []*archive.BufferedFile, file string) (*chart.Chart, error) {
	j.page.Enter(file)
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return nil, refuse("", file, "%s: %v", path.Dir(file), err)
	}
	if given := loaded.Metadata.APIVersion; !slices.Contains(apiVersions, given) {
		return nil, refuse(codeUnsupported, file, "%s: apiVersion %q of a chart is not supported, use v2", file, given)
	}
	return loaded, nil
}

// inOrder sorts the charts that a chart brings, the highest version of a name first. Helm has them in the order
// of a map, and takes the first that a dependency may mean: another one each time, where several may be meant.
func inOrder(loaded *chart.Chart) {
	brought := slices.Clone(loaded.Dependencies())
	slices.SortStableFunc(brought, func(a, b *chart.Chart) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), -compareVersions(a.Metadata.Version, b.Metadata.Version))
	})
	loaded.SetDependencies(brought...)
	for _, one := range brought {
		inOrder(one)
	}
}

func compareVersions(a, b string) int {
	left, wrong := semver.NewVersion(a)
	right, alsoWrong := semver.NewVersion(b)
	if wrong != nil || alsoWrong != nil {
		return strings.Compare(a, b)
	}
	return left.Compare(right)
}

// chartFiles gathers the files of a chart at a directory except those that .helmignore names; people are told
// of them below `shown`.
func (j *job) chartFiles(from *tree.Tree, directory, shown string, rules *ignore.Rules) ([]*archive.BufferedFile, error) {
	var files []*archive.BufferedFile
	room := int64(maxChart)
	err := from.Walk(directory, func(relative string, isDir bool, broken error) error {
		if rules.Ignore(relative, tree.Info(path.Base(relative), isDir)) {
			if isDir {
				return tree.SkipDirectory
			}
			return nil
		}
		full, told := path.Join(directory, relative), path.Join(shown, relative)
		if isDir && !j.Submodules && !isRendered(relative) && from.IsSubmodule(full) {
			j.set.Warn("%s: left out of the chart, it is a submodule", told)
			return tree.SkipDirectory
		}
		if isDir || broken != nil {
			return broken
		}
		j.page.Enter(told)
		content, err := from.ReadFile(full)
		var pointer *tree.PointerError
		if errors.As(err, &pointer) && !isRendered(relative) {
			content, err = pointer.Content, nil
		}
		if err != nil {
			return err
		}
		if room -= int64(len(content)); room < 0 {
			return refuse(codeLimit, told, "%s: chart exceeds %d bytes", told, maxChart)
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
