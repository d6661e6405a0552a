package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge2"
	"sigs.k8s.io/yaml"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"render-engine/internal/document"
	"render-engine/internal/needs"
	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// unnamedRelease is what `helm template` calls a release that has no name.
const unnamedRelease = "release-name"

// maxCharts bounds the charts of one kustomization.
const maxCharts = 64

// replaceCharts puts in place of the charts of a kustomization files with what they render to.
func (r *rewriter) replaceCharts(mounted string, content []byte, fields map[string]any) error {
	var parsed types.Kustomization
	file := tree.Relative(mounted)
	if err := parsed.Unmarshal(content); err != nil {
		return err
	}
	parsed.FixKustomization()
	if len(parsed.HelmCharts) > maxCharts {
		return refuse(codeLimit, file, "%s: more than %d charts", file, maxCharts)
	}
	var globals types.HelmGlobals
	if parsed.HelmGlobals != nil {
		globals = *parsed.HelmGlobals
	}
	resources, _ := fields["resources"].([]any)
	for index, chart := range parsed.HelmCharts {
		if chart.Namespace == "" {
			chart.Namespace = parsed.Namespace
		}
		if chart.Namespace == "" {
			chart.Namespace = r.namespaces[path.Dir(mounted)]
		}
		inflation := &inflation{rewriter: r, file: file, directory: path.Dir(mounted), chart: chart, globals: globals}
		printed, err := inflation.run()
		if err != nil {
			return err
		}
		if len(printed) == 0 {
			continue
		}
		name := fmt.Sprintf(".inflated-%d-%s.yaml", index, path.Base(chart.Name))
		if r.files.Extra == nil {
			r.files.Extra = map[string][]byte{}
		}
		r.files.Extra[path.Join(path.Dir(mounted), name)] = printed
		resources = append(resources, name)
	}
	fields["resources"] = resources
	for _, field := range []string{"helmCharts", "helmGlobals", "helmChartInflationGenerator"} {
		delete(fields, field)
	}
	return nil
}

// inflation is one chart of a kustomization on its way to manifests.
type inflation struct {
	rewriter  *rewriter
	file      string
	directory string
	chart     types.HelmChart
	globals   types.HelmGlobals
}

// run renders the chart; nothing comes of one that is wanted still.
func (i *inflation) run() ([]byte, error) {
	switch {
	case i.chart.Name == "":
		return nil, refuse("", i.file, "%s: chart name cannot be empty", i.file)
	case i.chart.NameTemplate != "":
		return nil, refuse(codeUnsupported, i.file, "%s: chart %s: nameTemplate is not supported, use releaseName", i.file, i.chart.Name)
	}
	from, directory, found, err := i.locate()
	if err != nil || !found {
		return nil, err
	}
	values, err := i.values(from, directory)
	if err != nil {
		return nil, err
	}
	return i.render(from, directory, values)
}

// locate finds the chart in the chart home of the kustomization, or asks for it.
func (i *inflation) locate() (from *tree.Tree, directory string, found bool, err error) {
	home := i.globals.ChartHome
	if home == "" {
		home = types.HelmDefaultHome
	}
	if i.chart.Version != "" && i.chart.Repo != "" {
		home = path.Join(home, i.chart.Name+"-"+i.chart.Version)
	}
	local := path.Join(i.directory, home, i.chart.Name)
	if i.rewriter.files.IsDir(local) {
		from, directory, err = i.rewriter.files.Locate(local)
		return from, directory, err == nil, err
	}
	if i.chart.Repo == "" {
		return nil, "", false, refuse(codePath, i.file, "%s: no repo specified for pull, no chart found at '%s'", i.file, tree.Relative(local))
	}
	job := i.rewriter.job
	supply, found := job.needs.Ask(wire.Want{
		Kind: needs.Chart, File: i.file, Repository: i.chart.Repo, Name: i.chart.Name, Version: i.chart.Version,
		Refusal: fmt.Sprintf("%s: chart %s of %s is refused: only charts inside the repository are inflated", i.file, i.chart.Name, withoutPassword(i.chart.Repo)),
	})
	if !found {
		return nil, "", false, nil
	}
	from, err = job.openSupply(supply)
	return from, "", err == nil, err
}

// values are those of the values file, or the chart's own, with the inline ones, and then the further files.
func (i *inflation) values(from *tree.Tree, directory string) (map[string]any, error) {
	content, err := i.valuesFile(from, directory)
	if err != nil {
		return nil, err
	}
	merged, err := i.merge(content)
	if err != nil {
		return nil, refuse("", i.file, "%s: values of chart %s: %v", i.file, i.chart.Name, err)
	}
	for _, name := range i.chart.AdditionalValuesFiles {
		content, err := i.read(name)
		if err != nil {
			return nil, err
		}
		further, err := loader.LoadValues(bytes.NewReader(content))
		if err != nil {
			return nil, refuse("", i.file, "%s: %s: %v", i.file, name, err)
		}
		merged = loader.MergeMaps(merged, further)
	}
	return merged, nil
}

func (i *inflation) valuesFile(from *tree.Tree, directory string) ([]byte, error) {
	if i.chart.ValuesFile != "" {
		return i.read(i.chart.ValuesFile)
	}
	content, err := from.ReadFile(path.Join(directory, "values.yaml"))
	if tree.IsMissing(err) {
		return nil, nil
	}
	return content, err
}

// read loads a file beside the kustomization, or an address, as Kustomize would.
func (i *inflation) read(name string) ([]byte, error) {
	if isAddress(name) {
		content, found, err := i.rewriter.job.fetch(name)
		if err == nil && !found {
			return nil, nil
		}
		return content, err
	}
	full := path.Join(i.directory, name)
	if !i.rewriter.job.Build.Unrestricted && !strings.HasPrefix(full, i.directory+"/") {
		return nil, refuse(codePath, i.file, "%s: file '%s' is not in or below '%s'", i.file, name, tree.Relative(i.directory))
	}
	content, err := i.rewriter.files.ReadFile(full)
	if tree.IsMissing(err) {
		return nil, refuse(codePath, i.file, "%s: there is no file %s", i.file, tree.Relative(full))
	}
	return content, err
}

func (i *inflation) merge(content []byte) (map[string]any, error) {
	if len(i.chart.ValuesInline) == 0 {
		return loader.LoadValues(bytes.NewReader(content))
	}
	order := i.chart.ValuesMerge
	if order == "replace" {
		return i.chart.ValuesInline, nil
	}
	file, err := kyaml.Parse(string(content))
	if err != nil {
		return nil, err
	}
	inline, err := kyaml.FromMap(i.chart.ValuesInline)
	if err != nil {
		return nil, err
	}
	var merged *kyaml.RNode
	switch order {
	case "", "override":
		merged, err = merge2.Merge(inline, file, kyaml.MergeOptions{})
	case "merge":
		merged, err = merge2.Merge(file, inline, kyaml.MergeOptions{})
	default:
		return nil, fmt.Errorf("valuesMerge must be one of [merge override replace]")
	}
	if err != nil {
		return nil, err
	}
	return merged.Map()
}

// render is what `helm template` prints for the chart, each object marked as Kustomize marks it.
func (i *inflation) render(from *tree.Tree, directory string, values map[string]any) ([]byte, error) {
	outer := i.rewriter.job
	request := *outer.Request
	request.ReleaseName = i.chart.ReleaseName
	if request.ReleaseName == "" {
		request.ReleaseName = unnamedRelease
	}
	request.Namespace, request.KubeVersion, request.APIVersions = i.cluster()
	request.Options = wire.Options{Helm: &wire.Helm{
		ValuesObject: values, SkipCRDs: !i.chart.IncludeCRDs, SkipTests: i.chart.SkipTests,
	}}
	request.Path = directory
	inner := *outer
	inner.Request, inner.tree, inner.set = &request, from, document.NewSet(outer.set.Room())
	if err := inner.helm(); err != nil {
		return nil, err
	}
	outer.set.Warnings = append(outer.set.Warnings, inner.set.Warnings...)
	var printed bytes.Buffer
	for _, text := range inner.set.Documents {
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			return nil, err
		}
		if i.chart.SkipHooks && isHook(object) {
			continue
		}
		mark(object)
		text, err := yaml.Marshal(object)
		if err != nil {
			return nil, err
		}
		printed.WriteString("---\n")
		printed.Write(text)
	}
	return printed.Bytes(), nil
}

// cluster is the namespace, version and APIs that the chart is rendered for: its own, then the operator's,
// then the application's, then the destination's.
func (i *inflation) cluster() (namespace, version string, apis []string) {
	outer := i.rewriter.job
	namespace, version, apis = i.chart.Namespace, i.chart.KubeVersion, i.chart.ApiVersions
	if namespace == "" {
		namespace = "default"
	}
	options := outer.Options.Kustomize
	if options == nil {
		options = &wire.Kustomize{}
	}
	for _, given := range []string{outer.Build.KubeVersion, options.KubeVersion, outer.KubeVersion} {
		if version == "" {
			version = given
		}
	}
	for _, given := range [][]string{outer.Build.APIVersions, options.APIVersions, outer.APIVersions} {
		if len(apis) == 0 {
			apis = given
		}
	}
	return namespace, version, apis
}

func isHook(object map[string]any) bool {
	metadata, _ := object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	return annotations["helm.sh/hook"] != nil
}

// mark says of an object that a chart made it: Kustomize leaves the namespace of such a one as it is.
func mark(object map[string]any) {
	metadata, _ := object["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		object["metadata"] = metadata
	}
	annotations, _ := metadata["annotations"].(map[string]any)
	if annotations == nil {
		annotations = map[string]any{}
		metadata["annotations"] = annotations
	}
	annotations[konfig.HelmGeneratedAnnotation] = "true"
}
