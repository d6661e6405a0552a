package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/ignore"

	"render-engine/internal/needs"
	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// addDependencies completes a chart by what it depends on and does not bring in charts/, as `helm dependency
// build` would: by the lock where there is one, from paths in the repository, and from elsewhere by what the
// caller supplies.
func (j *job) addDependencies(loaded *chart.Chart, directory string) error {
	file := path.Join(directory, "Chart.yaml")
	missing := missingDependencies(loaded)
	if len(missing) == 0 {
		return nil
	}
	if without := namesWithout(missing); len(without) > 0 {
		return refuse(codeDependencies, file, "%s: found in Chart.yaml, but missing in charts/ directory: %s", file, strings.Join(without, ", "))
	}
	if loaded.Lock != nil {
		if err := checkLock(loaded, file); err != nil {
			return err
		}
		missing = slices.DeleteFunc(slices.Clone(loaded.Lock.Dependencies), func(locked *chart.Dependency) bool {
			return locked == nil || !isNamed(missing, locked.Name)
		})
	}
	added := map[string]bool{}
	for _, needed := range missing {
		key := strings.Join([]string{needed.Repository, needed.Name, needed.Version}, "\x00")
		if added[key] {
			continue
		}
		added[key] = true
		nested, err := j.dependency(directory, needed)
		if err != nil {
			return err
		}
		if nested != nil {
			j.warnOfAbsent(nested, file)
			loaded.AddDependency(nested)
		}
	}
	return nil
}

func (j *job) dependency(directory string, needed *chart.Dependency) (*chart.Chart, error) {
	if given, isPath := strings.CutPrefix(needed.Repository, "file://"); isPath {
		return j.dependencyByPath(directory, given, needed)
	}
	return j.dependencyFromAfar(directory, needed)
}

// warnOfAbsent tells of what a dependency depends on and does not bring: as Helm does, it goes without.
func (j *job) warnOfAbsent(nested *chart.Chart, file string) {
	for _, absent := range missingDependencies(nested) {
		j.set.Warn("%s: the chart is left out that %s depends on and does not bring: %s", file, nested.Name(), absent.Name)
	}
}

// missingDependencies are those that no chart in charts/ has the name of.
func missingDependencies(loaded *chart.Chart) []*chart.Dependency {
	return slices.DeleteFunc(slices.Clone(loaded.Metadata.Dependencies), func(needed *chart.Dependency) bool {
		return needed == nil || slices.ContainsFunc(loaded.Dependencies(), func(brought *chart.Chart) bool {
			return brought.Name() == needed.Name
		})
	})
}

// namesWithout are the dependencies that say of no repository where they are.
func namesWithout(missing []*chart.Dependency) []string {
	var names []string
	for _, needed := range missing {
		if needed.Repository == "" {
			names = append(names, needed.Name)
		}
	}
	return names
}

func isNamed(dependencies []*chart.Dependency, name string) bool {
	return slices.ContainsFunc(dependencies, func(needed *chart.Dependency) bool { return needed.Name == name })
}

// checkLock refuses a lock that was made for other dependencies, in Helm's words. It is of the addresses that
// the names of repositories stood for; which they were, the lock says.
func checkLock(loaded *chart.Chart, file string) error {
	digest, needed := loaded.Lock.Digest, resolved(loaded)
	if digest == hashOf([2][]*chart.Dependency{needed, loaded.Lock.Dependencies}) {
		return nil
	}
	if loaded.Metadata.APIVersion != chart.APIVersionV1 {
		return refuse("", file, "%s: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies", file)
	}
	if digest == hashOf(map[string][]*chart.Dependency{"dependencies": needed}) {
		return nil
	}
	return refuse("", file, "%s: the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). Please update the dependencies", file)
}

func resolved(loaded *chart.Chart) []*chart.Dependency {
	var needed []*chart.Dependency
	for place, one := range loaded.Metadata.Dependencies {
		known := *one
		isName := strings.HasPrefix(one.Repository, "@") || strings.HasPrefix(one.Repository, "alias:")
		if locked := loaded.Lock.Dependencies; isName && place < len(locked) && locked[place] != nil {
			known.Repository = locked[place].Repository
		}
		needed = append(needed, &known)
	}
	return needed
}

func hashOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	digest := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(digest[:])
}

// dependencyFromAfar loads a dependency from a chart repository or a registry, once the caller has it; nil
// until then.
func (j *job) dependencyFromAfar(directory string, needed *chart.Dependency) (*chart.Chart, error) {
	file := path.Join(directory, "Chart.yaml")
	supply, found := j.needs.Ask(wire.Want{
		Kind: needs.Chart, File: file, Repository: needed.Repository, Name: needed.Name, Version: needed.Version,
		Refusal: file + ": found in Chart.yaml, but missing in charts/ directory: " + needed.Name,
	})
	if !found {
		return nil, nil
	}
	from, err := j.openSupply(supply)
	if err != nil {
		return nil, err
	}
	shown := path.Join(directory, "charts", needed.Name)
	files, err := j.chartFiles(from, "", shown, ignore.Empty())
	if err != nil {
		return nil, err
	}
	nested, err := j.chartOf(files, path.Join(shown, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	if nested.Name() != needed.Name {
		return nil, refuse("", file, "%s: dependency %s: %s has the chart %s under that name", file, needed.Name, needed.Repository, nested.Name())
	}
	return nested, nil
}

// dependencyByPath loads a dependency at a path, which is relative to the chart.
func (j *job) dependencyByPath(from, given string, needed *chart.Dependency) (*chart.Chart, error) {
	file := path.Join(from, "Chart.yaml")
	target := path.Clean(path.Join(from, given))
	if path.IsAbs(given) || target == ".." || strings.HasPrefix(target, "../") {
		return nil, refuse(codePath, file, "%s: dependency %s at %s lies outside the repository", file, needed.Name, needed.Repository)
	}
	nested, err := j.loadChartAt(target)
	if tree.IsMissing(err) {
		return nil, refuse(codePath, file, "%s: dependency %s: there is no directory %s", file, needed.Name, target)
	}
	if err != nil {
		return nil, err
	}
	if nested.Name() != needed.Name || !chartutil.IsCompatibleRange(needed.Version, nested.Metadata.Version) {
		return nil, refuse("", file, "%s: dependency %s %s: %s has %s %s", file, needed.Name, needed.Version, target, nested.Name(), nested.Metadata.Version)
	}
	return nested, nil
}
