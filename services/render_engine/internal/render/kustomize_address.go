package render

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

// remoteBase is a directory of another repository, as an entry of a kustomization names it.
type remoteBase struct {
	repository, revision, path string
}

const (
	schemeFile = "file://"
	azureMark  = "_git/"
)

var (
	schemes      = []string{"ssh://", "https://", "http://", schemeFile}
	userPart     = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)
	manifestFile = regexp.MustCompile(`(?i)\.(ya?ml|json)$`)
)

// parseRemote reads an entry as Kustomize does: the query names the revision; the repository ends after
// `_git/<name>`, before `//`, after `.git`, or else after two segments behind the host. False says that the
// entry is no address of a repository: a path, or the address of one file.
func parseRemote(entry string) (remoteBase, bool) {
	if path.IsAbs(entry) || strings.Contains(entry, "\n") {
		return remoteBase{}, false
	}
	address, query, hasQuery := strings.Cut(entry, "?")
	host, rest, found := hostOf(address)
	if !found || (!hasQuery && manifestFile.MatchString(rest)) {
		return remoteBase{}, false
	}
	repository, below, found := splitRepository(rest, host == schemeFile)
	below = strings.TrimPrefix(below, "/")
	if clean := path.Clean(below); !found || repository == "" || clean == ".." || strings.HasPrefix(clean, "../") {
		return remoteBase{}, false
	}
	return remoteBase{repository: host + repository, revision: revisionOf(query), path: below}, true
}

// hostOf splits what comes before a repository's path off: scheme, user and host, with what divides them.
func hostOf(address string) (host, rest string, found bool) {
	address = trimFold(address, "git::")
	scheme, rest := "", address
	for _, known := range schemes {
		if trimmed := trimFold(address, known); trimmed != address {
			scheme, rest = known, trimmed
			break
		}
	}
	if scheme == schemeFile {
		return scheme, rest, true
	}
	user := userPart.FindString(rest)
	rest = rest[len(user):]
	isGitHub := trimFold(rest, "github.com/") != rest || trimFold(rest, "github.com:") != rest
	isShort := scheme == "" && (user != "" || isGitHub)
	if scheme == "" && !isShort {
		return "", "", false
	}
	end := strings.Index(rest, "/")
	if colon := strings.Index(rest, ":"); isShort && colon > 0 && (end < 0 || colon < end) {
		end = colon
	}
	if end <= 0 {
		return "", "", false
	}
	host, rest = rest[:end+1], rest[end+1:]
	switch {
	case !isGitHub:
		return scheme + user + host, rest, true
	case user != "" || scheme == "ssh://":
		return user + "github.com:", rest, true
	}
	return "https://github.com/", rest, true
}

func splitRepository(address string, isFile bool) (repository, below string, found bool) {
	if before, after, marked := strings.Cut(address, azureMark); marked {
		name, below, _ := strings.Cut(after, "/")
		return before + azureMark + name, below, true
	}
	if before, after, marked := strings.Cut(address, "//"); marked {
		return before, after, true
	}
	if before, after, marked := strings.Cut(address, ".git"); marked {
		return before + ".git", after, true
	}
	if isFile {
		return address, "", true
	}
	segments := strings.SplitN(address, "/", 3)
	if len(segments) < 2 {
		return "", "", false
	}
	return strings.Join(segments[:2], "/"), strings.Join(segments[2:], "/"), true
}

func revisionOf(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	if given := values.Get("ref"); given != "" {
		return given
	}
	return values.Get("version")
}

// trimFold takes a prefix off, whatever its case.
func trimFold(text, prefix string) string {
	if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
		return text[len(prefix):]
	}
	return text
}

// isAddress says whether an entry is the address of a file, which is loaded over HTTP.
func isAddress(entry string) bool {
	return trimFold(entry, "https://") != entry || trimFold(entry, "http://") != entry
}
