package render

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"

	chartapi "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	valueutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"

	"render-engine/internal/document"
	"render-engine/internal/wire"
)

// helmVersion is the release of Helm whose libraries these are. They know only the minor version of it.
const helmVersion = "v4.3.1"

// helm renders the chart at the path, as `helm template --include-crds` does.
func (j *job) helm() error {
	options := j.Options.Helm
	if options == nil {
		options = &wire.Helm{}
	}
	if !slices.Contains([]string{"", "v3", "v4"}, options.Version) {
		return refuse(codeUnsupported, j.Path, "helm version '%s' is not supported", options.Version)
	}
	loaded, err := j.loadChart()
	if err != nil {
		return err
	}
	printed, err := j.template(loaded, options)
	if err != nil {
		return err
	}
	if !options.SkipCRDs {
		if err := j.addCRDs(loaded); err != nil {
			return err
		}
	}
	return j.addPrinted(loaded, printed, options)
}

// template computes the values and runs every template of the chart.
func (j *job) template(loaded *chart.Chart, options *wire.Helm) (map[string]string, error) {
	given, err := j.values(options)
	if err != nil {
		return nil, err
	}
	if wanting := j.needs.Err(); wanting != nil {
		return nil, wanting
	}
	release, err := j.release(options)
	if err != nil {
		return nil, err
	}
	capabilities, err := j.capabilities(options)
	if err != nil {
		return nil, err
	}
	file := path.Join(j.Path, "Chart.yaml")
	j.page.Enter(file)
	if needed := loaded.Metadata.KubeVersion; needed != "" && !chartutil.IsCompatibleRange(needed, capabilities.KubeVersion.String()) {
		return nil, refuse("", file, "chart requires kubeVersion: %s which is incompatible with Kubernetes %s", needed, capabilities.KubeVersion.Version)
	}
	if err := chartutil.ProcessDependencies(loaded, given); err != nil {
		return nil, refuse("", file, "chart dependencies: %v", err)
	}
	top, err := valueutil.ToRenderValuesWithSchemaValidation(loaded, given, release, capabilities, true)
	if err != nil {
		return nil, refuse("", file, "%v", err)
	}
	if values, isMap := top["Values"].(common.Values); isMap && !options.SkipSchemaValidation {
		if err := validate(loaded, values); err != nil {
			return nil, refuse("", path.Join(j.Path, "values.schema.json"), "values don't meet the specifications of the schema(s) in the following chart(s):\n%v", err)
		}
	}
	return j.execute(loaded, top)
}

func (j *job) release(options *wire.Helm) (common.ReleaseOptions, error) {
	name := options.ReleaseName
	if name == "" {
		name = j.ReleaseName
	}
	if err := chartutil.ValidateReleaseName(name); err != nil {
		return common.ReleaseOptions{}, refuse("", j.Path, "release name %q: %v", name, err)
	}
	namespace := options.Namespace
	if namespace == "" {
		namespace = j.Namespace
	}
	if namespace == "" {
		namespace = "default"
	}
	return common.ReleaseOptions{Name: name, Namespace: namespace, Revision: 1, IsInstall: true}, nil
}

func (j *job) capabilities(options *wire.Helm) (*common.Capabilities, error) {
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.HelmVersion.Version = helmVersion
	version := options.KubeVersion
	if version == "" {
		version = j.KubeVersion
	}
	if version != "" {
		parsed, err := common.ParseKubeVersion(version)
		if err != nil {
			return nil, refuse("", j.Path, "invalid kube version %q: %v", version, err)
		}
		capabilities.KubeVersion = *parsed
	}
	extra := options.APIVersions
	if len(extra) == 0 {
		extra = j.APIVersions
	}
	capabilities.APIVersions = slices.Concat(capabilities.APIVersions, extra)
	return capabilities, nil
}

const (
	enterMark = "renderEngineEnter"
	leaveMark = "renderEngineLeave"
)

// execute runs the templates. Each is wrapped in two calls that print nothing and tell the status page
// which template runs, so that one that never ends can be named after it was killed.
func (j *job) execute(loaded *chart.Chart, values common.Values) (map[string]string, error) {
	marker := &templateMarks{job: j, root: loaded.ChartFullPath()}
	marker.wrap(loaded)
	runner := engine.Engine{CustomTemplateFuncs: template.FuncMap{enterMark: marker.enter, leaveMark: marker.leave}}
	printed, err := runner.Render(chartapi.Charter(loaded), values)
	if err != nil {
		return nil, &Failed{wire.Failure{Kind: invalid, Message: marker.columns(err.Error()), File: marker.fileOf(err)}}
	}
	return printed, nil
}

type templateMarks struct {
	job   *job
	root  string
	names []string
}

func (m *templateMarks) wrap(loaded *chart.Chart) {
	for _, file := range loaded.Templates {
		if strings.HasPrefix(path.Base(file.Name), "_") {
			continue
		}
		before := fmt.Sprintf("{{%s %d}}", enterMark, len(m.names))
		after := fmt.Sprintf("{{%s}}", leaveMark)
		m.names = append(m.names, path.Join(loaded.ChartFullPath(), file.Name))
		file.Data = slices.Concat([]byte(before), file.Data, []byte(after))
	}
	for _, dependency := range loaded.Dependencies() {
		m.wrap(dependency)
	}
}

func (m *templateMarks) enter(index int) string {
	m.job.page.Push(m.repositoryPath(m.names[index]))
	return ""
}

func (m *templateMarks) leave() string {
	m.job.page.Pop()
	return ""
}

// repositoryPath turns a template's name, which begins with the chart's, into a path in the repository.
func (m *templateMarks) repositoryPath(name string) string {
	return path.Join(m.job.Path, strings.TrimPrefix(strings.TrimPrefix(name, m.root), "/"))
}

var firstLine = regexp.MustCompile(`([^\s:()]+):1:(\d+)`)

// columns takes the width of the mark off the positions in the first line of a template.
func (m *templateMarks) columns(message string) string {
	return firstLine.ReplaceAllStringFunc(message, func(found string) string {
		parts := firstLine.FindStringSubmatch(found)
		index := slices.Index(m.names, parts[1])
		if index < 0 {
			return found
		}
		var column int
		fmt.Sscan(parts[2], &column)
		return fmt.Sprintf("%s:1:%d", parts[1], max(0, column-len(fmt.Sprintf("{{%s %d}}", enterMark, index))))
	})
}

var position = regexp.MustCompile(`([^\s:()"<>]+):\d+`)

// fileOf finds the template an error happened in.
func (m *templateMarks) fileOf(err error) string {
	for _, found := range position.FindAllStringSubmatch(err.Error(), -1) {
		if found[1] == m.root || strings.HasPrefix(found[1], m.root+"/") {
			return m.repositoryPath(found[1])
		}
	}
	return m.job.page.Current()
}

func (j *job) addCRDs(loaded *chart.Chart) error {
	for _, definition := range loaded.CRDObjects() {
		name := path.Join(j.Path, strings.TrimPrefix(strings.TrimPrefix(definition.Filename, loaded.ChartFullPath()), "/"))
		j.page.Enter(name)
		all := func(map[string]any) (bool, error) { return true, nil }
		if err := j.set.AddChart(name, definition.File.Data, "", all); err != nil {
			return refuse(limitCode(err), name, "%s: %v", name, err)
		}
	}
	return nil
}

// addPrinted reads what the templates printed, in the order of their names; notes are left out.
func (j *job) addPrinted(loaded *chart.Chart, printed map[string]string, options *wire.Helm) error {
	maps.DeleteFunc(printed, func(name, text string) bool {
		return strings.HasSuffix(name, "NOTES.txt") || strings.TrimSpace(text) == ""
	})
	last := lastPrinted(printed)
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		file := path.Join(j.Path, strings.TrimPrefix(strings.TrimPrefix(name, loaded.ChartFullPath()), "/"))
		j.page.Enter(file)
		keep := func(object map[string]any) (bool, error) { return j.isPrinted(object, file, options) }
		if err := j.set.AddChart(file, []byte(printed[name]), last, keep); err != nil {
			return refuse(limitCode(err), file, "YAML parse error on %s: %v", file, err)
		}
	}
	return nil
}

// lastPrinted is the text of the object that Helm prints last, hooks aside: it is cut at its end. Where that
// makes no difference it is "".
func lastPrinted(printed map[string]string) string {
	matters := false
	for _, text := range printed {
		matters = matters || document.KeepsItsEnd(text)
	}
	if !matters {
		return ""
	}
	_, sorted, err := releaseutil.SortManifests(printed, nil, releaseutil.InstallOrder)
	if err != nil || len(sorted) == 0 {
		return ""
	}
	return sorted[len(sorted)-1].Content
}

var utf8Mark = []byte("\xef\xbb\xbf")

func withoutMark(content []byte) []byte { return bytes.TrimPrefix(content, utf8Mark) }
