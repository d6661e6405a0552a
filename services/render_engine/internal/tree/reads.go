package tree

import (
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"render-engine/internal/wire"
)

const (
	kindBlob    = "blob"
	kindTree    = "tree"
	kindNames   = "names"
	kindMissing = "missing"
)

// reads collects what a render depends on: the value is the object id, "" for what was not there.
//
// A listed directory is one whose names were read, and of each name whether it is a file, a directory or a
// link; what lies below it is another matter. A probed one was only seen to exist.
type reads struct {
	blobs   map[string]string
	trees   map[string]string
	listed  map[string]string
	probed  map[string]Entry
	missing map[string]bool
}

func newReads() *reads {
	return &reads{
		blobs: map[string]string{}, trees: map[string]string{}, listed: map[string]string{},
		probed: map[string]Entry{}, missing: map[string]bool{},
	}
}

// entries is the smallest set that pins everything read: a directory of which all was read is a tree, which
// covers whatever lies below it, and one that was only seen to exist is implied by anything found inside.
//
// A path that is no line of text cannot be told to the caller or asked of git: then the render depends
// on the whole tree.
func (r *reads) entries(ref, root string, parsed map[string][]Entry) []wire.Entry {
	r.gather(parsed)
	found := make([]wire.Entry, 0, len(r.blobs)+len(r.trees)+len(r.listed)+len(r.missing))
	add := func(path, kind, oid string) {
		found = append(found, wire.Entry{Path: path, Kind: kind, OID: oid, Ref: ref})
	}
	for path, oid := range r.trees {
		add(path, kindTree, oid)
	}
	for path, oid := range r.blobs {
		add(path, kindBlob, oid)
	}
	for path := range r.listed {
		add(path, kindNames, "")
	}
	implied := r.directoriesSeen()
	for path, entry := range r.probed {
		_, isTree := r.trees[path]
		_, isListed := r.listed[path]
		switch {
		case isTree || isListed || implied[path]:
		case entry.mode == modeSubmodule:
			add(path, kindTree, entry.oid)
		default:
			add(path, kindNames, "")
		}
	}
	for path := range r.missing {
		add(path, kindMissing, "")
	}
	for _, entry := range found {
		if !utf8.ValidString(entry.Path) || strings.ContainsRune(entry.Path, '\n') {
			return []wire.Entry{{Kind: kindTree, OID: root, Ref: ref}}
		}
	}
	return sorted(r.uncovered(found))
}

// gather turns listed directories of which everything was read into trees, the deepest ones first.
func (r *reads) gather(parsed map[string][]Entry) {
	deepest := func(one, other string) int { return strings.Count(other, "/") - strings.Count(one, "/") }
	below := slices.SortedFunc(maps.Keys(r.listed), deepest)
	for _, directory := range slices.DeleteFunc(below, func(name string) bool { return name == "" }) {
		r.gatherOne(directory, parsed)
	}
	if _, isListed := r.listed[""]; isListed {
		r.gatherOne("", parsed)
	}
}

func (r *reads) gatherOne(directory string, parsed map[string][]Entry) {
	oid := r.listed[directory]
	entries := parsed[oid]
	for _, entry := range entries {
		name := path.Join(directory, entry.Name)
		kind := r.blobs
		if entry.IsDir() {
			kind = r.trees
		}
		if kind[name] != entry.oid {
			return
		}
	}
	if len(entries) > 0 {
		r.trees[directory] = oid
		delete(r.listed, directory)
	}
}

// directoriesSeen are the ancestors of everything that was found.
func (r *reads) directoriesSeen() map[string]bool {
	seen := map[string]bool{}
	for _, group := range []map[string]string{r.blobs, r.trees, r.listed} {
		for path := range group {
			for up := parent(path); path != "" && !seen[up]; up = parent(up) {
				seen[up] = true
			}
		}
	}
	return seen
}

func (r *reads) uncovered(entries []wire.Entry) []wire.Entry {
	kept := entries[:0]
	for _, entry := range entries {
		if !r.covered(entry.Path) {
			kept = append(kept, entry)
		}
	}
	return kept
}

func (r *reads) covered(path string) bool {
	for path != "" {
		path = parent(path)
		if _, whole := r.trees[path]; whole {
			return true
		}
	}
	return false
}

func sorted(entries []wire.Entry) []wire.Entry {
	slices.SortFunc(entries, func(one, other wire.Entry) int {
		if byPath := strings.Compare(one.Path, other.Path); byPath != 0 {
			return byPath
		}
		return strings.Compare(one.Kind, other.Kind)
	})
	return entries
}

// parent is the directory of a path; "" is the root and its own parent.
func parent(path string) string {
	if cut := strings.LastIndexByte(path, '/'); cut >= 0 {
		return path[:cut]
	}
	return ""
}
