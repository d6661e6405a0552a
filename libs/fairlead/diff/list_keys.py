"""Which lists of a kind are sets or maps in disguise, by which keys their items are told apart; and which
maps an apply replaces whole.

The cluster's OpenAPI knows this for every kind; this table is the well-known part of it, for when that
cannot be read. Source: ``x-kubernetes-list-map-keys`` and ``x-kubernetes-map-type`` of the built-in types.

Invariant: a list nothing is known about is atomic, and so is a map of a custom resource: it is equal only as
a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

from fairlead.manifest.identity import GroupKind, GroupVersionKind
from fairlead.manifest.pod_specs import POD_SPECS

Path: TypeAlias = tuple[str, ...]
"""Field names from the object's root; the way through a list adds nothing."""

SET: Final[tuple[str, ...]] = ()
"""The items are told apart by their own value."""


def is_builtin(gvk: GroupVersionKind) -> bool:
    """Whether a kind is Kubernetes' own."""
    return "." not in gvk.group or gvk.group.endswith(".k8s.io")


class ListKeys(Protocol):
    """Knows the lists of a kind."""

    def keys_at(self, gvk: GroupVersionKind, path: Path) -> tuple[str, ...] | None:
        """The keys of the list at a path; :data:`SET` for a set of scalars; None for an atomic list."""
        ...

    def is_atomic(self, gvk: GroupVersionKind, path: Path) -> bool:
        """Whether an apply replaces the map at a path, and each item of the list there, whole."""
        ...


ATOMIC_MAPS: Final = frozenset(
    {"selector", "nodeSelector", "labelSelector", "podSelector", "namespaceSelector", "objectSelector"}
    | {"scopeSelector", "clusterRoleSelectors", "nodeSelectorTerms", "preference", "required"}
    | {"configMapKeyRef", "secretKeyRef", "fileKeyRef", "fieldRef", "resourceFieldRef", "imagePullSecrets"}
    | {"claimRef", "roleRef", "scaleTargetRef", "targetRef", "dataSource", "ownerReferences", "subjects"}
    | {"controllerExpandSecretRef", "controllerPublishSecretRef", "nodeExpandSecretRef"}
    | {"nodePublishSecretRef", "nodeStageSecretRef", "secretRef", "secrets", "involvedObject"}
    | {"regarding", "related", "allowedTopologies", "matchConstraints", "matchResources", "paramKind"}
    | {"paramRef", "variables", "excludeResourceRules", "nodeTopology", "notReadyAddresses"}
)
"""Fields of built-in kinds that hold such a map, or such items, wherever they are."""

_NAME = ("name",)
_CONTAINER: Final[Mapping[Path, tuple[str, ...]]] = {
    (): _NAME,
    ("env",): _NAME,
    ("ports",): ("containerPort", "protocol"),
    ("volumeMounts",): ("mountPath",),
    ("volumeDevices",): ("devicePath",),
    ("resources", "claims"): _NAME,
}
_POD_SPEC: Final[Mapping[Path, tuple[str, ...]]] = {
    ("volumes",): _NAME,
    ("imagePullSecrets",): _NAME,
    ("hostAliases",): ("ip",),
    ("resourceClaims",): _NAME,
    ("schedulingGates",): _NAME,
    ("topologySpreadConstraints",): ("topologyKey", "whenUnsatisfiable"),
    **{
        (field, *path): keys
        for field in ("containers", "initContainers", "ephemeralContainers")
        for path, keys in _CONTAINER.items()
    },
}
_COMMON: Final[Mapping[Path, tuple[str, ...]]] = {
    ("metadata", "finalizers"): SET,
    ("metadata", "ownerReferences"): ("uid",),
}
_OTHERS: Final[Mapping[GroupKind, Mapping[Path, tuple[str, ...]]]] = {
    GroupKind("", "Service"): {("spec", "ports"): ("port", "protocol")},
    GroupKind("", "ServiceAccount"): {("secrets",): _NAME},
    GroupKind("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): {
        ("webhooks",): _NAME,
        ("webhooks", "matchConditions"): _NAME,
    },
    GroupKind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): {
        ("webhooks",): _NAME,
        ("webhooks", "matchConditions"): _NAME,
    },
    GroupKind("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): {
        ("spec", "matchConditions"): _NAME,
        ("spec", "variables"): _NAME,
    },
}


@lru_cache(maxsize=1024)
def _table(kind: GroupKind) -> Mapping[Path, tuple[str, ...]]:
    found = {**_COMMON, **_OTHERS.get(kind, {})}
    prefix = POD_SPECS.get(kind)
    if prefix:
        found.update({(*prefix, *path): keys for path, keys in _POD_SPEC.items()})
    return found


class WellKnownListKeys:
    """The built-in table as :class:`ListKeys`."""

    def keys_at(self, gvk: GroupVersionKind, path: Path) -> tuple[str, ...] | None:
        """The keys of the list at a path, or None when it is atomic or unknown."""
        return _table(gvk.group_kind).get(path)

    def is_atomic(self, gvk: GroupVersionKind, path: Path) -> bool:
        """Whether the map at a path is one, or nothing is known of it."""
        if path[0] == "metadata":
            return path == ("metadata", "ownerReferences")
        return path[-1] in ATOMIC_MAPS if is_builtin(gvk) else len(path) > 1


WELL_KNOWN: Final = WellKnownListKeys()
