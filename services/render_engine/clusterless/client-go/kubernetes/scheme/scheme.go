// Package scheme knows which versions of which groups Kubernetes serves by
// itself: those that a chart is told of when nobody says what its cluster
// serves, the same as Helm's command tells it. They are the client's, of the
// version that go.mod names.
package scheme

import "strings"

var known = []struct{ group, versions string }{
	{"", "v1"},
	{"admissionregistration.k8s.io", "v1 v1alpha1 v1beta1"},
	{"apiextensions.k8s.io", "v1 v1beta1"},
	{"apps", "v1 v1beta1 v1beta2"},
	{"authentication.k8s.io", "v1 v1alpha1 v1beta1"},
	{"authorization.k8s.io", "v1 v1beta1"},
	{"autoscaling", "v1 v2"},
	{"batch", "v1 v1beta1"},
	{"certificates.k8s.io", "v1 v1alpha1 v1beta1"},
	{"coordination.k8s.io", "v1 v1alpha2 v1beta1"},
	{"discovery.k8s.io", "v1 v1beta1"},
	{"events.k8s.io", "v1 v1beta1"},
	{"extensions", "v1beta1"},
	{"flowcontrol.apiserver.k8s.io", "v1 v1beta1 v1beta2 v1beta3"},
	{"internal.apiserver.k8s.io", "v1alpha1"},
	{"lifecycle.k8s.io", "v1alpha1"},
	{"networking.k8s.io", "v1 v1beta1"},
	{"node.k8s.io", "v1 v1alpha1 v1beta1"},
	{"policy", "v1 v1beta1"},
	{"rbac.authorization.k8s.io", "v1 v1alpha1 v1beta1"},
	{"resource.k8s.io", "v1 v1alpha3 v1beta1 v1beta2"},
	{"scheduling.k8s.io", "v1 v1alpha3 v1beta1"},
	{"storage.k8s.io", "v1 v1alpha1 v1beta1"},
	{"storagemigration.k8s.io", "v1 v1beta1"},
}

// GroupVersion names a version of a group; the core group has no name.
type GroupVersion struct{ Group, Version string }

// String is what an object's `apiVersion` says.
func (v GroupVersion) String() string {
	if v.Group == "" {
		return v.Version
	}
	return v.Group + "/" + v.Version
}

type registry struct{}

// Scheme holds them all.
var Scheme registry

// PrioritizedVersionsAllGroups gives all versions, group after group.
func (registry) PrioritizedVersionsAllGroups() []GroupVersion {
	var found []GroupVersion
	for _, of := range known {
		for version := range strings.FieldsSeq(of.versions) {
			found = append(found, GroupVersion{of.group, version})
		}
	}
	return found
}
