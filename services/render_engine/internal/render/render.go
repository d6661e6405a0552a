// Package render turns one path of one commit into Kubernetes objects.
//
// Invariant: the outcome is a function of the request and of what the read set names, but for
// what a chart's own random and clock functions add.
package render

import (
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"render-engine/internal/document"
	"render-engine/internal/needs"
	"render-engine/internal/objects"
	"render-engine/internal/status"
	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// maxWarning bounds the text of one warning in bytes.
const maxWarning = 1 << 10

// Names of the tools, as Applications report them.
const (
	toolHelm      = "Helm"
	toolKustomize = "Kustomize"
	toolDirectory = "Directory"
)

// Engine renders; it serves one request at a time.
type Engine struct {
	Store   *objects.Store
	Page    *status.Page
	Network *Network
}

// job is one render while it runs.
type job struct {
	*wire.Request
	engine *Engine
	page   *status.Page
	tree   *tree.Tree
	refs   map[string]*tree.Tree
	needs  *needs.Ledger
	set    *document.Set
}

// Render answers a render request. The read set is returned with a failure too. Where something is wanted,
// that is the answer: any other failure may come of its absence.
func (e *Engine) Render(request *wire.Request) (*wire.Reply, error) {
	work := &job{
		Request: request, engine: e, page: e.Page, refs: map[string]*tree.Tree{},
		needs: needs.New(request.Supplies), set: document.NewSet(request.Limits.Output),
	}
	reply := &wire.Reply{}
	err := work.run(reply)
	if wanting := work.needs.Err(); wanting != nil && !isPassing(err) {
		err = wanting
	}
	reply.Reads = work.reads()
	reply.Documents = work.set.Documents
	for _, warning := range work.set.Warnings {
		reply.Warnings = append(reply.Warnings, Text(tree.Relative(warning), maxWarning))
	}
	return reply, err
}

// Edit answers an edit request: the path of a source's kustomization and that file with the source's options in
// it, or nothing when there is nothing to edit.
func (e *Engine) Edit(request *wire.Request) (*wire.Reply, error) {
	work := &job{Request: request, engine: e, page: e.Page, refs: map[string]*tree.Tree{}, set: document.NewSet(0)}
	reply := &wire.Reply{}
	edited := map[string][]byte{}
	err := work.open()
	if err == nil {
		err = work.enterPath()
	}
	if err == nil {
		err = work.edit(edited)
	}
	reply.Reads = work.reads()
	for mounted, text := range edited {
		reply.Documents = [][]byte{[]byte(tree.Relative(mounted)), text}
	}
	return reply, err
}

// Documents answers a yaml request: the values of a text as JSON, as Kubernetes reads them.
func (e *Engine) Documents(request *wire.Request) (*wire.Reply, error) {
	e.Page.Enter(request.Name)
	set := document.NewSet(request.Limits.Output)
	err := set.AddAny(request.Text)
	return &wire.Reply{Documents: set.Documents}, err
}

func (j *job) run(reply *wire.Reply) error {
	if err := j.open(); err != nil {
		return err
	}
	if err := j.enterPath(); err != nil {
		return err
	}
	tool, err := j.tool()
	if err != nil {
		return err
	}
	reply.SourceType = tool
	switch tool {
	case toolHelm:
		return j.helm()
	case toolKustomize:
		return j.kustomize()
	}
	return j.directory()
}

var objectID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func (j *job) open() (err error) {
	if j.tree, err = j.openTree(j.Mirror, j.Commit); err == nil {
		j.tree.Elsewhere = elsewhere{job: j}
	}
	return err
}

func (j *job) openTree(mirror, commit string) (*tree.Tree, error) {
	if !path.IsAbs(mirror) || !objectID.MatchString(commit) {
		return nil, fmt.Errorf("a mirror's absolute path and a full commit id are needed, not %q at %q", mirror, commit)
	}
	return tree.Open(j.engine.Store, mirror, commit)
}

// openSupply opens a commit or a tree that was supplied. What is read of it is no part of the read set: it is
// proven by what names it.
func (j *job) openSupply(supply wire.Supply) (*tree.Tree, error) {
	return j.openTree(supply.Mirror, supply.Object)
}

// readSupply reads a blob that was supplied.
func (j *job) readSupply(supply wire.Supply) ([]byte, error) {
	if !path.IsAbs(supply.Mirror) || !objectID.MatchString(supply.Object) {
		return nil, fmt.Errorf("a mirror's absolute path and a full object id are needed, not %q at %q", supply.Mirror, supply.Object)
	}
	return tree.Blob(j.engine.Store, supply.Mirror, supply.Object)
}

// enterPath checks the application's path, in the words Argo CD users know.
func (j *job) enterPath() error {
	given := j.Path
	if path.IsAbs(given) {
		return refuse(codePath, given, "%s: app path is absolute", given)
	}
	clean := path.Clean(given)
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return refuse(codePath, given, "%s: app path outside root", given)
	}
	_, entry, err := j.tree.Stat(clean)
	switch {
	case tree.IsMissing(err):
		return refuse(codePath, given, "%s: app path does not exist", given)
	case err != nil:
		return err
	case !entry.IsDir():
		return refuse(codePath, given, "%s: app path is not a directory", given)
	}
	j.Path = clean
	if clean == "." {
		j.Path = ""
	}
	return nil
}

func (j *job) enabled(tool string) bool { return !slices.Contains(j.Disabled, tool) }

// tool is the explicit choice of the source, or else what the files in its path say.
func (j *job) tool() (string, error) {
	explicit, err := j.explicitTool()
	if err != nil {
		return "", err
	}
	if explicit != "" {
		if !j.enabled(explicit) {
			return toolDirectory, nil
		}
		return explicit, nil
	}
	return j.detect()
}

func (j *job) explicitTool() (string, error) {
	var chosen []string
	if j.Options.Kustomize != nil {
		chosen = append(chosen, toolKustomize)
	}
	if j.Options.Helm != nil {
		chosen = append(chosen, toolHelm)
	}
	if j.Options.Directory != nil {
		chosen = append(chosen, toolDirectory)
	}
	switch len(chosen) {
	case 0:
		return "", nil
	case 1:
		return chosen[0], nil
	}
	return "", refuse("", j.Path, "multiple application sources defined: %s", strings.Join(chosen, ","))
}

// detect looks for a kustomization first: it wins over a chart, and finding it needs no listing.
func (j *job) detect() (string, error) {
	if j.enabled(toolKustomize) {
		for _, name := range kustomizationNames {
			_, entry, err := j.tree.Stat(path.Join(j.Path, name))
			if err == nil && !entry.IsDir() {
				return toolKustomize, nil
			}
			if errors.Is(err, tree.ErrMirror) {
				return "", err
			}
		}
	}
	entries, err := j.tree.ReadDir(j.Path)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if j.enabled(toolHelm) && !entry.IsDir() && strings.HasSuffix(entry.Name, "Chart.yaml") {
			return toolHelm, nil
		}
	}
	return toolDirectory, nil
}

// substitute expands $VAR and ${VAR} of the build environment; $$ is a dollar.
func (j *job) substitute(text string) string {
	return os.Expand(text, func(name string) string {
		if name == "$" {
			return "$"
		}
		return j.Env[name]
	})
}

func (j *job) reads() []wire.Entry {
	if j.tree == nil {
		return []wire.Entry{}
	}
	all := j.tree.Reads("")
	names := make([]string, 0, len(j.refs))
	for name := range j.refs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, j.refs[name].Reads(name)...)
	}
	return all
}
