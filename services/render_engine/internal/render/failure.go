package render

import (
	"errors"
	"fmt"

	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

const (
	invalid   = "invalid"
	transient = "transient"
)

// Codes of the failures a caller reacts to.
const (
	codePath         = "path"
	codeDependencies = "dependencies"
	codeRemote       = "remote"
	codeUnsupported  = "unsupported"
	codeLimit        = "limit"
)

// Failed is an error with its policy and the file it belongs to.
type Failed struct{ wire.Failure }

func (f *Failed) Error() string { return f.Message }

// refuse makes an error that only a change in the repository or the application cures.
func refuse(code, file, format string, arguments ...any) error {
	return &Failed{wire.Failure{Kind: invalid, Code: code, File: file, Message: fmt.Sprintf(format, arguments...)}}
}

// Describe turns any error into what the caller is told.
func Describe(err error, current string) *wire.Failure {
	var failed *Failed
	if errors.As(err, &failed) {
		failure := failed.Failure
		failure.Message = tree.Relative(failure.Message)
		return &failure
	}
	failure := &wire.Failure{Kind: invalid, Message: tree.Relative(err.Error()), File: current}
	if errors.Is(err, tree.ErrMirror) {
		failure.Kind = transient
	}
	var outside *tree.OutsideError
	if errors.As(err, &outside) {
		failure.Code, failure.File = codePath, outside.Link
	}
	return failure
}
