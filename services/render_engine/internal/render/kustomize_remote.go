package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"

	"render-engine/internal/needs"
	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// maxRemotes bounds the other repositories of one build.
const maxRemotes = 64

// based are the fields of a kustomization that name directories, which may be those of other repositories.
var based = []string{"resources", "bases", "components", "generators", "transformers", "validators"}

// rewriter gives Kustomize, which has no network here, what was supplied instead of what a kustomization
// names: a base of another repository becomes a path of one that lies beside this, and a chart a file with
// what it renders to.
//
// Invariant: where something is wanted still, it is left out, the build goes on to find what else is wanted,
// and its outcome is not used.
type rewriter struct {
	job    *job
	files  *tree.FileSystem
	edited map[string][]byte
	// namespaces are those that kustomizations hand down to the charts of those they build on.
	namespaces map[string]string
	mounts     map[string]string
	// written are the entries by what stands in their place.
	written   map[string]string
	hasSchema bool
	failed    error
}

func newRewriter(j *job, files *tree.FileSystem) *rewriter {
	return &rewriter{
		job: j, files: files, edited: map[string][]byte{}, namespaces: map[string]string{},
		mounts: map[string]string{}, written: map[string]string{},
	}
}

// rewrite is called for every file that is read. Kustomize takes any failure for a file that is missing, so
// the first one is kept.
func (r *rewriter) rewrite(asked, mounted string, content []byte) ([]byte, error) {
	if !slices.Contains(kustomizationNames, path.Base(asked)) {
		return content, nil
	}
	if edited, found := r.edited[mounted]; found {
		content = edited
	}
	if r.isPlain(asked, content) {
		return content, nil
	}
	rewritten, err := r.rewritten(asked, content)
	if err != nil && r.failed == nil {
		r.failed = err
	}
	return rewritten, err
}

// isPlain says at a glance that a kustomization names nothing that is replaced here, as most do not.
func (r *rewriter) isPlain(mounted string, content []byte) bool {
	if r.job.Build.EnableHelm || strings.HasPrefix(mounted, tree.BesidePoint) {
		return false
	}
	for _, mark := range []string{"://", "@", "openapi"} {
		if bytes.Contains(content, []byte(mark)) {
			return false
		}
	}
	return !bytes.Contains(bytes.ToLower(content), []byte("github.com"))
}

func (r *rewriter) rewritten(mounted string, content []byte) ([]byte, error) {
	var fields map[string]any
	if yaml.Unmarshal(content, &fields, keepNumbers) != nil || (&types.Kustomization{}).Unmarshal(content) != nil {
		return content, nil
	}
	if schema, _ := fields["openapi"].(map[string]any); len(schema) > 0 {
		r.hasSchema = true
	}
	hasCharts := r.job.Build.EnableHelm && (fields["helmCharts"] != nil || fields["helmChartInflationGenerator"] != nil)
	changed, err := r.replaceBases(mounted, fields)
	if err != nil {
		return nil, err
	}
	if hasCharts {
		if err := r.replaceCharts(mounted, content, fields); err != nil {
			return nil, err
		}
	}
	if !changed && !hasCharts {
		return content, nil
	}
	return yaml.Marshal(fields)
}

func keepNumbers(decoder *json.Decoder) *json.Decoder {
	decoder.UseNumber()
	return decoder
}

func (r *rewriter) replaceBases(mounted string, fields map[string]any) (changed bool, err error) {
	for _, field := range based {
		entries, isList := fields[field].([]any)
		if !isList {
			continue
		}
		var kept []any
		for _, entry := range entries {
			text, isText := entry.(string)
			if !isText {
				kept = append(kept, entry)
				continue
			}
			replaced, keep, err := r.replaceBase(mounted, field, text)
			if err != nil {
				return false, err
			}
			changed = changed || !keep || replaced != text
			if keep {
				r.handDown(mounted, replaced, fields)
				kept = append(kept, replaced)
			}
		}
		fields[field] = kept
	}
	return changed, nil
}

// replaceBase turns an entry into the path it stands for; false leaves it out.
func (r *rewriter) replaceBase(mounted, field, entry string) (string, bool, error) {
	base, isRemote := parseRemote(entry)
	if !isRemote {
		return entry, true, r.contain(mounted, entry)
	}
	directory := path.Dir(mounted)
	if field == "resources" && !isAddress(entry) && r.files.Exists(path.Join(directory, entry)) {
		return entry, true, nil
	}
	file := tree.Relative(mounted)
	if strings.HasPrefix(base.repository, schemeFile) {
		return "", false, refuse(codeRemote, file, "%s: remote base %q is refused: repositories on a disk are not read", file, entry)
	}
	mount, found, err := r.mount(mounted, entry, base)
	if err != nil || !found {
		return "", false, err
	}
	replaced := relativeTo(directory, path.Join(mount, base.path))
	r.written[replaced] = withoutPassword(entry)
	return replaced, true, nil
}

// contain keeps what another repository names within it, as Kustomize does with what it clones.
func (r *rewriter) contain(mounted, entry string) error {
	below, isBeside := strings.CutPrefix(mounted, tree.BesidePoint+"/")
	if !isBeside || strings.Contains(entry, "\n") || isAddress(entry) {
		return nil
	}
	name, _, _ := strings.Cut(below, "/")
	mount, target := path.Join(tree.BesidePoint, name), path.Join(path.Dir(mounted), entry)
	if target == mount || strings.HasPrefix(target, mount+"/") {
		return nil
	}
	file := tree.Relative(mounted)
	return refuse(codePath, file, "%s: bases of another repository must be within it, but %q is outside", file, entry)
}

// mount opens the repository of a base beside this one, once for each revision.
func (r *rewriter) mount(mounted, entry string, base remoteBase) (string, bool, error) {
	file := tree.Relative(mounted)
	want := wire.Want{
		Kind: needs.Git, File: file, URL: base.repository, Revision: base.revision,
		Refusal: fmt.Sprintf("%s: remote base %q is refused: only bases inside the repository are built", file, withoutPassword(entry)),
	}
	supply, found := r.job.needs.Ask(want)
	if !found {
		return "", false, nil
	}
	key := supply.Mirror + "\x00" + supply.Object
	if mount, known := r.mounts[key]; known {
		return mount, true, nil
	}
	if len(r.mounts) >= maxRemotes {
		return "", false, refuse(codeLimit, file, "%s: more than %d other repositories are built on", file, maxRemotes)
	}
	opened, err := r.job.openSupply(supply)
	if err != nil {
		return "", false, err
	}
	opened.Elsewhere = elsewhere{job: r.job, from: needs.Key(want)}
	r.mounts[key] = r.files.Mount(r.nameOf(base), opened)
	return r.mounts[key], true, nil
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// nameOf is what people see of another repository in messages, and no other's.
func (r *rewriter) nameOf(base remoteBase) string {
	_, host, isURL := strings.Cut(base.repository, "://")
	if !isURL {
		host = base.repository
	}
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	name := strings.Trim(unfit.ReplaceAllString(host, "-"), "-.")
	if base.revision != "" {
		name += "@" + unfit.ReplaceAllString(base.revision, "-")
	}
	for taken := r.files.Beside[name] != nil; taken; taken = r.files.Beside[name] != nil {
		name += "-"
	}
	return name
}

// handDown notes the namespace that the charts of a base get when it has none itself.
func (r *rewriter) handDown(mounted, entry string, fields map[string]any) {
	directory := path.Dir(mounted)
	namespace, _ := fields["namespace"].(string)
	if namespace == "" {
		namespace = r.namespaces[directory]
	}
	if namespace != "" && !strings.Contains(entry, "\n") {
		r.namespaces[path.Join(directory, entry)] = namespace
	}
}

// asWritten puts the entries of kustomizations back into a message.
func (r *rewriter) asWritten(message string) string {
	for replaced, entry := range r.written {
		message = strings.ReplaceAll(message, "'"+replaced+"'", "'"+entry+"'")
	}
	return message
}

// forgetSchema clears a schema of a kustomization's own: Kustomize keeps it in a global, where the next
// render would find it.
func (r *rewriter) forgetSchema() {
	if r.hasSchema {
		openapi.ResetOpenAPI()
	}
}

// relativeTo leads from one absolute directory to another path.
func relativeTo(directory, target string) string {
	from, to := strings.Split(strings.Trim(directory, "/"), "/"), strings.Split(strings.Trim(target, "/"), "/")
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to = from[1:], to[1:]
	}
	if len(from)+len(to) == 0 {
		return "."
	}
	return strings.Repeat("../", len(from)) + strings.Join(to, "/")
}
