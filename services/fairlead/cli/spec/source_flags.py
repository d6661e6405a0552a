"""The flags that describe one source, and where in the source each writes."""

from fairlead.cli.command import Flag, many, switch, text

TEXTS: dict[str, tuple[str, ...]] = {
    "repo": ("repoURL",),
    "path": ("path",),
    "revision": ("targetRevision",),
    "helm-chart": ("chart",),
    "ref": ("ref",),
    "source-name": ("name",),
    "release-name": ("helm", "releaseName"),
    "helm-version": ("helm", "version"),
    "helm-namespace": ("helm", "namespace"),
    "helm-kube-version": ("helm", "kubeVersion"),
    "nameprefix": ("kustomize", "namePrefix"),
    "namesuffix": ("kustomize", "nameSuffix"),
    "kustomize-version": ("kustomize", "version"),
    "kustomize-namespace": ("kustomize", "namespace"),
    "kustomize-kube-version": ("kustomize", "kubeVersion"),
    "directory-include": ("directory", "include"),
    "directory-exclude": ("directory", "exclude"),
    "config-management-plugin": ("plugin", "name"),
}
SWITCHES: dict[str, tuple[str, ...]] = {
    "helm-pass-credentials": ("helm", "passCredentials"),
    "helm-skip-crds": ("helm", "skipCrds"),
    "helm-skip-tests": ("helm", "skipTests"),
    "helm-skip-schema-validation": ("helm", "skipSchemaValidation"),
    "ignore-missing-value-files": ("helm", "ignoreMissingValueFiles"),
    "kustomize-force-common-label": ("kustomize", "forceCommonLabels"),
    "kustomize-force-common-annotation": ("kustomize", "forceCommonAnnotations"),
    "kustomize-label-without-selector": ("kustomize", "labelWithoutSelector"),
    "kustomize-label-include-templates": ("kustomize", "labelIncludeTemplates"),
    "ignore-missing-components": ("kustomize", "ignoreMissingComponents"),
    "directory-recurse": ("directory", "recurse"),
}
LISTS: dict[str, tuple[str, ...]] = {
    "values": ("helm", "valueFiles"),
    "helm-api-versions": ("helm", "apiVersions"),
    "kustomize-api-versions": ("kustomize", "apiVersions"),
    "jsonnet-libs": ("directory", "jsonnet", "libs"),
}
"""Each replaces the list that is there."""

_ABOUT = {
    "repo": "Address of the repository.",
    "path": "Folder in the repository.",
    "revision": "Branch, tag, commit or chart version.",
    "helm-chart": "Name of a chart in a chart repository.",
    "ref": "Name by which other sources refer to this one.",
    "source-name": "Name of this source among several.",
    "release-name": "Name of the Helm release.",
    "helm-version": "Version of Helm, v3 or v4.",
    "helm-namespace": "Namespace the chart is rendered for.",
    "helm-kube-version": "Kubernetes version the chart is rendered for.",
    "nameprefix": "Prefix of the names of all objects (Kustomize).",
    "namesuffix": "Suffix of the names of all objects (Kustomize).",
    "kustomize-version": "Version of Kustomize.",
    "kustomize-namespace": "Namespace of all objects (Kustomize).",
    "kustomize-kube-version": "Kubernetes version charts are inflated for.",
    "directory-include": "Only files that match this pattern.",
    "directory-exclude": "No files that match this pattern.",
    "config-management-plugin": "Name of a config-management plugin.",
    "helm-pass-credentials": "Pass the repository's credentials to other domains.",
    "helm-skip-crds": "Leave out the chart's custom resource definitions.",
    "helm-skip-tests": "Leave out the chart's tests.",
    "helm-skip-schema-validation": "Do not check values against the chart's schema.",
    "ignore-missing-value-files": "Take value files that do not exist as empty.",
    "kustomize-force-common-label": "Let common labels replace labels that exist.",
    "kustomize-force-common-annotation": "Let common annotations replace annotations that exist.",
    "kustomize-label-without-selector": "Keep common labels out of selectors.",
    "kustomize-label-include-templates": "Put common labels on templates as well.",
    "ignore-missing-components": "Take components that do not exist as empty.",
    "directory-recurse": "Read folders below as well.",
    "values": "Value file of the chart, or an address.",
    "helm-api-versions": "API version the chart may ask for, [GROUP/]VERSION/KIND.",
    "kustomize-api-versions": "API version that inflated charts may ask for.",
    "jsonnet-libs": "Folder with Jsonnet libraries.",
}

PAIRS = (
    many("helm-set", "Helm value, NAME=VALUE."),
    many("helm-set-string", "Helm value that is a text whatever it looks like, NAME=VALUE."),
    many("helm-set-file", "Helm value from a file of the repository, NAME=PATH."),
    many("parameter", "Parameter of the chart, NAME=VALUE.", short="p"),
    many("kustomize-image", "Image to use, [OLD=]NEW[:TAG|@DIGEST]."),
    many("kustomize-replica", "Replicas of a workload, NAME=COUNT."),
    many("kustomize-common-label", "Label of all objects, NAME=VALUE."),
    many("kustomize-common-annotation", "Annotation of all objects, NAME=VALUE."),
    many("jsonnet-tla-str", "Top-level argument of Jsonnet, NAME=VALUE."),
    many("jsonnet-tla-code", "Top-level argument of Jsonnet that is code, NAME=EXPRESSION."),
    many("jsonnet-ext-var-str", "External variable of Jsonnet, NAME=VALUE."),
    many("jsonnet-ext-var-code", "External variable of Jsonnet that is code, NAME=EXPRESSION."),
    many("plugin-env", "Environment of the plugin, NAME=VALUE."),
)
VALUES_FILE = text("values-literal-file", "File or address whose content becomes the chart's values.")

HYDRATOR: dict[str, tuple[str, ...]] = {
    "dry-source-repo": ("drySource", "repoURL"),
    "dry-source-revision": ("drySource", "targetRevision"),
    "dry-source-path": ("drySource", "path"),
    "sync-source-repo": ("syncSource", "repoURL"),
    "sync-source-branch": ("syncSource", "targetBranch"),
    "sync-source-path": ("syncSource", "path"),
    "hydrate-to-branch": ("hydrateTo", "targetBranch"),
}
HYDRATOR_FLAGS = (
    text("dry-source-repo", "Repository that is hydrated."),
    text("dry-source-revision", "Branch, tag or commit that is hydrated."),
    text("dry-source-path", "Folder that is hydrated."),
    text("sync-source-repo", "Repository that is deployed from; that which is hydrated otherwise."),
    text("sync-source-branch", "Branch that is deployed from."),
    text("sync-source-path", "Folder that is deployed from."),
    text("hydrate-to-branch", "Branch that what was hydrated is written to first."),
)
"""Where in the spec's sourceHydrator each writes."""

SOURCE_FLAGS: tuple[Flag, ...] = (
    *(text(name, _ABOUT[name]) for name in TEXTS),
    *(switch(name, _ABOUT[name]) for name in SWITCHES),
    *(many(name, _ABOUT[name]) for name in LISTS),
    *PAIRS,
    VALUES_FILE,
)
SOURCE_NAMES = tuple(flag.name for flag in SOURCE_FLAGS)
