"""Hooks: objects that run at a moment of the sync instead of being part of the desired state.

Invariant: an object with a hook annotation is never treated as an ordinary one, even when no type in it is
known; Helm's annotation counts only where no valid native type is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fairlead.health.assess import HOOK_FINALIZER
from fairlead.manifest.fields import Manifest, annotation_of, annotations_of, list_at, text_at
from fairlead.manifest.prepare import HELM_HOOK, HOOK, Desired, make_desired
from fairlead.manifest.tracking import TRACKING_ID
from fairlead.model.sync import HookType, SyncPhase

DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"
HELM_DELETE_POLICY = "helm.sh/hook-delete-policy"
HELM_CRD_INSTALL = "crd-install"
SHORT_REVISION = 7
OPERATION = "fairlead.dev/operation"
"""Names, on a hook object, the operation, the attempt and the phase that made it."""


class DeletePolicy(StrEnum):
    """When a hook object is removed."""

    SUCCEEDED = "HookSucceeded"
    FAILED = "HookFailed"
    BEFORE_CREATION = "BeforeHookCreation"


_NATIVE = {kind.value: kind for kind in HookType if kind}
_HELM: Mapping[str, HookType] = {
    "pre-install": HookType.PRE_SYNC,
    "pre-upgrade": HookType.PRE_SYNC,
    "post-install": HookType.POST_SYNC,
    "post-upgrade": HookType.POST_SYNC,
    "pre-delete": HookType.PRE_DELETE,
    "post-delete": HookType.POST_DELETE,
}
_POLICIES = {policy.value: policy for policy in DeletePolicy}
_HELM_POLICIES = {
    "hook-succeeded": DeletePolicy.SUCCEEDED,
    "hook-failed": DeletePolicy.FAILED,
    "before-hook-creation": DeletePolicy.BEFORE_CREATION,
}
_PHASES = {
    HookType.PRE_SYNC: SyncPhase.PRE_SYNC,
    HookType.SYNC: SyncPhase.SYNC,
    HookType.POST_SYNC: SyncPhase.POST_SYNC,
    HookType.SYNC_FAIL: SyncPhase.SYNC_FAIL,
}


def hook_types(obj: Manifest) -> tuple[HookType, ...]:
    """Every valid hook type of an object, in the order given, without repetition."""
    native = [_NATIVE[text] for text in _listed(obj, HOOK) if text in _NATIVE]
    found = native or [_HELM[text] for text in _listed(obj, HELM_HOOK) if text in _HELM]
    return tuple(dict.fromkeys(found))


def is_skipped(obj: Manifest) -> bool:
    """Whether ``Skip`` is an object's only type: never applied, no sync status."""
    return hook_types(obj) == (HookType.SKIP,)


def is_hook(obj: Manifest) -> bool:
    """Whether an object takes part as a hook rather than as itself, ignored ones included."""
    annotations = annotations_of(obj)
    if HOOK in annotations:
        return not is_skipped(obj)
    return HELM_HOOK in annotations and _listed(obj, HELM_HOOK) != [HELM_CRD_INSTALL]


def is_ignored(obj: Manifest) -> bool:
    """Whether an object has a hook annotation without any type we know: it is left out altogether."""
    return is_hook(obj) and not hook_types(obj)


def hook_phases(obj: Manifest) -> tuple[tuple[HookType, SyncPhase], ...]:
    """The phases of a sync in which a hook runs; none for one that only belongs to deletion."""
    return tuple((kind, _PHASES[kind]) for kind in hook_types(obj) if kind in _PHASES)


def delete_policies(obj: Manifest) -> frozenset[DeletePolicy]:
    """When a hook object is removed; before its next creation unless it says otherwise."""
    native = {_POLICIES[text] for text in _listed(obj, DELETE_POLICY) if text in _POLICIES}
    helm = {_HELM_POLICIES[text] for text in _listed(obj, HELM_DELETE_POLICY) if text in _HELM_POLICIES}
    return frozenset(native | helm) or frozenset({DeletePolicy.BEFORE_CREATION})


def hook_name(prefix: str, revision: str, phase: SyncPhase, started_at: int) -> str:
    """The name of a hook that only has ``generateName``; ``started_at`` is Unix seconds.

    It is the same for the whole operation, so that a restart finds the hook it made.
    """
    short = revision[:SHORT_REVISION] if len(revision) > SHORT_REVISION else revision
    return f"{prefix}{short}-{phase.lower()}-{started_at}"


def attempt_mark(started_at: int, attempt: int) -> str:
    """What :data:`OPERATION` begins with; no clock but the one that names the operation has a part in it."""
    return f"{started_at}-{attempt}"


def hook_mark(started_at: int, attempt: int, phase: SyncPhase) -> str:
    """The same on the hook of one phase: an object may be a hook of several."""
    return f"{attempt_mark(started_at, attempt)}-{phase.lower()}"


def as_hook(
    desired: Desired, *, revision: str, phase: SyncPhase, started_at: int, attempt: int = 0
) -> Desired:
    """The hook as it is created in one phase: named, marked with the attempt that makes it, and held by the
    finalizer that keeps it readable.
    """
    obj = desired.object
    metadata = dict(obj["metadata"])
    metadata["annotations"] = {**annotations_of(obj), OPERATION: hook_mark(started_at, attempt, phase)}
    held = [str(name) for name in list_at(metadata, "finalizers")]
    metadata["finalizers"] = held if HOOK_FINALIZER in held else [*held, HOOK_FINALIZER]
    key = desired.key
    if not metadata.get("name"):
        name = hook_name(str(metadata.pop("generateName")), revision, phase, started_at)
        metadata["name"] = name
        key = key._replace(name=name)
        mark = text_at(metadata, "annotations", TRACKING_ID)
        if mark.endswith("/"):
            metadata["annotations"] = {**metadata["annotations"], TRACKING_ID: mark + name}
    return make_desired(key, {**obj, "metadata": metadata}, desired.namespaced)


def _listed(obj: Manifest, annotation: str) -> list[str]:
    text = annotation_of(obj, annotation)
    return [part.strip() for part in text.split(",") if part.strip()] if text else []
