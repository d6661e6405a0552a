package render

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"

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
	files := &tree.FileSystem{Tree: j.tree, OnRead: j.page.Enter}
	rewriter := newRewriter(j, files)
	defer rewriter.forgetSchema()
	if err := j.edit(rewriter.edited); err != nil {
		return err
	}
	files.Rewrite = rewriter.rewrite
	j.engine.Network.job = j
	defer func() { j.engine.Network.job = nil }()
	built, err := krusty.MakeKustomizer(j.buildOptions()).Run(files, tree.Mounted(j.Path))
	if err != nil {
		return j.kustomizeError(files, rewriter, err)
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

// buildOptions are the operator's flags. Charts are inflated before Kustomize meets them, and plugins never.
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

// kustomizeError says more than Kustomize does where the cause is a chart that may not be inflated, or a
// symlink out of the repository, which Kustomize reports as a missing file.
func (j *job) kustomizeError(files *tree.FileSystem, rewriter *rewriter, err error) error {
	for _, cause := range []error{files.Failed, rewriter.failed} {
		if cause != nil {
			return cause
		}
	}
	if strings.Contains(err.Error(), "must specify --enable-helm") {
		file := j.page.Current()
		return refuse(codeUnsupported, file, "%s: helmCharts need --enable-helm in kustomize.buildOptions of argocd-cm", file)
	}
	if link := outsideLink(err.Error()); link != "" && !errors.Is(err, tree.ErrOutside) {
		return refuse(codePath, link, "%v", err)
	}
	if errors.Is(err, tree.ErrMirror) || errors.Is(err, tree.ErrOutside) {
		return err
	}
	if len(j.Build.Idle) > 0 && strings.Contains(err.Error(), "plugin") {
		err = fmt.Errorf("%w (%s)", err, strings.Join(j.Build.Idle, "; "))
	}
	return j.named(errors.New(rewriter.asWritten(err.Error())))
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
