"""Which lists of a kind are sets or maps in disguise, and by which keys their items are told apart.

The cluster's OpenAPI knows this for every kind; this table is the well-known part of it, for when that
cannot be read. Source: the ``x-kubernetes-list-map-keys`` of Kubernetes 1.33's built-in types.

Invariant: a list nothing is known about is atomic: it is equal only as a whole.
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


class ListKeys(Protocol):
    """Knows the lists of a kind."""

    def keys_at(self, gvk: GroupVersionKind, path: Path) -> tuple[str, ...] | None:
        """The keys of the list at a path; :data:`SET` for a set of scalars; None for an atomic list."""
        ...


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


WELL_KNOWN: Final = WellKnownListKeys()
