package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

const (
	// MaxDepth bounds how deep a walk goes; a symlink to its own parent ends here.
	MaxDepth = 64
	// MaxWalked bounds the files of one walk.
	MaxWalked = 50_000
)

// SkipDirectory makes a walk leave the directory out.
var SkipDirectory = errors.New("skip this directory")

// Visit is called for each file and directory below the walk's root, with the path relative to it.
// A symlink is reported as what it points to; Broken is the error of one that resolves to nothing.
type Visit func(relative string, isDir bool, broken error) error

// Walk visits everything below a directory, in the order of names, and follows symlinks; the circle of a
// directory that links to one it lies in is an error.
func (t *Tree) Walk(root string, visit Visit) error {
	real, _, err := t.Stat(root)
	if err != nil {
		return err
	}
	walker := &walker{tree: t, root: root, visit: visit, within: []string{real}}
	return walker.directory("", 0)
}

type walker struct {
	tree   *Tree
	root   string
	visit  Visit
	seen   int
	within []string
}

func (w *walker) directory(relative string, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%s: %w", path.Join(w.root, relative), ErrLoop)
	}
	entries, err := w.tree.ReadDir(path.Join(w.root, relative))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if w.seen++; w.seen > MaxWalked {
			return fmt.Errorf("%s: more than %d files", w.root, MaxWalked)
		}
		if err := w.entry(path.Join(relative, entry.Name), entry, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(relative string, entry Entry, depth int) error {
	real, linked := path.Join(w.within[len(w.within)-1], entry.Name), entry.IsSymlink()
	var broken error
	if linked {
		if real, entry, broken = w.tree.Stat(path.Join(w.root, relative)); errors.Is(broken, ErrMirror) {
			return broken
		}
	}
	isDir := broken == nil && entry.IsDir()
	err := w.visit(relative, isDir, broken)
	if errors.Is(err, SkipDirectory) {
		return nil
	}
	if err != nil || !isDir {
		return err
	}
	if linked && slices.Contains(w.within, real) {
		return fmt.Errorf("%s: %w", path.Join(w.root, relative), ErrLoop)
	}
	w.within = append(w.within, real)
	defer func() { w.within = w.within[:len(w.within)-1] }()
	return w.directory(relative, depth+1)
}

// IsMissing says whether an error means that nothing is at a path.
func IsMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
