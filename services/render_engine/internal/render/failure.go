package render

import (
	"errors"
	"fmt"
	"strings"

	"render-engine/internal/needs"
	"render-engine/internal/objects"
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
	codeProgram      = "program"
)

// Failed is an error with its policy and the file it belongs to.
type Failed struct{ wire.Failure }

func (f *Failed) Error() string { return f.Message }

// refuse makes an error that only a change in the repository or the application cures.
func refuse(code, file, format string, arguments ...any) error {
	return &Failed{wire.Failure{Kind: invalid, Code: code, File: file, Message: fmt.Sprintf(format, arguments...)}}
}

// isPassing says whether another try may cure an error, so that it says nothing of the repository.
func isPassing(err error) bool {
	return errors.Is(err, tree.ErrMirror) || errors.Is(err, objects.ErrProgram)
}

// maxMessage bounds an error's text in bytes; the libraries like to quote whole files.
const maxMessage = 4 << 10

// Describe turns any error into what the caller is told.
func Describe(err error, current string) *wire.Failure {
	failure := classify(err, current)
	failure.Message = Text(tree.Relative(failure.Message), maxMessage)
	failure.File = Text(failure.File, maxMessage)
	return failure
}

// Text is what can be told of a message: valid, and no longer than a bound in bytes. What is cut is the
// middle, since the cause of an error stands at its end.
func Text(message string, bound int) string {
	if len(message) > bound {
		message = message[:bound/2] + " … " + message[len(message)-bound/2:]
	}
	return strings.ToValidUTF8(message, "\ufffd")
}

func classify(err error, current string) *wire.Failure {
	var failed *Failed
	if errors.As(err, &failed) {
		failure := failed.Failure
		return &failure
	}
	failure := &wire.Failure{Kind: invalid, Message: err.Error(), File: current}
	var wanting *needs.Error
	if errors.As(err, &wanting) {
		failure.Code, failure.File, failure.Wants = needs.Code, wanting.Wants[0].File, wanting.Wants
		return failure
	}
	if errors.Is(err, tree.ErrMirror) {
		failure.Kind = transient
	}
	if errors.Is(err, objects.ErrProgram) {
		failure.Kind, failure.Code = transient, codeProgram
	}
	var outside *tree.OutsideError
	if errors.As(err, &outside) {
		failure.Code, failure.File = codePath, outside.Link
	}
	var module *tree.SubmoduleError
	if errors.As(err, &module) {
		failure.Code, failure.File = codeUnsupported, module.Path
	}
	var pointer *tree.PointerError
	if errors.As(err, &pointer) {
		failure.Code, failure.File = codeUnsupported, pointer.Path
	}
	return failure
}
