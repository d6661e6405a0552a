package objects

import (
	"container/list"
	"errors"
	"fmt"
	"os"
)

// MaxMirrors bounds the git processes kept warm, one a mirror.
const MaxMirrors = 4

// Store reads objects of any mirror. It is not safe for concurrent use: the engine serves one request
// at a time.
type Store struct {
	git     string
	batches map[string]*list.Element
	order   *list.List
	cache   *cache
}

type warm struct {
	mirror string
	batch  *batch
}

// NewStore uses the git binary at the given absolute path.
func NewStore(git string) *Store {
	return &Store{git: git, batches: map[string]*list.Element{}, order: list.New(), cache: newCache()}
}

// Object reads an object by its id. The content must not be changed by the caller.
func (s *Store) Object(mirror, oid, kind string) ([]byte, error) {
	if content, found := s.cache.get(oid); found {
		return content, nil
	}
	_, actual, content, err := s.ask(mirror, oid)
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", oid, err)
	}
	if actual != kind {
		return nil, fmt.Errorf("object %s is a %s, not a %s", oid, actual, kind)
	}
	s.cache.put(oid, content)
	return content, nil
}

// RootTree resolves a commit id to the id of its tree.
func (s *Store) RootTree(mirror, commit string) (string, error) {
	if _, err := os.Stat(mirror); err != nil {
		s.forget(mirror)
		return "", fmt.Errorf("mirror is not there: %w", err)
	}
	oid, kind, content, err := s.ask(mirror, commit+"^{tree}")
	if err != nil {
		return "", fmt.Errorf("commit %s: %w", commit, err)
	}
	if kind != "tree" {
		return "", fmt.Errorf("commit %s names a %s", commit, kind)
	}
	s.cache.put(oid, content)
	return oid, nil
}

// ask reads through the warm process; when that fails, once more through a fresh one, which also sees
// a mirror that was replaced since.
func (s *Store) ask(mirror, revision string) (oid, kind string, content []byte, err error) {
	for attempt := 0; attempt < 2; attempt++ {
		var running *batch
		var fresh bool
		if running, fresh, err = s.batch(mirror); err != nil {
			return "", "", nil, err
		}
		oid, kind, content, err = running.read(revision)
		if err == nil {
			return oid, kind, content, nil
		}
		s.forget(mirror)
		if fresh || errors.Is(err, ErrTooLarge) {
			break
		}
	}
	return "", "", nil, err
}

func (s *Store) batch(mirror string) (*batch, bool, error) {
	if element, found := s.batches[mirror]; found {
		s.order.MoveToFront(element)
		return element.Value.(*warm).batch, false, nil
	}
	started, err := startBatch(s.git, mirror)
	if err != nil {
		return nil, false, err
	}
	s.batches[mirror] = s.order.PushFront(&warm{mirror: mirror, batch: started})
	if s.order.Len() > MaxMirrors {
		s.forget(s.order.Back().Value.(*warm).mirror)
	}
	return started, true, nil
}

// Close ends every git process.
func (s *Store) Close() {
	for mirror := range s.batches {
		s.forget(mirror)
	}
}

func (s *Store) forget(mirror string) {
	element, found := s.batches[mirror]
	if !found {
		return
	}
	delete(s.batches, mirror)
	s.order.Remove(element)
	element.Value.(*warm).batch.close()
}
