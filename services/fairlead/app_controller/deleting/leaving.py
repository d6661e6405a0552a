"""What is left of an application that is being deleted: its objects, how they go, and what holds them.

Invariant: an object counts as the application's by its own mark only, and a copy of somebody's never does.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.permission import Permission
from fairlead.app_controller.syncing.asked import held_objects
from fairlead.kube.delete import Propagation
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import list_at, text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import Tracking, self_referenced
from fairlead.model.times import parsed, stamp
from fairlead.rpc.waiting import MAX_AWAITED, Awaited, HeldBack, Hindrance, Outlook, Waiting
from fairlead.sync.along import RESOURCES
from fairlead.sync.let_go import APPROVED
from fairlead.sync.options import Removal, SyncOptions, delete_rule, prune_rule
from fairlead.sync.order import APP_PROJECT, APPLICATION
from fairlead.sync.waves import wave_of

FOREGROUND = f"{RESOURCES}/foreground"
BACKGROUND = f"{RESOURCES}/background"
MAX_NAMED = 10
CONFIRMATION = f"waiting for the annotation {APPROVED} before these are deleted:"


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass came to: finalizers that are done, or what is waited for, or what went wrong; `leaving`
    are the objects that are waited for, of `many`, and `unconfirmed` those that a person is asked about."""

    done: frozenset[str] = frozenset()
    waits_for: str = ""
    problem: str = ""
    leaving: tuple[Awaited, ...] = ()
    many: int = 0
    unconfirmed: tuple[ResourceKey, ...] = ()


def named(names: list[str]) -> str:
    """Names as people read them, not too many."""
    rest = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + rest


def held_texts(objects: list[tuple[LiveObject, dict[str, object]]]) -> str:
    """Objects that are to go, and what holds them."""
    texts = []
    for live, decoded in objects:
        held = ", ".join(str(name) for name in list_at(decoded, "metadata", "finalizers"))
        texts.append(f"{live.key} (finalizers: {held})" if held else str(live.key))
    return f"deletion of {named(texts)}"


def awaited(objects: list[tuple[LiveObject, dict[str, object]]]) -> tuple[Awaited, ...]:
    """The same in fields, the first of them."""
    return tuple(
        Awaited(
            group=live.key.group,
            kind=live.key.kind,
            namespace=live.key.namespace,
            name=live.key.name,
            what="deletion",
            wave=wave_of(decoded),
            since=text_at(decoded, "metadata", "deletionTimestamp"),
            by=Hindrance(reason="finalizers", message=", ".join(held)) if held else None,
        )
        for live, decoded in objects[:MAX_AWAITED]
        for held in [[str(name) for name in list_at(decoded, "metadata", "finalizers")]]
    )


def propagation_of(record: Record, live: LiveObject) -> Propagation:
    """An Application's own finalizer cascades. In the foreground it would also wait for Kubernetes' garbage
    collector, which looks for kinds as young as a fresh installation's only every half minute.
    """
    in_background = BACKGROUND in record.app.metadata.finalizers or live.key.group_kind == APPLICATION
    return "background" if in_background else "foreground"


def projects_last(
    candidates: list[tuple[LiveObject, dict[str, object]]],
) -> list[tuple[LiveObject, dict[str, object]]]:
    """Applications go before the projects under whose rules they are deleted."""
    if not any(live.key.group_kind == APPLICATION for live, _ in candidates):
        return candidates
    return [(live, decoded) for live, decoded in candidates if live.key.group_kind != APP_PROJECT]


def owned_by(
    record: Record, cluster: Cluster, tracking: Tracking, permission: Permission | None, itself: ResourceKey
) -> Iterable[tuple[LiveObject, dict[str, object]]]:
    """The live objects of the application that its project lets it delete, itself left out."""
    for live, decoded in _made_by(record, cluster, tracking, itself):
        if permission is None or permission(*live.key, bool(live.key.namespace)):
            yield live, decoded


def left_behind(
    record: Record, cluster: Cluster, tracking: Tracking, permission: Permission | None, itself: ResourceKey
) -> str:
    """What its project does not let go with the application, and why, as people read it; "" for nothing."""
    if permission is None:
        return ""
    found: dict[str, list[str]] = {}
    for live, _ in _made_by(record, cluster, tracking, itself):
        refused = permission.refusal(live.key, bool(live.key.namespace))
        if refused:
            found.setdefault(refused, []).append(str(live.key))
    return "; ".join(f"{named(keys)} ({refused})" for refused, keys in found.items())


def _made_by(
    record: Record, cluster: Cluster, tracking: Tracking, itself: ResourceKey
) -> Iterable[tuple[LiveObject, dict[str, object]]]:
    for live in cluster.live.owned_by(record.instance):
        if live.owner_uids or live.key == itself:
            continue
        decoded = live.brief()
        if self_referenced(decoded, tracking.method):
            yield live, decoded


def unconfirmed(
    record: Record, options: SyncOptions, candidates: Iterable[tuple[LiveObject, dict[str, object]]]
) -> tuple[ResourceKey, ...]:
    """The objects that are not deleted before somebody confirms it."""
    approved = parsed(record.app.metadata.annotations.get(APPROVED))
    asked = parsed(record.app.metadata.deletion_timestamp)
    if approved is not None and asked is not None and approved >= asked:
        return ()
    return tuple(
        live.key
        for live, decoded in candidates
        if Removal.CONFIRM in (delete_rule(options, decoded), prune_rule(options, decoded))
    )


def outlook(record: Record, made: Pass) -> Outlook:
    """What a pass waits for, in fields."""
    text = made.problem or made.waits_for
    waiting = Waiting(
        reason="deletion", message=text, objects=made.leaving, more=made.many - len(made.leaving)
    )
    asked = stamp(parsed(record.app.metadata.deletion_timestamp))
    objects, more = held_objects(made.unconfirmed)
    held = HeldBack(what="deletion", by="option", since=asked, objects=objects, more=more)
    return Outlook(waiting=waiting if text else None, held=held if made.unconfirmed else None)
