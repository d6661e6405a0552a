package render

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/google/go-jsonnet"

	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

const (
	toolJsonnet = "Jsonnet"
	extJsonnet  = ".jsonnet"
	// maxStack bounds the calls that a Jsonnet program nests (its own default). Time, memory and output are
	// bounded as those of every render.
	maxStack = 500
)

// jsonnet evaluates a file and adds the object, or the array of objects, that it comes to.
func (j *job) jsonnet(name string) error {
	if !j.enabled(toolJsonnet) {
		return nil
	}
	machine, files, err := j.jsonnetMachine()
	if err != nil {
		return err
	}
	printed, err := machine.EvaluateFile(name)
	if files.failed != nil {
		return files.failed
	}
	if err != nil {
		return refuse("", name, "Failed to evaluate jsonnet %q: %s", name, strings.TrimSpace(err.Error()))
	}
	j.page.Enter(name)
	if err := j.set.AddJSONList([]byte(printed)); err != nil {
		return refuse(limitCode(err), name, "Failed to unmarshal generated json %q: %v", name, err)
	}
	return nil
}

// jsonnetMachine is a fresh one for each file, as nothing of one may reach the next.
func (j *job) jsonnetMachine() (*jsonnet.VM, *jsonnetFiles, error) {
	var options wire.Jsonnet
	if j.Options.Directory != nil {
		options = j.Options.Directory.Jsonnet
	}
	files := &jsonnetFiles{job: j, folders: []string{j.Path}, read: map[string]jsonnet.Contents{}}
	for _, given := range options.Libs {
		clean := path.Join("/", given)[1:]
		if lies := path.Clean(strings.TrimLeft(given, "/")); lies == ".." || strings.HasPrefix(lies, "../") {
			return nil, nil, refuse(codePath, given, "jsonnet library path %q lies outside the repository", given)
		}
		files.folders = append(files.folders, clean)
	}
	machine := jsonnet.MakeVM()
	machine.MaxStack = maxStack
	machine.SetTraceOut(io.Discard)
	machine.Importer(files)
	for _, variable := range options.ExtVars {
		set := machine.ExtVar
		if variable.Code {
			set = machine.ExtCode
		}
		set(variable.Name, j.substitute(variable.Value))
	}
	for _, variable := range options.TLAs {
		set := machine.TLAVar
		if variable.Code {
			set = machine.TLACode
		}
		set(variable.Name, j.substitute(variable.Value))
	}
	return machine, files, nil
}

// jsonnetFiles finds imports: beside the file that imports, then in the libraries, the last one first, then
// in the application's path. Every place that was looked at is in the read set.
type jsonnetFiles struct {
	job     *job
	folders []string
	read    map[string]jsonnet.Contents
	failed  error
}

// Import answers an import. What is wrong with the repository itself is kept for the job to tell.
func (f *jsonnetFiles) Import(from, wanted string) (jsonnet.Contents, string, error) {
	if path.IsAbs(wanted) {
		return jsonnet.Contents{}, "", fmt.Errorf("couldn't open import %q: absolute paths are refused", wanted)
	}
	folders := []string{path.Dir(from)}
	if from == "" {
		folders[0] = ""
	}
	for index := len(f.folders) - 1; index >= 0; index-- {
		folders = append(folders, f.folders[index])
	}
	for _, folder := range folders {
		found, contents, err := f.open(path.Join(folder, wanted), wanted)
		if err != nil || found != "" {
			return contents, found, err
		}
	}
	return jsonnet.Contents{}, "", fmt.Errorf("couldn't open import %q: no match locally or in the Jsonnet library paths", wanted)
}

// open reads a file once; "" stands for one that is not there.
func (f *jsonnetFiles) open(name, wanted string) (string, jsonnet.Contents, error) {
	if contents, known := f.read[name]; known {
		return name, contents, nil
	}
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", jsonnet.Contents{}, fmt.Errorf("couldn't open import %q: it lies outside the repository", wanted)
	}
	f.job.page.Enter(name)
	content, err := f.job.tree.ReadFile(name)
	if tree.IsMissing(err) {
		return "", jsonnet.Contents{}, nil
	}
	if err != nil {
		f.failed = err
		return "", jsonnet.Contents{}, err
	}
	f.read[name] = jsonnet.MakeContentsRaw(content)
	return name, f.read[name], nil
}
