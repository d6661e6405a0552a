package render

import (
	"errors"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"

	"render-engine/internal/tree"
)

var kustomizationNames = konfig.RecognizedKustomizationFileNames()

// kustomize builds the path with the source's options edited into a copy of its kustomization.
func (j *job) kustomize() error {
	if version := j.kustomizeVersion(); version != "" {
		return refuse(codeUnsupported, j.Path, "kustomize version %s is not registered", version)
	}
	if j.Build.Refusal != "" {
		return refuse(codeUnsupported, j.Path, "%s", j.Build.Refusal)
	}
	remotes := &remoteBases{}
	files := &tree.FileSystem{Tree: j.tree, Overlay: map[string][]byte{}, OnRead: func(real string, content []byte) {
		j.page.Enter(real)
		remotes.note(real, content)
	}}
	defer remotes.forgetSchema()
	if err := j.edit(files); err != nil {
		return err
	}
	built, err := krusty.MakeKustomizer(j.buildOptions()).Run(files, tree.Mounted(j.Path))
	if err != nil {
		return j.kustomizeError(files, remotes, err)
	}
	root, err := j.kustomizationFile()
	if err != nil {
		return err
	}
	j.page.Enter(root)
	for _, resource := range built.Resources() {
		if err := j.addBuilt(resource); err != nil {
			return refuse(limitCode(err), root, "%s: %s: %v", root, resource.CurId(), err)
		}
	}
	return nil
}

// buildOptions are the operator's flags; plugins are never run.
func (j *job) buildOptions() *krusty.Options {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified
	if j.Build.Reorder != "" {
		options.Reorder = krusty.ReorderOption(j.Build.Reorder)
	}
	options.LoadRestrictions = types.LoadRestrictionsRootOnly
	if j.Build.Unrestricted {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	options.AddManagedbyLabel = j.Build.ManagedBy
	options.PluginConfig = types.DisabledPluginConfig()
	return options
}

// madeBy is the release of Kustomize whose libraries these are. They know it of themselves only in a build
// of the command; the name that they use otherwise is no value that a label may have.
const madeBy = "kustomize-v5.8.1"

func (j *job) addBuilt(built *resource.Resource) error {
	labels := built.GetLabels(konfig.ManagedbyLabelKey)
	if strings.HasPrefix(labels[konfig.ManagedbyLabelKey], "kustomize-(") {
		all := built.GetLabels()
		all[konfig.ManagedbyLabelKey] = madeBy
		if err := built.SetLabels(all); err != nil {
			return err
		}
	}
	text, err := built.MarshalJSON()
	if err != nil {
		return err
	}
	return j.set.AddJSON(text)
}

func (j *job) kustomizeVersion() string {
	if j.Options.Kustomize == nil {
		return ""
	}
	return j.Options.Kustomize.Version
}

// kustomizeError says more than Kustomize does where the cause is a remote base, which the engine has no
// network to fetch, or a symlink out of the repository, which Kustomize reports as a missing file.
func (j *job) kustomizeError(files *tree.FileSystem, remotes *remoteBases, err error) error {
	for _, base := range remotes.found {
		if _, _, missing := files.Tree.Stat(path.Join(path.Dir(base.file), base.entry)); missing != nil {
			return refuse(codeRemote, base.file, "%s: remote base %q is refused: only bases inside the repository are built", base.file, base.entry)
		}
	}
	if strings.Contains(err.Error(), "must specify --enable-helm") {
		file := j.page.Current()
		return refuse(codeUnsupported, file, "%s: helmCharts are refused: make the chart a source of its own", file)
	}
	if link := outsideLink(err.Error()); link != "" && !errors.Is(err, tree.ErrOutside) {
		return refuse(codePath, link, "%v", err)
	}
	if errors.Is(err, tree.ErrMirror) || errors.Is(err, tree.ErrOutside) {
		return err
	}
	return j.named(err)
}

// named says in which file an error of Kustomize happened: the one that was being read or, once all were,
// the kustomization of the path.
func (j *job) named(err error) error {
	file, message := j.page.Current(), tree.Relative(err.Error())
	if strings.Contains(message, file) {
		return refuse("", file, "%s", message)
	}
	isKustomization := slices.Contains(kustomizationNames, path.Base(file))
	if !isKustomization && !strings.Contains(message, path.Base(file)) {
		if root, missing := j.kustomizationFile(); missing == nil && root != "" {
			file = root
		}
	}
	return refuse("", file, "%s: %s", file, message)
}

func outsideLink(message string) string {
	_, link, _ := strings.Cut(message, "out-of-bounds symlinks. file: ")
	return strings.TrimRight(strings.SplitN(link, "'", 2)[0], " :")
}

// remoteBases notes what the kustomizations that were read name outside the repository, and whether one
// of them brings an OpenAPI schema.
type remoteBases struct {
	found     []remoteBase
	hasSchema bool
}

type remoteBase struct{ file, entry string }

func (r *remoteBases) note(file string, content []byte) {
	if !slices.Contains(kustomizationNames, path.Base(file)) {
		return
	}
	var names struct {
		Resources, Bases, Components, Crds, Configurations, Generators, Transformers, Validators []string

		OpenAPI map[string]string
	}
	if yaml.Unmarshal(content, &names) != nil {
		return
	}
	r.hasSchema = r.hasSchema || len(names.OpenAPI) > 0
	for _, group := range [][]string{
		names.Resources, names.Bases, names.Components, names.Crds, names.Configurations,
		names.Generators, names.Transformers, names.Validators,
	} {
		for _, entry := range group {
			if looksRemote(entry) {
				r.found = append(r.found, remoteBase{file: file, entry: entry})
			}
		}
	}
}

// forgetSchema clears a schema of the kustomization's own: Kustomize keeps it in a global, where the next
// render would find it.
func (r *remoteBases) forgetSchema() {
	if r.hasSchema {
		openapi.ResetOpenAPI()
	}
}

// looksRemote recognises the spellings that Kustomize takes for a URL or a repository.
func looksRemote(entry string) bool {
	if strings.Contains(entry, "\n") {
		return false
	}
	for _, mark := range []string{"://", "?ref=", "?version=", "git@", "git::", ".git//", "//"} {
		if strings.Contains(entry, mark) {
			return true
		}
	}
	for _, host := range []string{"github.com/", "github.com:", "gh:", "gitlab.com/", "bitbucket.org/"} {
		if strings.HasPrefix(strings.ToLower(entry), host) {
			return true
		}
	}
	return false
}
