package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// MountPoint is where libraries that want absolute paths see the repository's root. Its unusual name
// lets Relative remove it from messages without touching anything else.
const MountPoint = "/@repo"

// BesidePoint is where they see other repositories, each in a directory of its own.
const BesidePoint = "/@beside"

var errReadOnly = errors.New("the file system is read-only")

// FileSystem presents a tree, and others beside it, to Kustomize.
//
// Extra are files that no tree holds, by the path where they are mounted. Rewrite gives a file another content;
// it is told under which path that was asked for, and which it really has, after symlinks. OnRead is told of every file by its name for people. Failed is
// the first file that could not be read though it is there: Kustomize would say that it is missing.
type FileSystem struct {
	Tree    *Tree
	Beside  map[string]*Tree
	Extra   map[string][]byte
	Rewrite func(asked, mounted string, content []byte) ([]byte, error)
	OnRead  func(shown string)
	Failed  error

	asked map[string]string
}

// Mount adds a tree under a name and returns where it appears.
func (f *FileSystem) Mount(name string, other *Tree) string {
	if f.Beside == nil {
		f.Beside = map[string]*Tree{}
	}
	f.Beside[name] = other
	return path.Join(BesidePoint, name)
}

var _ filesys.FileSystem = (*FileSystem)(nil)

// Relative removes the mount points from a message.
func Relative(message string) string {
	message = strings.ReplaceAll(message, BesidePoint+"/", "")
	return strings.ReplaceAll(strings.ReplaceAll(message, MountPoint+"/", ""), MountPoint, ".")
}

// Mounted is where a path of the tree appears.
func Mounted(name string) string { return path.Join(MountPoint, name) }

// place is a path of one of the trees; mount is where that tree appears.
type place struct {
	tree     *Tree
	mount    string
	relative string
}

func (p place) mounted(real string) string { return path.Join(p.mount, real) }

func (f *FileSystem) inside(name string) (place, error) {
	clean := path.Clean(name)
	if clean == MountPoint {
		return place{tree: f.Tree, mount: MountPoint}, nil
	}
	if relative, found := strings.CutPrefix(clean, MountPoint+"/"); found {
		return place{tree: f.Tree, mount: MountPoint, relative: relative}, nil
	}
	if below, found := strings.CutPrefix(clean, BesidePoint+"/"); found {
		first, relative, _ := strings.Cut(below, "/")
		if other := f.Beside[first]; other != nil {
			return place{tree: other, mount: path.Join(BesidePoint, first), relative: relative}, nil
		}
	}
	return place{}, fmt.Errorf("%s: %w", name, ErrOutside)
}

// Locate says in which tree a directory lies, and where there.
func (f *FileSystem) Locate(name string) (*Tree, string, error) {
	at, err := f.inside(name)
	if err != nil {
		return nil, "", err
	}
	real, _, err := at.tree.Stat(at.relative)
	return at.tree, real, err
}

// ReadFile returns a file's content.
func (f *FileSystem) ReadFile(name string) ([]byte, error) {
	if content, found := f.Extra[path.Clean(name)]; found {
		return bytes.Clone(content), nil
	}
	at, err := f.inside(name)
	if err != nil {
		return nil, err
	}
	content, err := at.tree.ReadFile(at.relative)
	if err != nil {
		f.note(err)
		return nil, err
	}
	real, _, err := at.tree.resolve(at.relative)
	if err != nil {
		return nil, err
	}
	if f.OnRead != nil {
		f.OnRead(Relative(at.mounted(real)))
	}
	if f.Rewrite != nil {
		if content, err = f.Rewrite(f.askedAs(name, at.mounted(real)), at.mounted(real), content); err != nil {
			return nil, err
		}
	}
	return bytes.Clone(content), nil
}

// askedAs is the path under which a file was asked for before its symlinks were resolved.
func (f *FileSystem) askedAs(name, mounted string) string {
	if asked, found := f.asked[mounted]; found {
		return asked
	}
	return path.Clean(name)
}

func (f *FileSystem) note(err error) {
	var module *SubmoduleError
	var pointer *PointerError
	if f.Failed == nil && (errors.Is(err, ErrMirror) || errors.As(err, &module) || errors.As(err, &pointer)) {
		f.Failed = err
	}
}

// IsDir says whether a path is a directory.
func (f *FileSystem) IsDir(name string) bool {
	entry, err := f.stat(name)
	return err == nil && entry.IsDir()
}

// Exists says whether anything is at a path.
func (f *FileSystem) Exists(name string) bool {
	if _, found := f.Extra[path.Clean(name)]; found {
		return true
	}
	_, err := f.stat(name)
	return err == nil
}

func (f *FileSystem) stat(name string) (Entry, error) {
	at, err := f.inside(name)
	if err != nil {
		return Entry{}, err
	}
	_, entry, err := at.tree.Stat(at.relative)
	return entry, err
}

// ReadDir lists the names in a directory.
func (f *FileSystem) ReadDir(name string) ([]string, error) {
	at, err := f.inside(name)
	if err != nil {
		return nil, err
	}
	entries, err := at.tree.ReadDir(at.relative)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name)
	}
	return names, nil
}

// CleanedAbs resolves symlinks and splits a path into a directory and a file name.
func (f *FileSystem) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	if _, found := f.Extra[path.Clean(name)]; found {
		return filesys.ConfirmedDir(path.Dir(path.Clean(name))), path.Base(name), nil
	}
	at, err := f.inside(name)
	if err != nil {
		return "", "", err
	}
	real, entry, err := at.tree.Stat(at.relative)
	if err != nil {
		return "", "", err
	}
	if entry.IsDir() {
		return filesys.ConfirmedDir(at.mounted(real)), "", nil
	}
	if f.asked == nil {
		f.asked = map[string]string{}
	}
	f.asked[at.mounted(real)] = path.Clean(name)
	return filesys.ConfirmedDir(at.mounted(parent(real))), path.Base(real), nil
}

// Glob lists the paths that match a pattern with wildcards in any component.
func (f *FileSystem) Glob(pattern string) ([]string, error) {
	at, err := f.inside(pattern)
	if err != nil {
		return nil, err
	}
	return f.glob(at.mount, split(at.relative))
}

func (f *FileSystem) glob(base string, steps []string) ([]string, error) {
	if len(steps) == 0 {
		return []string{base}, nil
	}
	names, err := f.ReadDir(base)
	if err != nil {
		return nil, nil
	}
	var found []string
	for _, name := range names {
		matched, err := filepath.Match(steps[0], name)
		if err != nil {
			return nil, err
		}
		if matched {
			below, err := f.glob(path.Join(base, name), steps[1:])
			if err != nil {
				return nil, err
			}
			found = append(found, below...)
		}
	}
	return found, nil
}

// Walk visits a path and everything below it.
func (f *FileSystem) Walk(name string, visit filepath.WalkFunc) error {
	at, err := f.inside(name)
	if err != nil {
		return err
	}
	return at.tree.Walk(at.relative, func(below string, isDir bool, broken error) error {
		if broken != nil {
			return broken
		}
		return visit(path.Join(name, below), info{name: path.Base(below), dir: isDir}, nil)
	})
}

// Open opens a file for reading.
func (f *FileSystem) Open(name string) (filesys.File, error) {
	content, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &file{Reader: bytes.NewReader(content), info: info{name: path.Base(name), size: int64(len(content))}}, nil
}

// Create is refused.
func (*FileSystem) Create(string) (filesys.File, error) { return nil, errReadOnly }

// Mkdir is refused.
func (*FileSystem) Mkdir(string) error { return errReadOnly }

// MkdirAll is refused.
func (*FileSystem) MkdirAll(string) error { return errReadOnly }

// RemoveAll is refused.
func (*FileSystem) RemoveAll(string) error { return errReadOnly }

// WriteFile is refused.
func (*FileSystem) WriteFile(string, []byte) error { return errReadOnly }

type file struct {
	*bytes.Reader
	info info
}

func (*file) Close() error                    { return nil }
func (f *file) Stat() (fs.FileInfo, error)    { return f.info, nil }
func (*file) Write([]byte) (int, error)       { return 0, errReadOnly }
func (f *file) Read(into []byte) (int, error) { return io.Reader(f.Reader).Read(into) }

// Info describes a file to libraries that take an fs.FileInfo.
func Info(name string, isDir bool) fs.FileInfo { return info{name: name, dir: isDir} }

type info struct {
	name string
	size int64
	dir  bool
}

func (i info) Name() string { return i.name }
func (i info) Size() int64  { return i.size }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
func (info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool      { return i.dir }
func (info) Sys() any           { return nil }
