package wire

// Request is one piece of work. Verb is "render", "edit", "yaml", "lua", "template", "expr", "notice", "fill" or "version".
type Request struct {
	ID          uint64            `msgpack:"id"`
	Verb        string            `msgpack:"verb"`
	Mirror      string            `msgpack:"mirror"`
	Commit      string            `msgpack:"commit"`
	Path        string            `msgpack:"path"`
	Options     Options           `msgpack:"options"`
	Disabled    []string          `msgpack:"disabled"`
	ReleaseName string            `msgpack:"releaseName"`
	Namespace   string            `msgpack:"namespace"`
	KubeVersion string            `msgpack:"kubeVersion"`
	APIVersions []string          `msgpack:"apiVersions"`
	Env         map[string]string `msgpack:"env"`
	Refs        map[string]Ref    `msgpack:"refs"`
	Supplies    map[string]Supply `msgpack:"supplies"`
	Submodules  bool              `msgpack:"submodules"`
	LFS         bool              `msgpack:"lfs"`
	Limits      Limits            `msgpack:"limits"`

	// ValueFileSchemes are those of addresses that value files may have; Build are the operator's flags.
	ValueFileSchemes []string `msgpack:"valueFileSchemes"`
	Build            Build    `msgpack:"build"`

	Text []byte `msgpack:"text"`
	Name string `msgpack:"name"`

	// Input is a JSON object: the globals of a Lua script, the variables of a template or an expression.
	// "fill" has a tree in Text, and a list of such objects. TemplateOptions are those of Go templates.
	// Open gives Lua the libraries of `useOpenLibs`; Milliseconds bound it.
	Input        []byte `msgpack:"input"`
	Open         bool   `msgpack:"open"`
	Milliseconds int64  `msgpack:"milliseconds"`

	TemplateOptions []string `msgpack:"templateOptions"`
}

// Ref is another repository at a commit, which value files may name as $ref/path.
type Ref struct {
	Mirror string `msgpack:"mirror"`
	Commit string `msgpack:"commit"`
}

// Supply is what the caller obtained for a want: a commit, a tree or a blob in a bare repository.
type Supply struct {
	Mirror string `msgpack:"mirror"`
	Object string `msgpack:"object"`
}

// Want is something that a render needs and that is not in its tree. Kind is "chart", "file", "resource", "git",
// "submodule" or "lfs", which says what other fields are set. Key is what a supply goes by; File the path
// that asks for it and From the key of the supply which that lies in, "" for the source's own tree. Refusal
// is what people read where nobody supplies it.
type Want struct {
	Key        string `msgpack:"key"`
	Kind       string `msgpack:"kind"`
	File       string `msgpack:"file"`
	From       string `msgpack:"from"`
	Refusal    string `msgpack:"refusal"`
	Repository string `msgpack:"repository"`
	Name       string `msgpack:"name"`
	Version    string `msgpack:"version"`
	Digest     string `msgpack:"digest"`
	URL        string `msgpack:"url"`
	Revision   string `msgpack:"revision"`
	Path       string `msgpack:"path"`
	OID        string `msgpack:"oid"`
	Size       int64  `msgpack:"size"`
}

// Limits bound one render, in bytes; zero means the default.
type Limits struct {
	Combined int64 `msgpack:"combined"`
	Output   int64 `msgpack:"output"`
}

// Build holds the flags that Kustomize is run with. Idle are sentences about those without effect; with a
// Refusal nothing is built.
type Build struct {
	Unrestricted bool     `msgpack:"unrestricted"`
	Reorder      string   `msgpack:"reorder"`
	EnableHelm   bool     `msgpack:"enableHelm"`
	ManagedBy    bool     `msgpack:"managedBy"`
	KubeVersion  string   `msgpack:"kubeVersion"`
	APIVersions  []string `msgpack:"apiVersions"`
	Idle         []string `msgpack:"idle"`
	Refusal      string   `msgpack:"refusal"`
}

// Options are the tool blocks of an Application's source, spelled as there.
type Options struct {
	Helm      *Helm      `msgpack:"helm"`
	Kustomize *Kustomize `msgpack:"kustomize"`
	Directory *Directory `msgpack:"directory"`
}

// Directory selects plain manifests.
type Directory struct {
	Recurse                bool   `msgpack:"recurse"`
	Include                string `msgpack:"include"`
	Exclude                string `msgpack:"exclude"`
	DisableExtensionFilter bool   `msgpack:"disableExtensionFilter"`

	Jsonnet Jsonnet `msgpack:"jsonnet"`
}

// Jsonnet holds the variables of Jsonnet files and the paths, from the repository's root, of libraries.
type Jsonnet struct {
	ExtVars []JsonnetVariable `msgpack:"extVars"`
	TLAs    []JsonnetVariable `msgpack:"tlas"`
	Libs    []string          `msgpack:"libs"`
}

// JsonnetVariable is a text or, with Code, an expression.
type JsonnetVariable struct {
	Name  string `msgpack:"name"`
	Value string `msgpack:"value"`
	Code  bool   `msgpack:"code"`
}

// Helm holds the options of a chart.
type Helm struct {
	ReleaseName             string          `msgpack:"releaseName"`
	Namespace               string          `msgpack:"namespace"`
	Version                 string          `msgpack:"version"`
	ValueFiles              []string        `msgpack:"valueFiles"`
	IgnoreMissingValueFiles bool            `msgpack:"ignoreMissingValueFiles"`
	Values                  string          `msgpack:"values"`
	ValuesObject            any             `msgpack:"valuesObject"`
	Parameters              []HelmParameter `msgpack:"parameters"`
	FileParameters          []HelmFile      `msgpack:"fileParameters"`
	SkipCRDs                bool            `msgpack:"skipCrds"`
	SkipTests               bool            `msgpack:"skipTests"`
	SkipSchemaValidation    bool            `msgpack:"skipSchemaValidation"`
	KubeVersion             string          `msgpack:"kubeVersion"`
	APIVersions             []string        `msgpack:"apiVersions"`
}

// HelmParameter is one --set or --set-string.
type HelmParameter struct {
	Name        string `msgpack:"name"`
	Value       string `msgpack:"value"`
	ForceString bool   `msgpack:"forceString"`
}

// HelmFile is one --set-file.
type HelmFile struct {
	Name string `msgpack:"name"`
	Path string `msgpack:"path"`
}

// Kustomize holds the options that are edited into a copy of the kustomization.
type Kustomize struct {
	NamePrefix                string             `msgpack:"namePrefix"`
	NameSuffix                string             `msgpack:"nameSuffix"`
	Namespace                 string             `msgpack:"namespace"`
	Version                   string             `msgpack:"version"`
	Images                    []string           `msgpack:"images"`
	Replicas                  []KustomizeReplica `msgpack:"replicas"`
	CommonLabels              map[string]string  `msgpack:"commonLabels"`
	LabelWithoutSelector      bool               `msgpack:"labelWithoutSelector"`
	LabelIncludeTemplates     bool               `msgpack:"labelIncludeTemplates"`
	ForceCommonLabels         bool               `msgpack:"forceCommonLabels"`
	CommonAnnotations         map[string]string  `msgpack:"commonAnnotations"`
	CommonAnnotationsEnvsubst bool               `msgpack:"commonAnnotationsEnvsubst"`
	ForceCommonAnnotations    bool               `msgpack:"forceCommonAnnotations"`
	Components                []string           `msgpack:"components"`
	IgnoreMissingComponents   bool               `msgpack:"ignoreMissingComponents"`
	Patches                   []map[string]any   `msgpack:"patches"`
	KubeVersion               string             `msgpack:"kubeVersion"`
	APIVersions               []string           `msgpack:"apiVersions"`
}

// KustomizeReplica is a replica count by name; Count is an integer or its decimal text.
type KustomizeReplica struct {
	Name  string `msgpack:"name"`
	Count any    `msgpack:"count"`
}

// Reply answers the request of the same ID: either Error is set or the rest is. Its documents follow it on
// the stream, Count of them.
type Reply struct {
	ID         uint64   `msgpack:"id"`
	SourceType string   `msgpack:"sourceType,omitempty"`
	Documents  [][]byte `msgpack:"-"`
	Count      int      `msgpack:"count"`
	Reads      []Entry  `msgpack:"reads"`
	Warnings   []string `msgpack:"warnings"`
	Version    string   `msgpack:"version,omitempty"`
	Confined   string   `msgpack:"confined,omitempty"`
	Error      *Failure `msgpack:"error"`
}

// Entry is one dependency of a render: a path and what was found there.
type Entry struct {
	_msgpack struct{} `msgpack:",as_array"`
	Path     string
	Kind     string
	OID      string
	Ref      string
}

// Failure says what failed and in which file. Kind is the caller's policy: "invalid" waits for a
// change, "transient" is worth another try. Code names the cases a caller reacts to; with "needs" the render
// can go on once Wants are supplied.
type Failure struct {
	Kind    string `msgpack:"kind"`
	Code    string `msgpack:"code"`
	Message string `msgpack:"message"`
	File    string `msgpack:"file"`
	Wants   []Want `msgpack:"wants"`
}
