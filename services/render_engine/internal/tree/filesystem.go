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

var errReadOnly = errors.New("the file system is read-only")

// FileSystem presents a tree to Kustomize. Overlay replaces files by their real path.
type FileSystem struct {
	Tree    *Tree
	Overlay map[string][]byte
	OnRead  func(real string, content []byte)
}

var _ filesys.FileSystem = (*FileSystem)(nil)

// Relative removes the mount point from a message.
func Relative(message string) string {
	return strings.ReplaceAll(strings.ReplaceAll(message, MountPoint+"/", ""), MountPoint, ".")
}

// Mounted is where a path of the tree appears.
func Mounted(name string) string { return path.Join(MountPoint, name) }

func inside(name string) (string, error) {
	clean := path.Clean(name)
	if clean == MountPoint {
		return "", nil
	}
	if relative, found := strings.CutPrefix(clean, MountPoint+"/"); found {
		return relative, nil
	}
	return "", fmt.Errorf("%s: %w", name, ErrOutside)
}

// ReadFile returns a file's content.
func (f *FileSystem) ReadFile(name string) ([]byte, error) {
	relative, err := inside(name)
	if err != nil {
		return nil, err
	}
	content, err := f.Tree.ReadFile(relative)
	if err != nil {
		return nil, err
	}
	real, _, err := f.Tree.resolve(relative)
	if err != nil {
		return nil, err
	}
	if replaced, found := f.Overlay[real]; found {
		content = replaced
	}
	if f.OnRead != nil {
		f.OnRead(real, content)
	}
	return bytes.Clone(content), nil
}

// IsDir says whether a path is a directory.
func (f *FileSystem) IsDir(name string) bool {
	entry, err := f.stat(name)
	return err == nil && entry.IsDir()
}

// Exists says whether anything is at a path.
func (f *FileSystem) Exists(name string) bool {
	_, err := f.stat(name)
	return err == nil
}

func (f *FileSystem) stat(name string) (Entry, error) {
	relative, err := inside(name)
	if err != nil {
		return Entry{}, err
	}
	_, entry, err := f.Tree.Stat(relative)
	return entry, err
}

// ReadDir lists the names in a directory.
func (f *FileSystem) ReadDir(name string) ([]string, error) {
	relative, err := inside(name)
	if err != nil {
		return nil, err
	}
	entries, err := f.Tree.ReadDir(relative)
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
	relative, err := inside(name)
	if err != nil {
		return "", "", err
	}
	real, entry, err := f.Tree.Stat(relative)
	if err != nil {
		return "", "", err
	}
	if entry.IsDir() {
		return filesys.ConfirmedDir(Mounted(real)), "", nil
	}
	return filesys.ConfirmedDir(Mounted(parent(real))), path.Base(real), nil
}

// Glob lists the paths that match a pattern with wildcards in any component.
func (f *FileSystem) Glob(pattern string) ([]string, error) {
	relative, err := inside(pattern)
	if err != nil {
		return nil, err
	}
	return f.glob(MountPoint, split(relative))
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
	relative, err := inside(name)
	if err != nil {
		return err
	}
	return f.Tree.Walk(relative, func(below string, isDir bool, broken error) error {
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
