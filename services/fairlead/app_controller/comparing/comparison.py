"""Desired against live, for one application, from memory: sync code, health and what a person should know.

Invariant: what could not be read counts as Unknown. It is never Synced, and never a reason to delete.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

import msgspec
import structlog

from fairlead.app_controller.comparing.ask import answered
from fairlead.app_controller.comparing.awaited_health import settled
from fairlead.app_controller.comparing.copies import copy_of, copy_remarks
from fairlead.app_controller.comparing.grounds import Grounds, Terms
from fairlead.app_controller.comparing.item import (
    Comparison,
    Item,
    Remark,
    Subject,
    not_compared,
    rules_for,
    with_outcome,
)
from fairlead.app_controller.comparing.marks import IGNORE_HEALTHCHECK, images_of, urls_of
from fairlead.app_controller.comparing.memo import Memo
from fairlead.diff.compare import compare
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.result import Outcome, outcome_of, overall
from fairlead.health import Assessed, Code, Health, aggregate
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import Manifest, annotation_of
from fairlead.manifest.identity import GroupKind
from fairlead.manifest.prepare import Desired
from fairlead.manifest.tracking import self_referenced
from fairlead.model.status import ConditionType, SyncCode
from fairlead.sync.hooks import is_hook, is_skipped
from fairlead.sync.options import Removal, SyncOptions, delete_rule, prune_rule
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)

LOOP_SHARE = 0.005
"""Seconds that a comparison works before it lets others have the loop."""
MOST_UNJUDGED = 5
"""Objects named in conditions because their health script failed."""
_UNFOLLOWED = {
    KindState.EXCLUDED: "is excluded in the settings",
    KindState.UNWATCHABLE: (
        "cannot be followed on its cluster (it cannot be watched, or is cluster-scoped where the cluster is "
        "limited to namespaces); it is neither compared nor applied"
    ),
}


async def compare_application(subject: Subject, memo: Memo) -> Comparison:
    """Judge every object of the application; only what really moved costs more than a dictionary look-up."""
    judge = _Judge(subject, memo)
    await judge.wanted()
    await judge.unwanted()
    items = await settled(subject.cluster.health, judge.items)
    items = await answered(subject, items) if subject.may_ask else items
    memo.keep(
        (grounds, item)
        for grounds, item in zip(judge.grounds, items, strict=True)
        if not item.in_doubt and not (item.outcome is not None and item.outcome.needs_asking)
    )
    return _summed_up(subject, items, judge.remarks, judge.unread)


class _Judge:
    """One pass over the objects: `items` and, place by place, the `grounds` each was judged on."""

    def __init__(self, subject: Subject, memo: Memo) -> None:
        self._subject = subject
        self._live = subject.cluster.live
        self._memo = memo
        self._terms: Terms = memo.terms(subject.terms)
        self._unknown: Mapping[GroupKind, str] | None = None
        self._since = time.monotonic()
        self.items: list[Item] = []
        self.grounds: list[Grounds] = []
        self.remarks = [Remark(remark.type, remark.message) for remark in subject.prepared.remarks]
        self.unread: dict[GroupKind, str] = {}

    async def wanted(self) -> None:
        """What is desired, except what is not followed here at all."""
        for desired in self._subject.prepared.objects:
            await self._breathe()
            reason = unfollowed(self._subject, desired)
            if reason:
                self.remarks.append(Remark(ConditionType.EXCLUDED_RESOURCE_WARNING, reason))
                continue
            live = self._live.get(desired.key)
            self._take(self._grounds_of(desired.key.group_kind, desired, live), desired, live)

    async def unwanted(self) -> None:
        """Live objects with our mark that no render has: prune candidates, and hooks that are still there."""
        known = {item.key for item in self.items}
        for live in self._live.owned_by(self._subject.terms.instance):
            await self._breathe()
            if live.key in known or live.owner_uids or live.key == self._terms.itself:
                continue
            if self._terms.permitted(*live.key, bool(live.key.namespace)):
                self._take(self._grounds_of(live.group_kind, None, live), None, live)

    def _take(self, grounds: Grounds, desired: Desired | None, live: LiveObject | None) -> None:
        key = desired.key if desired is not None else live.key if live is not None else None
        item = self._memo.find(key, grounds) if key is not None else None
        self.items.append(item or judged(self._subject, grounds, desired, live))
        self.grounds.append(grounds)
        if grounds.doubt and key is not None:
            self.unread.setdefault(key.group_kind, grounds.doubt)

    def _grounds_of(self, kind: GroupKind, desired: Desired | None, live: LiveObject | None) -> Grounds:
        state = self._live.state_of(kind)
        version = desired.gvk.version if desired is not None else live.version if live is not None else ""
        return Grounds(
            terms=self._terms,
            desired=desired.digest if desired is not None else "",
            namespaced=desired.namespaced if desired is not None else None,
            uid=live.uid if live is not None else "",
            version=live.resource_version if live is not None else "",
            owner=(live.instance or "") if live is not None else "",
            state=state,
            doubt=self._doubt(kind) if state is KindState.UNKNOWN else "",
            is_served=self._subject.cluster.discovery.resource_for(*kind, version) is not None,
        )

    def _doubt(self, kind: GroupKind) -> str:
        if self._unknown is None:
            self._unknown = self._live.unknown_kinds()
        return self._unknown.get(kind, "")

    async def _breathe(self) -> None:
        if time.monotonic() - self._since > LOOP_SHARE:
            await asyncio.sleep(0)
            self._since = time.monotonic()


def unfollowed(subject: Subject, desired: Desired) -> str:
    """Why an object is left alone altogether, neither compared nor applied nor awaited; "" when it is not."""
    kind = desired.key.group_kind
    told = _UNFOLLOWED.get(subject.cluster.live.state_of(kind))
    return f"Resource {kind.group}/{kind.kind} {desired.key.name} {told}" if told else ""


def judged(subject: Subject, grounds: Grounds, desired: Desired | None, live: LiveObject | None) -> Item:
    """The verdict on one object. Whatever goes wrong with it is said of this item and touches no other.

    Of what the project forbids nothing live is looked at: whoever writes to Git could name anybody's object.
    """
    terms = grounds.terms
    is_permitted = desired is None or terms.permitted(*desired.key, desired.namespaced is not False)
    live = live if is_permitted else None
    decoded = live.decoded() if live is not None else None
    if desired is None and live is not None and decoded is not None and _is_copy(grounds, decoded):
        return copy_of(live, decoded)
    item = _described(subject, grounds, desired, live, decoded)
    if not item.takes_part:
        return item
    if desired is None:
        return with_outcome(item, outcome_of(item.key, None, decoded))
    if not is_permitted:
        return with_outcome(item, Outcome(key=item.key, status=SyncCode.UNKNOWN))
    return _against(subject, grounds, item, desired, decoded)


def _against(
    subject: Subject, grounds: Grounds, item: Item, desired: Desired, decoded: Manifest | None
) -> Item:
    if grounds.state in (KindState.UNKNOWN, KindState.SYNCING):
        return with_outcome(item, Outcome(key=item.key, status=SyncCode.UNKNOWN))
    try:
        return _compared(subject, item, desired, decoded)
    except IgnoreRuleError as error:
        return not_compared(item, f"Failed to compare desired state to live state: {error}")
    except Exception as error:
        log.exception("compare.failed", app=grounds.terms.instance, object=str(item.key))
        text = f"Failed to compare desired state to live state: {item.key}: {type(error).__name__}: {error}"
        return not_compared(item, text)


def _compared(subject: Subject, item: Item, desired: Desired, decoded: Manifest | None) -> Item:
    item = msgspec.structs.replace(item, rules=rules_for(subject, desired))
    if decoded is None or item.rules is None:
        return with_outcome(item, outcome_of(desired.key, desired, None))
    verdict = compare(
        desired,
        decoded,
        fingerprints=subject.cluster.fingerprints,
        rules=item.rules,
        eager=subject.terms.eager,
    )
    return with_outcome(item, outcome_of(desired.key, desired, decoded, verdict))


def _described(
    subject: Subject,
    grounds: Grounds,
    desired: Desired | None,
    live: LiveObject | None,
    decoded: Manifest | None,
) -> Item:
    """All that does not depend on being in sync."""
    key = desired.key if desired is not None else live.key if live is not None else None
    assert key is not None  # noqa: S101
    source = desired.object if desired is not None else decoded or {}
    terms = grounds.terms
    return Item(
        key=key,
        version=desired.gvk.version if desired is not None else live.version if live is not None else "",
        desired=desired,
        live=live,
        health=_health_of(subject, grounds, decoded),
        health_problem=subject.cluster.health.problem_of(decoded) if decoded is not None else "",
        in_doubt=decoded is not None and subject.cluster.health.is_passing(decoded),
        hook=is_hook(source),
        skipped=is_skipped(source),
        wave=wave_of(source),
        ignored_health=decoded is not None and annotation_of(decoded, IGNORE_HEALTHCHECK) == "true",
        needs_confirmation=decoded is not None and _needs_confirmation(terms.options, decoded),
        other_owner=grounds.owner if grounds.owner != terms.instance else "",
        images=tuple(images_of(decoded)) if decoded is not None else (),
        urls=tuple(urls_of(decoded)) if decoded is not None else (),
    )


def _health_of(subject: Subject, grounds: Grounds, decoded: Manifest | None) -> Health | None:
    """The health as it was seen; of a kind that cannot be read, nobody knows whether it still is."""
    seen = subject.cluster.health.of(decoded) if decoded is not None else None
    if seen is None or not grounds.doubt:
        return seen
    return Health(Code.UNKNOWN, f"its kind cannot be read: {grounds.doubt}")


def _needs_confirmation(options: SyncOptions, live: Manifest) -> bool:
    return Removal.CONFIRM in (prune_rule(options, live), delete_rule(options, live))


def _is_copy(grounds: Grounds, decoded: Manifest) -> bool:
    return not self_referenced(decoded, grounds.terms.settings.tracking.method)


def _summed_up(
    subject: Subject, items: list[Item], remarks: list[Remark], unread: dict[GroupKind, str]
) -> Comparison:
    problems = [Remark(ConditionType.COMPARISON_ERROR, text) for item in items if (text := item.problem)]
    doubts = [
        Remark(
            ConditionType.COMPARISON_ERROR,
            f"Failed to load live state: objects of kind {kind} cannot be read: {reason}",
        )
        for kind, reason in unread.items()
    ]
    found = [*remarks, *problems, *_shared(subject, items), *copy_remarks(items)]
    failed = any(remark.type == ConditionType.COMPARISON_ERROR for remark in (*found, *doubts))
    return Comparison(
        items=tuple(items),
        code=SyncCode.UNKNOWN if failed else overall([item.outcome for item in items if item.outcome]),
        health=_health(subject, items),
        remarks=tuple(dict.fromkeys(found)),
        unread=tuple(doubts),
        unjudged=tuple(
            Remark(ConditionType.COMPARISON_ERROR, f"error setting app health: {item.key}: {text}")
            for item in items
            if (text := item.health_problem)
        )[:MOST_UNJUDGED],
        is_error=failed,
    )


def _shared(subject: Subject, items: Iterable[Item]) -> list[Remark]:
    own = "/".join((subject.terms.itself.namespace, subject.terms.itself.name))
    return [
        Remark(
            ConditionType.SHARED_RESOURCE_WARNING,
            f"{item.key.kind}/{item.key.name} is part of applications "
            f"{own} and {item.other_owner.replace('_', '/', 1)}",
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
        itself=subject.terms.itself,
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
