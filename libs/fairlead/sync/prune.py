"""Which live objects may be removed. This is the only way to a deletion by a sync.

Doubt never deletes: a caller must hand over the evidence piece by piece, and every missing piece refuses.

Invariant: :func:`may_prune` allows nothing unless the desired state is known to have been read whole, the
kind is known and completely listed, and the object says, in its own name, that it belongs to this
application.
"""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

import msgspec

from fairlead.manifest.errors import IdentityError
from fairlead.manifest.fields import Manifest, list_at, mapping_at, text_at
from fairlead.manifest.identity import ResourceKey, key_of
from fairlead.manifest.tracking import Tracking, owner_of, self_referenced
from fairlead.sync.hooks import is_hook
from fairlead.sync.options import Removal, SyncOptions, prune_rule


class Refusal(StrEnum):
    """Why an object may not be pruned; the text is for logs and people."""

    NONE = ""
    RENDER_NOT_VERIFIED = "the render was not verified as whole"
    KIND_NOT_KNOWN = "the kind is not known to the cluster's discovery"
    LIST_NOT_COMPLETE = "the live objects of the kind were not read completely"
    STILL_DESIRED = "the object is desired"
    NOT_AN_OBJECT = "the live object cannot be read"
    NO_UID = "the live object has no uid to delete it by"
    NOT_OURS = "the object does not carry this application's mark"
    COPIED_MARK = "the object's mark names another object"
    HAS_OWNER = "the object belongs to another object"
    IS_HOOK = "the object is a hook"
    IS_ITSELF = "the object is the application itself"
    NAMESPACE_OF_OURS = "the namespace was created by the application's sync options"
    NEVER = "the object says Prune=false"
    CLAIMED = "another application wants the object"


class PruneProof(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence, each piece false until somebody vouches for it.

    ``render_verified``: every source of this revision was rendered without error and the documents'
    digest and HMAC were checked. ``kind_known``: a complete discovery serves the kind. ``list_complete``:
    the live cache of the kind has synced since the last connection. ``desired``: the keys of the whole
    render, hooks included.
    """

    render_verified: bool = False
    kind_known: bool = False
    list_complete: bool = False
    desired: Set[ResourceKey] | None = None


class PruneDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Allowed, allowed once confirmed, or refused for a reason."""

    allowed: bool
    reason: Refusal = Refusal.NONE
    needs_confirmation: bool = False


def may_prune(
    live: Manifest,
    *,
    proof: PruneProof,
    instance: str,
    tracking: Tracking,
    options: SyncOptions,
    itself: ResourceKey | None = None,
    managed_namespace: str = "",
    is_claimed: bool = False,
) -> PruneDecision:
    """Whether one live object may be deleted because Git no longer has it.

    ``itself`` is the Application's own key; ``managed_namespace`` the destination namespace when the sync
    options create it; ``is_claimed`` is set where another application wants the object.
    """
    reason = (
        _unproven(proof) or _not_ours(live, instance, tracking) or _protected(live, itself, managed_namespace)
    )
    if not reason and key_of(live) in (proof.desired or ()):
        reason = Refusal.STILL_DESIRED
    if not reason and is_claimed:
        reason = Refusal.CLAIMED
    rule = prune_rule(options, live)
    if not reason and rule is Removal.NEVER:
        reason = Refusal.NEVER
    return PruneDecision(
        allowed=not reason, reason=reason, needs_confirmation=not reason and rule is Removal.CONFIRM
    )


def _unproven(proof: PruneProof) -> Refusal:
    if not proof.render_verified or proof.desired is None:
        return Refusal.RENDER_NOT_VERIFIED
    if not proof.kind_known:
        return Refusal.KIND_NOT_KNOWN
    return Refusal.NONE if proof.list_complete else Refusal.LIST_NOT_COMPLETE


def _not_ours(live: Manifest, instance: str, tracking: Tracking) -> Refusal:
    try:
        named = bool(key_of(live).name)
    except IdentityError:
        named = False
    if not named:
        return Refusal.NOT_AN_OBJECT
    if not text_at(live, "metadata", "uid"):
        return Refusal.NO_UID
    if owner_of(mapping_at(live, "metadata"), *tracking) != instance:
        return Refusal.NOT_OURS
    return Refusal.NONE if self_referenced(live, tracking.method) else Refusal.COPIED_MARK


def _protected(live: Manifest, itself: ResourceKey | None, managed_namespace: str) -> Refusal:
    key = key_of(live) if live.get("kind") else None
    if list_at(live, "metadata", "ownerReferences"):
        return Refusal.HAS_OWNER
    if is_hook(live):
        return Refusal.IS_HOOK
    if key is not None and key == itself:
        return Refusal.IS_ITSELF
    if managed_namespace and key == ResourceKey("", "Namespace", "", managed_namespace):
        return Refusal.NAMESPACE_OF_OURS
    return Refusal.NONE
