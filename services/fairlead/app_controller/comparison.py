"""Desired against live, for one application, from memory: sync code, health and what a person should know.

Invariant: what could not be read counts as Unknown. It is never Synced, and never a reason to delete.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import structlog

from fairlead.app_controller.ask import answered
from fairlead.app_controller.copies import copy_of, copy_remarks
from fairlead.app_controller.item import (
    Comparison,
    Item,
    Remark,
    Subject,
    rules_for,
    with_outcome,
)
from fairlead.app_controller.marks import IGNORE_HEALTHCHECK, images_of, urls_of
from fairlead.diff.compare import compare
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.result import Outcome, outcome_of, overall
from fairlead.health import Assessed, Health, aggregate, assess
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.digest import digest
from fairlead.manifest.fields import Manifest, annotation_of
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired
from fairlead.manifest.tracking import self_referenced
from fairlead.model.status import ConditionType, SyncCode
from fairlead.sync.hooks import is_hook, is_skipped
from fairlead.sync.options import Removal, SyncOptions, delete_rule, prune_rule
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)


class _Known(msgspec.Struct, frozen=True):
    """The basis on which an item was judged, and the item."""

    digest: str
    uid: str
    resource_version: str
    item: Item


Memo = dict[ResourceKey, _Known]


async def compare_application(subject: Subject, memo: Memo) -> Comparison:
    """Judge every object of the application; only what really moved costs more than a dictionary look-up."""
    remarks = [Remark(remark.type, remark.message) for remark in subject.prepared.remarks]
    items = _wanted(subject, memo, remarks)
    items += _unwanted(subject, memo, {item.key for item in items})
    if subject.may_ask:
        items = await answered(subject, items, remarks)
    _remember(subject, memo, items)
    remarks += _shared(subject, items)
    remarks += copy_remarks(items)
    outcomes = [item.outcome for item in items if item.outcome is not None]
    failed = any(remark.type == ConditionType.COMPARISON_ERROR for remark in remarks)
    return Comparison(
        items=tuple(items),
        code=SyncCode.UNKNOWN if failed else overall(outcomes),
        health=_health(subject, items),
        remarks=tuple(remarks),
        is_error=failed,
    )


def _wanted(subject: Subject, memo: Memo, remarks: list[Remark]) -> list[Item]:
    items = []
    for desired in subject.prepared.objects:
        kind = desired.key.group_kind
        if subject.cluster.live.state_of(kind) is KindState.EXCLUDED:
            text = f"Resource {kind.group}/{kind.kind} {desired.key.name} is excluded in the settings"
            remarks.append(Remark(ConditionType.EXCLUDED_RESOURCE_WARNING, text))
            continue
        live = subject.cluster.live.get(desired.key)
        basis = desired.digest + _rules_mark(subject)
        known = memo.get(desired.key)
        if known is not None and _still_holds(known, basis, live, subject):
            items.append(known.item)
        else:
            items.append(_judged(subject, desired, live, remarks))
    return items


def _rules_mark(subject: Subject) -> str:
    """Changes with what is ignored; empty in the common case of no rules."""
    if not subject.ignore and not subject.settings.ignore_differences:
        return ""
    return digest(msgspec.to_builtins((subject.ignore, subject.settings.ignore_differences)))


def _still_holds(known: _Known, basis: str, live: LiveObject | None, subject: Subject) -> bool:
    if known.digest != basis or known.item.in_doubt:
        return False
    if live is None:
        return known.uid == "" and subject.cluster.live.state_of(known.item.key.group_kind) is not (
            KindState.UNKNOWN
        )
    return (known.uid, known.resource_version) == (live.uid, live.resource_version)


def _judged(subject: Subject, desired: Desired, live: LiveObject | None, remarks: list[Remark]) -> Item:
    decoded = live.decoded() if live is not None else None
    item = _described(subject, desired, live, decoded)
    if not item.takes_part:
        return item
    if not subject.permitted(*desired.key, desired.namespaced is not False):
        return with_outcome(item, Outcome(key=desired.key, status=SyncCode.UNKNOWN))
    if _is_in_doubt(subject, desired):
        return with_outcome(item, Outcome(key=desired.key, status=SyncCode.UNKNOWN), in_doubt=True)
    if decoded is None:
        return with_outcome(item, outcome_of(desired.key, desired, None))
    try:
        verdict = compare(
            desired,
            decoded,
            fingerprints=subject.cluster.fingerprints,
            rules=rules_for(subject, desired),
            eager=subject.eager,
        )
    except IgnoreRuleError as error:
        text = f"Failed to compare desired state to live state: {error}"
        remarks.append(Remark(ConditionType.COMPARISON_ERROR, text))
        verdict = None
    return with_outcome(item, outcome_of(desired.key, desired, decoded, verdict))


def _is_in_doubt(subject: Subject, desired: Desired) -> bool:
    return subject.cluster.live.state_of(desired.key.group_kind) in (KindState.UNKNOWN, KindState.SYNCING)


def _described(
    subject: Subject, desired: Desired | None, live: LiveObject | None, decoded: Manifest | None
) -> Item:
    """All that does not depend on being in sync."""
    key = desired.key if desired is not None else live.key if live is not None else None
    assert key is not None  # noqa: S101
    source = desired.object if desired is not None else decoded or {}
    owner = live.instance if live is not None else None
    return Item(
        key=key,
        version=desired.gvk.version if desired is not None else live.version if live is not None else "",
        desired=desired,
        live=live,
        health=assess(decoded) if decoded is not None else None,
        hook=is_hook(source),
        skipped=is_skipped(source),
        wave=wave_of(source),
        ignored_health=decoded is not None and annotation_of(decoded, IGNORE_HEALTHCHECK) == "true",
        needs_confirmation=decoded is not None and _needs_confirmation(subject.options, decoded),
        other_owner=owner if owner is not None and owner != subject.instance else "",
        images=tuple(images_of(decoded)) if decoded is not None else (),
        urls=tuple(urls_of(decoded)) if decoded is not None else (),
    )


def _needs_confirmation(options: SyncOptions, live: Manifest) -> bool:
    return Removal.CONFIRM in (prune_rule(options, live), delete_rule(options, live))


def _unwanted(subject: Subject, memo: Memo, wanted: set[ResourceKey]) -> list[Item]:
    """Live objects with our mark that no render has: prune candidates, and hooks that are still there."""
    items = []
    for live in subject.cluster.live.owned_by(subject.instance):
        if live.key in wanted or live.owner_uids or live.key == subject.itself:
            continue
        known = memo.get(live.key)
        if known is not None and _still_holds(known, "", live, subject):
            items.append(known.item)
            continue
        decoded = live.decoded()
        if not subject.permitted(*live.key, bool(live.key.namespace)):
            continue
        if not self_referenced(decoded, subject.settings.tracking.method):
            items.append(copy_of(live, decoded))
            continue
        item = _described(subject, None, live, decoded)
        if item.takes_part:
            item = with_outcome(item, outcome_of(live.key, None, decoded))
        items.append(item)
    return items


def _remember(subject: Subject, memo: Memo, items: Iterable[Item]) -> None:
    memo.clear()
    mark = _rules_mark(subject)
    for item in items:
        if item.outcome is not None and item.outcome.needs_asking:
            continue
        basis = item.desired.digest + mark if item.desired is not None else ""
        live = item.live
        memo[item.key] = _Known(basis, live.uid if live else "", live.resource_version if live else "", item)


def _shared(subject: Subject, items: Iterable[Item]) -> list[Remark]:
    return [
        Remark(
            ConditionType.SHARED_RESOURCE_WARNING,
            f"{item.key.kind}/{item.key.name} is part of applications "
            f"{subject.itself.namespace}/{subject.itself.name} and {item.other_owner.replace('_', '/', 1)}",
        )
        for item in items
        if item.other_owner and item.desired is not None
    ]


def _health(subject: Subject, items: Iterable[Item]) -> Health:
    return aggregate(
        (
            Assessed(
                key=item.key, health=item.health, live=item.live is not None, ignored=item.ignored_health
            )
            for item in items
            if item.takes_part
        ),
        itself=subject.itself,
    )


def without_prunes(comparison: Comparison) -> Comparison:
    """With no desired state nothing may look like it is to be pruned."""
    items = tuple(
        msgspec.structs.replace(item, outcome=Outcome(key=item.key, status=SyncCode.UNKNOWN))
        if item.requires_pruning
        else item
        for item in comparison.items
    )
    return msgspec.structs.replace(comparison, items=items)
