package script

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// mostAsked bounds the commits that one request may ask for.
const mostAsked = 16

// supplies are the answers of the world so far, or why there is none.
type supplies struct {
	Commits map[string]*commitSupply `json:"commits"`
	Details *detailsSupply           `json:"details"`
}

type commitSupply struct {
	CommitMetadata
	Problem string `json:"problem"`
}

type detailsSupply struct {
	AppDetails
	Problem string `json:"problem"`
}

// CommitMetadata is what `repo.GetCommitMetadata` tells.
type CommitMetadata struct {
	Message string    `json:"message"`
	Author  string    `json:"author"`
	Date    time.Time `json:"date"`
	Tags    []string  `json:"tags"`
}

// AppDetails is what `repo.GetAppDetails` tells.
type AppDetails struct {
	Type      string            `json:"type"`
	Helm      *HelmDetails      `json:"helm"`
	Kustomize *KustomizeDetails `json:"kustomize"`
	Directory *DirectoryDetails `json:"directory"`
}

// HelmDetails are of a chart, with what the Application sets over it.
type HelmDetails struct {
	Name           string          `json:"name"`
	ValueFiles     []string        `json:"valueFiles"`
	Values         string          `json:"values"`
	Parameters     []HelmParameter `json:"parameters"`
	FileParameters []HelmFile      `json:"fileParameters"`
}

// HelmParameter is a value of a chart by its path.
type HelmParameter struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	ForceString bool   `json:"forceString"`
}

// HelmFile is a value that comes from a file.
type HelmFile struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// KustomizeDetails are of a kustomization.
type KustomizeDetails struct {
	Images []string `json:"images"`
}

// DirectoryDetails are of plain manifests, of which there is nothing to tell.
type DirectoryDetails struct{}

// GetParameterValueByName is the value of a parameter, "" where there is none.
func (h *HelmDetails) GetParameterValueByName(name string) string {
	if h == nil {
		return ""
	}
	for _, parameter := range h.Parameters {
		if parameter.Name == name {
			return parameter.Value
		}
	}
	return ""
}

// GetFileParameterPathByName is the path of a file parameter, "" where there is none.
func (h *HelmDetails) GetFileParameterPathByName(name string) string {
	if h == nil {
		return ""
	}
	for _, parameter := range h.FileParameters {
		if parameter.Name == name {
			return parameter.Path
		}
	}
	return ""
}

var errWanting = errors.New("asked for, not answered yet")

// asking notes what texts ask of the world that was not supplied.
type asking struct {
	supplied supplies
	commits  []string
	details  bool
	wanting  bool
}

// outcome runs one text; one that asks for what is not there yet has no outcome in this round.
func (a *asking) outcome(run func() (outcome, error)) (found outcome) {
	a.wanting = false
	defer func() {
		if problem := recover(); problem != nil {
			found = outcome{Problem: fmt.Sprint(problem)}
		}
		if a.wanting {
			found = outcome{Wanting: true}
		}
	}()
	found, err := run()
	if err != nil {
		return outcome{Problem: err.Error()}
	}
	return found
}

// functions are the variables that hold functions, in conditions and in templates alike.
func (a *asking) functions() map[string]any {
	return map[string]any{
		"time":    clock,
		"strings": wording,
		"sync":    map[string]any{"GetInfoItem": infoItem},
		"repo": map[string]any{
			"RepoURLToHTTPS": urlToHTTPS, "FullNameByRepoURL": fullName, "QueryEscape": url.QueryEscape,
			"GetCommitMetadata": a.commit, "GetAppDetails": a.appDetails,
		},
	}
}

func (a *asking) commit(sha string) (*CommitMetadata, error) {
	if found := a.supplied.Commits[sha]; found != nil {
		if found.Problem != "" {
			return nil, errors.New(found.Problem)
		}
		return &found.CommitMetadata, nil
	}
	if len(a.commits)+len(a.supplied.Commits) >= mostAsked {
		return nil, fmt.Errorf("more than %d commits are asked for", mostAsked)
	}
	if !slices.Contains(a.commits, sha) {
		a.commits = append(a.commits, sha)
	}
	a.wanting = true
	return nil, errWanting
}

func (a *asking) appDetails() (*AppDetails, error) {
	if found := a.supplied.Details; found != nil {
		if found.Problem != "" {
			return nil, errors.New(found.Problem)
		}
		return &found.AppDetails, nil
	}
	a.details, a.wanting = true, true
	return nil, errWanting
}

var clock = map[string]any{
	"Now":         time.Now,
	"Parse":       func(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) },
	"Nanosecond":  time.Nanosecond,
	"Microsecond": time.Microsecond,
	"Millisecond": time.Millisecond,
	"Second":      time.Second,
	"Minute":      time.Minute,
	"Hour":        time.Hour,
	"Layout":      time.Layout,
	"ANSIC":       time.ANSIC,
	"UnixDate":    time.UnixDate,
	"RubyDate":    time.RubyDate,
	"RFC822":      time.RFC822,
	"RFC822Z":     time.RFC822Z,
	"RFC850":      time.RFC850,
	"RFC1123":     time.RFC1123,
	"RFC1123Z":    time.RFC1123Z,
	"RFC3339":     time.RFC3339,
	"RFC3339Nano": time.RFC3339Nano,
	"Kitchen":     time.Kitchen,
	"Stamp":       time.Stamp,
	"StampMilli":  time.StampMilli,
	"StampMicro":  time.StampMicro,
	"StampNano":   time.StampNano,
	"January":     time.January, "February": time.February, "March": time.March, "April": time.April,
	"May": time.May, "June": time.June, "July": time.July, "August": time.August,
	"September": time.September, "October": time.October, "November": time.November, "December": time.December,
	"Sunday": time.Sunday, "Monday": time.Monday, "Tuesday": time.Tuesday, "Wednesday": time.Wednesday,
	"Thursday": time.Thursday, "Friday": time.Friday, "Saturday": time.Saturday,
}

var wording = map[string]any{
	"ReplaceAll": strings.ReplaceAll, "ToUpper": strings.ToUpper, "ToLower": strings.ToLower,
}

// infoItem is the value of an item in `info` of the operation under way, or of the last one; "" for none.
func infoItem(app map[string]any, name string) string {
	operation, _ := app["operation"].(map[string]any)
	if operation == nil {
		status, _ := app["status"].(map[string]any)
		state, _ := status["operationState"].(map[string]any)
		operation, _ = state["operation"].(map[string]any)
	}
	items, _ := operation["info"].([]any)
	for _, item := range items {
		item, _ := item.(map[string]any)
		if item["name"] == name {
			value, _ := item["value"].(string)
			return value
		}
	}
	return ""
}

// scpLike is an address as `ssh` takes it, without a scheme.
var scpLike = regexp.MustCompile(`^(?:[\w.-]+@)?([\w.-]+):([^/].*)$`)

func addressOf(text string) (*url.URL, error) {
	if parts := scpLike.FindStringSubmatch(text); parts != nil && !strings.Contains(text, "://") {
		return &url.URL{Scheme: "ssh", Host: parts[1], Path: "/" + parts[2]}, nil
	}
	return url.Parse(text)
}

// urlToHTTPS is the address of a repository for browsers.
func urlToHTTPS(text string) (string, error) {
	address, err := addressOf(text)
	if err != nil {
		return "", fmt.Errorf("not the address of a repository")
	}
	address.Scheme, address.User = "https", nil
	return address.String(), nil
}

// fullName is the owner and the name that the address of a repository ends with.
func fullName(text string) (string, error) {
	address, err := addressOf(text)
	if err != nil {
		return "", fmt.Errorf("not the address of a repository")
	}
	parts := strings.FieldsFunc(strings.TrimSuffix(address.Path, ".git"), func(sign rune) bool { return sign == '/' })
	if len(parts) > 2 {
		parts = parts[:2]
	}
	return strings.Join(parts, "/"), nil
}
