package tree

import (
	"regexp"
	"strconv"
	"strings"
)

// Elsewhere obtains what a tree names and does not hold. It says false for what is not there yet. File is a
// path from the root, within the key of the supply that it lies in, "" for the tree's own repository, and at
// its path there.
type Elsewhere interface {
	Module(file, within, at, oid string) (Module, bool, error)
	Large(file, within, at string, pointer Pointer) ([]byte, bool, error)
}

// Module is another repository's tree in the place of a submodule: Key is that of the supply, Root the id of
// the tree.
type Module struct{ Key, Mirror, Root string }

// Pointer is what Git has of a file that is kept in Git LFS: its SHA-256 and its size in bytes.
type Pointer struct {
	OID  string
	Size int64
}

// mount is where a tree was put: at is the path of its root.
type mount struct {
	Module
	at string
}

// mounted is the entry of a submodule with the tree that was obtained for it. That the submodule was looked
// into is a read of its id, which stands for everything in it.
func (t *Tree) mounted(module string, entry Entry) (Entry, error) {
	t.reads.trees[module] = entry.oid
	if t.Elsewhere == nil {
		return Entry{}, &SubmoduleError{Path: module}
	}
	t.depends(entry, modulesFile)
	within, at := entry.mount.place(module)
	found, isThere, err := t.Elsewhere.Module(module, within, at, entry.oid)
	if err != nil {
		return Entry{}, err
	}
	if !isThere {
		return Entry{}, &SubmoduleError{Path: module}
	}
	return Entry{Name: entry.Name, mode: modeDirectory, oid: found.Root, mount: &mount{found, module}}, nil
}

// large is the content of a file that is kept elsewhere.
func (t *Tree) large(file string, entry Entry, content []byte) ([]byte, error) {
	pointer, isOne := parsePointer(string(content))
	if !isOne || t.Elsewhere == nil {
		return nil, &PointerError{Path: file, Content: content}
	}
	t.depends(entry, largeFile)
	within, at := entry.mount.place(file)
	found, isThere, err := t.Elsewhere.Large(file, within, at, pointer)
	if err == nil && !isThere {
		err = &PointerError{Path: file, Content: content}
	}
	return found, err
}

// Files at the root of a repository that say where what it names is.
const (
	modulesFile = ".gitmodules"
	largeFile   = ".lfsconfig"
)

// depends notes that whether something can be obtained depends on a file at the root. In what was mounted
// everything is pinned already.
func (t *Tree) depends(entry Entry, name string) {
	if entry.mount != nil {
		return
	}
	found, err := t.child(Entry{oid: t.root, mode: modeDirectory}, name)
	if err != nil {
		t.reads.missing[name] = true
	} else {
		t.reads.blobs[name] = found.oid
	}
}

// mirrorOf is where an entry's objects are.
func (t *Tree) mirrorOf(entry Entry) string {
	if entry.mount != nil {
		return entry.mount.Mirror
	}
	return t.mirror
}

// place is the supply that a path lies in, and the path there.
func (m *mount) place(file string) (within, at string) {
	if m == nil {
		return "", file
	}
	return m.Key, strings.TrimPrefix(strings.TrimPrefix(file, m.at), "/")
}

var pointerFields = regexp.MustCompile(`(?m)^(oid|size) (?:sha256:)?([0-9a-f]+)$`)

// parsePointer reads what Git LFS writes, of which order and further lines may be others.
func parsePointer(text string) (Pointer, bool) {
	var found Pointer
	found.Size = -1
	for _, field := range pointerFields.FindAllStringSubmatch(text, -1) {
		if field[1] == "oid" {
			found.OID = field[2]
		} else if size, err := strconv.ParseInt(field[2], 10, 64); err == nil {
			found.Size = size
		}
	}
	return found, len(found.OID) == 64 && found.Size >= 0
}
