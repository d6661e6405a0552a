// Package tree is a read-only file system over one commit of a bare mirror.
//
// Invariant: a path resolves only inside the commit's tree, whatever symlinks and ".." it goes through,
// and everything that was read, listed or found missing is in the read set.
package tree

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"render-engine/internal/objects"
	"render-engine/internal/wire"
)

const (
	modeDirectory = "40000"
	modeSymlink   = "120000"
	modeSubmodule = "160000"
)

// MaxSymlinks bounds the links followed for one path, as in Linux.
const MaxSymlinks = 40

var (
	// ErrOutside says that a path or a symlink leaves the repository.
	ErrOutside = errors.New("path leaves the repository")
	// ErrLoop says that symlinks go round in a circle.
	ErrLoop = errors.New("too many levels of symbolic links")
	// ErrMirror marks failures of the mirror itself, which another try may cure.
	ErrMirror = errors.New("mirror cannot be read")
)

// OutsideError names the symlink that leaves the repository.
type OutsideError struct{ Link string }

func (e *OutsideError) Error() string {
	return "repository contains out-of-bounds symlinks. file: " + e.Link
}

// Is lets errors.Is find ErrOutside.
func (e *OutsideError) Is(target error) bool { return target == ErrOutside }

// SubmoduleError names a submodule that a render needs the files of.
type SubmoduleError struct{ Path string }

func (e *SubmoduleError) Error() string {
	return e.Path + " is a submodule, and submodules are not followed: commit its files here, or make it a source of its own"
}

// PointerError names a file whose content is kept in Git LFS; Content is what Git has instead.
type PointerError struct {
	Path    string
	Content []byte
}

func (e *PointerError) Error() string {
	return e.Path + " is a pointer of Git LFS, which is not followed: commit the file itself"
}

const (
	pointerMark = "version https://git-lfs.github.com/spec/"
	// maxPointer bounds a pointer in bytes, as Git LFS does.
	maxPointer = 1024
)

// Tree is one commit. Paths are slash-separated, relative to the root; "" is the root.
type Tree struct {
	store  *objects.Store
	mirror string
	root   string
	reads  *reads
	parsed map[string][]Entry
	// Elsewhere has what the tree only names; nil has nothing.
	Elsewhere Elsewhere
}

// Entry is one name in a directory.
type Entry struct {
	Name  string
	mode  string
	oid   string
	mount *mount
}

// IsDir says whether the entry is a directory; a submodule is one, which cannot be listed unless it is
// obtained.
func (e Entry) IsDir() bool { return e.mode == modeDirectory || e.mode == modeSubmodule }

// IsSymlink says whether the entry is a symbolic link.
func (e Entry) IsSymlink() bool { return e.mode == modeSymlink }

// Open resolves a commit, or the id of a tree.
func Open(store *objects.Store, mirror, commit string) (*Tree, error) {
	root, err := store.RootTree(mirror, commit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMirror, err)
	}
	return &Tree{store: store, mirror: mirror, root: root, reads: newReads(), parsed: map[string][]Entry{}}, nil
}

// Blob reads a file's content by its id. It must not be changed.
func Blob(store *objects.Store, mirror, oid string) ([]byte, error) {
	content, err := store.Object(mirror, oid, kindBlob)
	return content, mirrorError(err)
}

// Root is the id of the whole tree.
func (t *Tree) Root() string { return t.root }

// Reads is the read set so far; ref says which repository it belongs to, "" for the source's own.
func (t *Tree) Reads(ref string) []wire.Entry { return t.reads.entries(ref, t.root, t.parsed) }

// ReadFile returns a file's content, which must not be changed.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	real, entry, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	if entry.IsDir() {
		t.reads.probed[real] = entry
		return nil, fmt.Errorf("read %s: is a directory", name)
	}
	t.reads.blobs[real] = entry.oid
	content, err := t.blob(entry)
	if err == nil && len(content) < maxPointer && strings.HasPrefix(string(content), pointerMark) {
		return t.large(real, entry, content)
	}
	return content, err
}

// ReadDir lists a directory in the order of names.
func (t *Tree) ReadDir(name string) ([]Entry, error) {
	real, entry, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	if !entry.IsDir() {
		t.reads.blobs[real] = entry.oid
		return nil, fmt.Errorf("%s: not a directory", name)
	}
	if entry.mode == modeSubmodule {
		if entry, err = t.mounted(real, entry); err != nil {
			return nil, err
		}
	}
	if entry.mount == nil {
		t.reads.listed[real] = entry.oid
	}
	return t.entries(entry)
}

// Stat resolves a path to where it really is.
func (t *Tree) Stat(name string) (real string, entry Entry, err error) {
	real, entry, err = t.resolve(name)
	if err != nil {
		return "", Entry{}, err
	}
	if entry.IsDir() {
		t.reads.probed[real] = entry
	} else {
		t.reads.blobs[real] = entry.oid
	}
	return real, entry, nil
}

// IsSubmodule says whether a submodule is at a path.
func (t *Tree) IsSubmodule(name string) bool {
	_, entry, err := t.resolve(name)
	return err == nil && entry.mode == modeSubmodule
}

// IsLink says whether a path that was found ends in a symlink.
func (t *Tree) IsLink(name string) bool {
	_, directory, err := t.resolve(parent(name))
	if err != nil {
		return false
	}
	entry, err := t.child(directory, path.Base(name))
	return err == nil && entry.IsSymlink()
}

// resolve walks a path one component at a time, following symlinks.
func (t *Tree) resolve(name string) (string, Entry, error) {
	at := []Entry{{oid: t.root, mode: modeDirectory}}
	pending := split(name)
	for links := 0; len(pending) > 0; {
		step := pending[0]
		pending = pending[1:]
		if step == ".." {
			if len(at) == 1 {
				return "", Entry{}, fmt.Errorf("%s: %w", name, ErrOutside)
			}
			at = at[:len(at)-1]
			continue
		}
		if last := at[len(at)-1]; last.mode == modeSubmodule {
			mounted, err := t.mounted(join(at[:len(at)-1], last.Name), last)
			if err != nil {
				return "", Entry{}, err
			}
			at[len(at)-1] = mounted
		}
		here := join(at, step)
		entry, err := t.child(at[len(at)-1], step)
		if errors.Is(err, fs.ErrNotExist) {
			t.noteMissing(at, here)
			return "", Entry{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		if err != nil {
			return "", Entry{}, err
		}
		if !entry.IsSymlink() {
			at = append(at, entry)
			continue
		}
		if links++; links > MaxSymlinks {
			return "", Entry{}, fmt.Errorf("%s: %w", name, ErrLoop)
		}
		target, err := t.target(here, entry, len(at)-1)
		if err != nil {
			return "", Entry{}, err
		}
		pending = append(target, pending...)
	}
	return join(at[:len(at)-1], at[len(at)-1].Name), at[len(at)-1], nil
}

// noteMissing records the first part of a path that is not there.
func (t *Tree) noteMissing(at []Entry, here string) {
	if last := at[len(at)-1]; !last.IsDir() {
		t.reads.blobs[join(at[:len(at)-1], last.Name)] = last.oid
		return
	}
	t.reads.missing[here] = true
}

func (t *Tree) child(directory Entry, name string) (Entry, error) {
	if !directory.IsDir() {
		return Entry{}, fs.ErrNotExist
	}
	entries, err := t.entries(directory)
	if err != nil {
		return Entry{}, err
	}
	found := sort.Search(len(entries), func(i int) bool { return entries[i].Name >= name })
	if found == len(entries) || entries[found].Name != name {
		return Entry{}, fs.ErrNotExist
	}
	entry := entries[found]
	entry.mount = directory.mount
	return entry, nil
}

// target reads a symlink; depth is how many directories lie between it and the root.
func (t *Tree) target(link string, entry Entry, depth int) ([]string, error) {
	t.reads.blobs[link] = entry.oid
	content, err := t.blob(entry)
	if err != nil {
		return nil, err
	}
	text := string(content)
	if text == "" || strings.HasPrefix(text, "/") || len(text) > 4096 {
		return nil, &OutsideError{Link: link}
	}
	steps := split(text)
	for _, step := range steps {
		if step != ".." {
			depth++
		} else if depth--; depth < 0 {
			return nil, &OutsideError{Link: link}
		}
	}
	return steps, nil
}

func (t *Tree) blob(entry Entry) ([]byte, error) {
	return Blob(t.store, t.mirrorOf(entry), entry.oid)
}

func mirrorError(err error) error {
	if err == nil || errors.Is(err, objects.ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrMirror, err)
}

func (t *Tree) entries(directory Entry) ([]Entry, error) {
	if entries, found := t.parsed[directory.oid]; found {
		return entries, nil
	}
	content, err := t.store.Object(t.mirrorOf(directory), directory.oid, kindTree)
	if err != nil {
		return nil, mirrorError(err)
	}
	entries, err := parse(content, len(directory.oid)/2)
	if err != nil {
		return nil, mirrorError(err)
	}
	t.parsed[directory.oid] = entries
	return entries, nil
}

// parse reads git's tree format: "<mode> <name>\0<binary id>", over and over.
func parse(content []byte, idSize int) ([]Entry, error) {
	var entries []Entry
	for text := string(content); text != ""; {
		space := strings.IndexByte(text, ' ')
		end := strings.IndexByte(text, 0)
		if space < 0 || end < space || len(text) < end+1+idSize {
			return nil, errors.New("tree object is malformed")
		}
		id := text[end+1 : end+1+idSize]
		entries = append(entries, Entry{Name: text[space+1 : end], mode: text[:space], oid: hex.EncodeToString([]byte(id))})
		text = text[end+1+idSize:]
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name < entries[j].Name })
	return entries, nil
}

func split(name string) []string {
	var steps []string
	for _, step := range strings.Split(name, "/") {
		if step != "" && step != "." {
			steps = append(steps, step)
		}
	}
	return steps
}

func join(at []Entry, name string) string {
	parts := make([]string, 0, len(at))
	for _, entry := range at[min(1, len(at)):] {
		parts = append(parts, entry.Name)
	}
	return path.Join(append(parts, name)...)
}
