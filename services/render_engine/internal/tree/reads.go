package tree

import (
	"sort"
	"strings"
	"unicode/utf8"

	"render-engine/internal/wire"
)

const (
	kindBlob    = "blob"
	kindTree    = "tree"
	kindMissing = "missing"
)

// reads collects what a render depends on: the value is the object id, "" for what was not there.
type reads struct {
	blobs   map[string]string
	trees   map[string]string
	probed  map[string]string
	missing map[string]bool
}

func newReads() *reads {
	return &reads{blobs: map[string]string{}, trees: map[string]string{}, probed: map[string]string{}, missing: map[string]bool{}}
}

// entries is the smallest set that pins everything read: a listed tree covers whatever lies below it,
// and a directory that was only seen to exist is implied by anything found inside.
//
// A path that is no line of text cannot be told to the caller or asked of git: then the render depends
// on the whole tree.
func (r *reads) entries(ref, root string) []wire.Entry {
	found := make([]wire.Entry, 0, len(r.blobs)+len(r.trees)+len(r.missing))
	for path, oid := range r.trees {
		found = append(found, wire.Entry{Path: path, Kind: kindTree, OID: oid, Ref: ref})
	}
	for path, oid := range r.blobs {
		found = append(found, wire.Entry{Path: path, Kind: kindBlob, OID: oid, Ref: ref})
	}
	implied := r.directoriesSeen()
	for path, oid := range r.probed {
		if _, listed := r.trees[path]; !listed && !implied[path] {
			found = append(found, wire.Entry{Path: path, Kind: kindTree, OID: oid, Ref: ref})
			r.trees[path] = oid
		}
	}
	for path := range r.missing {
		found = append(found, wire.Entry{Path: path, Kind: kindMissing, Ref: ref})
	}
	for _, entry := range found {
		if !utf8.ValidString(entry.Path) || strings.ContainsRune(entry.Path, '\n') {
			return []wire.Entry{{Kind: kindTree, OID: root, Ref: ref}}
		}
	}
	return sorted(r.uncovered(found))
}

// directoriesSeen are the ancestors of everything that was found.
func (r *reads) directoriesSeen() map[string]bool {
	seen := map[string]bool{}
	for _, group := range []map[string]string{r.blobs, r.trees} {
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
		if _, listed := r.trees[path]; listed {
			return true
		}
	}
	return false
}

func sorted(entries []wire.Entry) []wire.Entry {
	sort.Slice(entries, func(i, j int) bool { return entries[i].Path < entries[j].Path })
	return entries
}

// parent is the directory of a path; "" is the root and its own parent.
func parent(path string) string {
	if cut := strings.LastIndexByte(path, '/'); cut >= 0 {
		return path[:cut]
	}
	return ""
}
