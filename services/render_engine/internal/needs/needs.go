// Package needs notes what a render misses that is not in its tree, so that the caller can fetch it.
//
// Invariant: a want has one key, made of all that names it; what was supplied under that key is used, and
// what was not is told to the caller, all of it at once as far as it could be seen.
package needs

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"render-engine/internal/wire"
)

// Most bounds the wants of one round.
const Most = 256

// Kinds of wants.
const (
	Chart     = "chart"
	File      = "file"
	Resource  = "resource"
	Git       = "git"
	Submodule = "submodule"
	LFS       = "lfs"
)

// Code is that of a failure that names wants.
const Code = "needs"

// Ledger has what was supplied and what is wanted still.
type Ledger struct {
	supplies map[string]wire.Supply
	asked    map[string]bool
	wants    []wire.Want
}

// New begins with what the caller obtained so far, by the keys of the wants.
func New(supplies map[string]wire.Supply) *Ledger {
	return &Ledger{supplies: supplies, asked: map[string]bool{}}
}

// Ask returns what was supplied, or notes that it is wanted. Beyond Most the caller is told of more later.
func (l *Ledger) Ask(want wire.Want) (wire.Supply, bool) {
	want.Key = Key(want)
	if supply, found := l.supplies[want.Key]; found {
		return supply, true
	}
	if !l.asked[want.Key] && len(l.wants) < Most {
		l.asked[want.Key] = true
		l.wants = append(l.wants, want)
	}
	return wire.Supply{}, false
}

// Err is nil when nothing is wanted.
func (l *Ledger) Err() error {
	if len(l.wants) == 0 {
		return nil
	}
	return &Error{Wants: l.wants}
}

// Error says what is wanted; its text is what people read where nobody can supply it.
type Error struct{ Wants []wire.Want }

func (e *Error) Error() string {
	var told []string
	seen := map[string]bool{}
	for _, want := range e.Wants {
		if !seen[want.Refusal] {
			seen[want.Refusal] = true
			told = append(told, want.Refusal)
		}
	}
	return strings.Join(told, "; ")
}

// Key names a want by everything that says what it is, and not by who asks for it.
func Key(want wire.Want) string {
	parts := []string{
		want.Kind, want.From, want.Repository, want.Name, want.Version, want.Digest,
		want.URL, want.Revision, want.Path, want.OID,
	}
	digest := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return want.Kind + ":" + hex.EncodeToString(digest[:16])
}
