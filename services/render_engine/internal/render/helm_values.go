package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/strvals"

	"render-engine/internal/needs"
	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// values merges what the source gives over the chart's defaults; later wins: value files, inline
// values, parameters, file parameters.
func (j *job) values(options *wire.Helm) (map[string]any, error) {
	merged := map[string]any{}
	files, err := j.valueFiles(options)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		j.page.Enter(file.name)
		content, err := j.contentOf(file)
		if err != nil {
			return nil, err
		}
		if merged, err = mergeValues(merged, content); err != nil {
			return nil, refuse("", file.name, "failed to parse %s: %v", file.name, err)
		}
	}
	inline, err := inlineValues(options)
	if err != nil {
		return nil, err
	}
	if merged, err = mergeValues(merged, inline); err != nil {
		return nil, refuse("", "", "failed to parse the values of the source: %v", err)
	}
	return merged, j.setParameters(merged, options)
}

func mergeValues(into map[string]any, content []byte) (map[string]any, error) {
	parsed, err := loader.LoadValues(bytes.NewReader(withoutMark(content)))
	if err != nil {
		return nil, err
	}
	return loader.MergeMaps(into, parsed), nil
}

// inlineValues is valuesObject if set, else values. JSON is YAML, so both are read alike.
func inlineValues(options *wire.Helm) ([]byte, error) {
	switch given := options.ValuesObject.(type) {
	case nil:
		return []byte(options.Values), nil
	case []byte:
		return given, nil
	case string:
		return []byte(given), nil
	default:
		return json.Marshal(given)
	}
}

// escapeCommas keeps a parameter's value from being taken for a list, as Argo CD does, unless it is
// written in braces.
func escapeCommas(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	var escaped strings.Builder
	for at := range len(value) {
		if value[at] == ',' && (at == 0 || value[at-1] != '\\') {
			escaped.WriteByte('\\')
		}
		escaped.WriteByte(value[at])
	}
	return escaped.String()
}

func (j *job) setParameters(into map[string]any, options *wire.Helm) error {
	set := func(asText bool, parse func(string, map[string]any) error) error {
		for _, parameter := range options.Parameters {
			if parameter.ForceString != asText {
				continue
			}
			assignment := parameter.Name + "=" + escapeCommas(j.substitute(parameter.Value))
			if err := parse(assignment, into); err != nil {
				return refuse("", "", "failed parsing --set data of parameter %s: %v", parameter.Name, err)
			}
		}
		return nil
	}
	if err := set(false, strvals.ParseInto); err != nil {
		return err
	}
	if err := set(true, strvals.ParseIntoString); err != nil {
		return err
	}
	return j.setFiles(into, options)
}

func (j *job) setFiles(into map[string]any, options *wire.Helm) error {
	for _, parameter := range options.FileParameters {
		file, err := j.locateFile(j.substitute(parameter.Path))
		if err != nil {
			return err
		}
		j.page.Enter(file.name)
		content, err := j.contentOf(file)
		if err != nil {
			return missingFile(file.name, err)
		}
		read := func([]rune) (any, error) { return string(content), nil }
		if err := strvals.ParseIntoFile(parameter.Name+"=file", into, read); err != nil {
			return refuse("", file.name, "failed parsing --set-file data of parameter %s: %v", parameter.Name, err)
		}
	}
	return nil
}

// valueFile is one file to merge: name is how people call it. It lies in a tree, or is at an address.
type valueFile struct {
	tree    *tree.Tree
	path    string
	address string
	name    string
}

func fileAt(address string) valueFile {
	return valueFile{address: address, name: withoutPassword(address)}
}

func withoutPassword(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "at a misspelt address"
	}
	return parsed.Redacted()
}

// contentOf reads a file of values. One at an address that is not supplied yet counts as empty: what comes of
// the render is not used.
func (j *job) contentOf(file valueFile) ([]byte, error) {
	if file.address == "" {
		return file.tree.ReadFile(file.path)
	}
	supply, found := j.needs.Ask(wire.Want{
		Kind: needs.File, URL: file.address,
		Refusal: "value file " + withoutPassword(file.address) + " is refused: only files inside the repository are read",
	})
	if !found {
		return nil, nil
	}
	return j.readSupply(supply)
}

// valueFiles resolves the source's list. Matches of a glob come in the order of paths; a file keeps its
// first place, or the one where it is named in full.
func (j *job) valueFiles(options *wire.Helm) ([]valueFile, error) {
	var found []valueFile
	explicit := map[string]bool{}
	globbed := map[string]bool{}
	for _, given := range options.ValueFiles {
		matches, isGlob, err := j.matchValueFiles(given, options.IgnoreMissingValueFiles)
		if err != nil {
			return nil, err
		}
		for _, match := range matches {
			switch {
			case !isGlob && !explicit[match.name]:
				explicit[match.name] = true
				found = slices.DeleteFunc(found, func(old valueFile) bool { return old.name == match.name })
				found = append(found, match)
			case isGlob && !explicit[match.name] && !globbed[match.name]:
				globbed[match.name] = true
				found = append(found, match)
			}
		}
	}
	return found, nil
}

func (j *job) matchValueFiles(given string, ignoreMissing bool) ([]valueFile, bool, error) {
	if address := j.substitute(given); urlScheme.MatchString(address) {
		return []valueFile{fileAt(address)}, false, nil
	}
	from, full, prefix, err := j.locateValueFile(given)
	if err != nil {
		return nil, false, err
	}
	_, entry, err := from.Stat(full)
	if err == nil && !entry.IsDir() {
		return []valueFile{{tree: from, path: full, name: prefix + full}}, false, nil
	}
	if err != nil && !tree.IsMissing(err) {
		return nil, false, err
	}
	if !strings.ContainsAny(full, "*?[{") {
		if ignoreMissing {
			return nil, false, nil
		}
		return nil, false, refuse(codePath, prefix+full, "open %s: no such file or directory", prefix+full)
	}
	matches, err := globFiles(from, full)
	if err != nil {
		return nil, true, refuse("", prefix+full, "value files %s: %v", given, err)
	}
	if len(matches) == 0 && !ignoreMissing {
		return nil, true, refuse(codePath, prefix+full, "value files %s: no file matches", given)
	}
	files := make([]valueFile, 0, len(matches))
	for _, match := range matches {
		files = append(files, valueFile{tree: from, path: match, name: prefix + match})
	}
	return files, true, nil
}

// locateValueFile finds the repository and the path in it that an entry means.
func (j *job) locateValueFile(given string) (from *tree.Tree, full, prefix string, err error) {
	name, rest, isRef := strings.Cut(strings.TrimPrefix(given, "$"), "/")
	if ref, known := j.Refs[name]; known && isRef && strings.HasPrefix(given, "$") {
		opened, err := j.openRef(name, ref)
		if err != nil {
			return nil, "", "", err
		}
		full, err := beneath("", j.substitute(rest), given)
		return opened, full, "$" + name + "/", err
	}
	full, err = beneath(j.Path, j.substitute(given), given)
	return j.tree, full, "", err
}

func (j *job) openRef(name string, ref wire.Ref) (*tree.Tree, error) {
	if opened, found := j.refs[name]; found {
		return opened, nil
	}
	opened, err := j.openTree(ref.Mirror, ref.Commit)
	if err == nil {
		opened.Elsewhere = elsewhere{job: j, from: refPrefix + name}
		j.refs[name] = opened
	}
	return opened, err
}

var urlScheme = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*://`)

// locateFile finds a file of the source: relative to its path, from the root with a slash, or at an address.
func (j *job) locateFile(given string) (valueFile, error) {
	if urlScheme.MatchString(given) {
		return fileAt(given), nil
	}
	full, err := beneath(j.Path, given, given)
	return valueFile{tree: j.tree, path: full, name: full}, err
}

func beneath(base, given, shown string) (string, error) {
	if path.IsAbs(given) {
		base = ""
	}
	full := path.Clean(path.Join(base, given))
	if full == ".." || strings.HasPrefix(full, "../") {
		return "", refuse(codePath, shown, "value file '%s' resolved to outside repository root", shown)
	}
	return full, nil
}

func missingFile(full string, err error) error {
	if tree.IsMissing(err) {
		return refuse(codePath, full, "open %s: no such file or directory", full)
	}
	return err
}

// globFiles lists the files of a tree that match a pattern, where ** spans directories.
func globFiles(from *tree.Tree, pattern string) ([]string, error) {
	if !doublestar.ValidatePattern(pattern) {
		return nil, fmt.Errorf("bad pattern")
	}
	base, _ := doublestar.SplitPattern(pattern)
	if base == "." {
		base = ""
	}
	var found []string
	deep := strings.Contains(pattern, "**")
	err := from.Walk(base, func(relative string, isDir bool, broken error) error {
		full := path.Join(base, relative)
		if isDir && !deep && strings.Count(full, "/") >= strings.Count(pattern, "/") {
			return tree.SkipDirectory
		}
		if matched, _ := doublestar.Match(pattern, full); !isDir && matched {
			found = append(found, full)
			return broken
		}
		return nil
	})
	if tree.IsMissing(err) {
		err = nil
	}
	slices.Sort(found)
	return found, err
}
