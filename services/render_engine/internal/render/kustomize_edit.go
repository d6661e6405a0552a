package render

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// edit applies the source's options to a copy of the kustomization, in Argo CD's order, each as the
// `kustomize edit` command of that name would. The copy is put under the name where it is mounted.
func (j *job) edit(edited map[string][]byte) error {
	options := j.Options.Kustomize
	if options == nil || !hasEdits(options) {
		return nil
	}
	name, err := j.kustomizationFile()
	if err != nil || name == "" {
		return err
	}
	j.page.Enter(name)
	content, err := j.tree.ReadFile(name)
	if err != nil {
		return err
	}
	var kustomization types.Kustomization
	if err := kustomization.Unmarshal(content); err != nil {
		return refuse("", name, "%s: %v", name, err)
	}
	kustomization.FixKustomization()
	if err := j.applyEdits(&kustomization, options); err != nil {
		return refuse("", name, "%s: %v", name, err)
	}
	text, err := yaml.Marshal(kustomization)
	if err != nil {
		return err
	}
	real, _, err := j.tree.Stat(name)
	edited[tree.Mounted(real)] = text
	return err
}

func hasEdits(o *wire.Kustomize) bool {
	return o.NamePrefix != "" || o.NameSuffix != "" || o.Namespace != "" || len(o.Images) > 0 || len(o.Replicas) > 0 ||
		len(o.CommonLabels) > 0 || len(o.CommonAnnotations) > 0 || len(o.Patches) > 0 || len(o.Components) > 0
}

// kustomizationFile finds the file to edit; none at all is left for Kustomize to complain about.
func (j *job) kustomizationFile() (string, error) {
	for _, name := range kustomizationNames {
		full := path.Join(j.Path, name)
		_, entry, err := j.tree.Stat(full)
		if err == nil && !entry.IsDir() {
			return full, nil
		}
		if err != nil && !tree.IsMissing(err) {
			return "", err
		}
	}
	return "", nil
}

func (j *job) applyEdits(to *types.Kustomization, o *wire.Kustomize) error {
	if o.NamePrefix != "" {
		to.NamePrefix = o.NamePrefix
	}
	if o.NameSuffix != "" {
		to.NameSuffix = o.NameSuffix
	}
	steps := []func(*types.Kustomization, *wire.Kustomize) error{
		j.setImages, setReplicas, j.addLabels, j.addAnnotations, setNamespace, addPatches, j.addComponents,
	}
	for _, step := range steps {
		if err := step(to, o); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) setImages(to *types.Kustomization, o *wire.Kustomize) error {
	for _, text := range o.Images {
		image, err := parseImage(j.substitute(text))
		if err != nil {
			return err
		}
		at := slices.IndexFunc(to.Images, func(old types.Image) bool { return old.Name == image.Name })
		if at < 0 {
			to.Images = append(to.Images, image)
			continue
		}
		old := to.Images[at]
		image.NewName = keepStar(image.NewName, old.NewName)
		image.NewTag = keepStar(image.NewTag, old.NewTag)
		image.Digest = keepStar(image.Digest, old.Digest)
		to.Images[at] = image
	}
	return nil
}

// keepStar lets "*" mean what the kustomization already says.
func keepStar(given, old string) string {
	if given == "*" {
		return old
	}
	return given
}

var imageTag = regexp.MustCompile(`^(.*):([a-zA-Z0-9._-]*|\*)$`)

// parseImage reads [old=]new[:tag|@digest].
func parseImage(text string) (types.Image, error) {
	old, replacement, overrides := strings.Cut(text, "=")
	if !overrides {
		replacement = old
	}
	name, tag, digest := replacement, "", ""
	if before, after, found := strings.Cut(replacement, "@"); found {
		name, digest = before, after
	} else if parts := imageTag.FindStringSubmatch(replacement); parts != nil {
		name, tag = parts[1], parts[2]
	} else if !overrides || replacement == "" {
		return types.Image{}, fmt.Errorf("invalid format of image %q, use [old=]new:tag, [old=]new@digest or old=new", text)
	}
	if !overrides {
		return types.Image{Name: name, NewTag: tag, Digest: digest}, nil
	}
	return types.Image{Name: old, NewName: name, NewTag: tag, Digest: digest}, nil
}

func setReplicas(to *types.Kustomization, o *wire.Kustomize) error {
	for _, given := range o.Replicas {
		count, err := strconv.ParseInt(fmt.Sprint(given.Count), 10, 64)
		if err != nil {
			return fmt.Errorf("replicas of %s: %v is no integer", given.Name, given.Count)
		}
		replica := types.Replica{Name: given.Name, Count: count}
		at := slices.IndexFunc(to.Replicas, func(old types.Replica) bool { return old.Name == given.Name })
		if at < 0 {
			to.Replicas = append(to.Replicas, replica)
		} else {
			to.Replicas[at] = replica
		}
	}
	return nil
}

func (j *job) addLabels(to *types.Kustomization, o *wire.Kustomize) error {
	if len(o.CommonLabels) == 0 {
		return nil
	}
	if !o.LabelWithoutSelector {
		if o.LabelIncludeTemplates {
			return fmt.Errorf("labelIncludeTemplates needs labelWithoutSelector")
		}
		if to.CommonLabels == nil {
			to.CommonLabels = map[string]string{}
		}
		return j.addPairs("label", to.CommonLabels, o.CommonLabels, true, o.ForceCommonLabels)
	}
	at := slices.IndexFunc(to.Labels, func(old types.Label) bool {
		return !old.IncludeSelectors && old.IncludeTemplates == o.LabelIncludeTemplates
	})
	if at < 0 {
		at = len(to.Labels)
		to.Labels = append(to.Labels, types.Label{IncludeTemplates: o.LabelIncludeTemplates})
	}
	if to.Labels[at].Pairs == nil {
		to.Labels[at].Pairs = map[string]string{}
	}
	return j.addPairs("label", to.Labels[at].Pairs, o.CommonLabels, true, o.ForceCommonLabels)
}

func (j *job) addAnnotations(to *types.Kustomization, o *wire.Kustomize) error {
	if len(o.CommonAnnotations) == 0 {
		return nil
	}
	if to.CommonAnnotations == nil {
		to.CommonAnnotations = map[string]string{}
	}
	return j.addPairs("annotation", to.CommonAnnotations, o.CommonAnnotations, o.CommonAnnotationsEnvsubst, o.ForceCommonAnnotations)
}

func (j *job) addPairs(what string, to, given map[string]string, substitute, force bool) error {
	for name, value := range given {
		if _, found := to[name]; found && !force {
			return fmt.Errorf("%s %s already in kustomization file", what, name)
		}
		if substitute {
			value = j.substitute(value)
		}
		to[name] = value
	}
	return nil
}

func setNamespace(to *types.Kustomization, o *wire.Kustomize) error {
	if o.Namespace != "" {
		to.Namespace = o.Namespace
	}
	return nil
}

func addPatches(to *types.Kustomization, o *wire.Kustomize) error {
	for _, given := range o.Patches {
		text, err := json.Marshal(given)
		if err != nil {
			return err
		}
		var patch types.Patch
		if err := json.Unmarshal(text, &patch); err != nil {
			return fmt.Errorf("patch: %w", err)
		}
		to.Patches = append(to.Patches, patch)
	}
	return nil
}

// addComponents keeps Argo CD's reading of ignoreMissingComponents: what follows the first component
// that exists is not looked at.
func (j *job) addComponents(to *types.Kustomization, o *wire.Kustomize) error {
	for _, component := range o.Components {
		if o.IgnoreMissingComponents {
			_, _, err := j.tree.Stat(path.Join(j.Path, component))
			if tree.IsMissing(err) {
				continue
			}
		}
		if !slices.Contains(to.Components, component) {
			to.Components = append(to.Components, component)
		}
		if o.IgnoreMissingComponents {
			break
		}
	}
	return nil
}
