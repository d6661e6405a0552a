"""Desired against live, for one application, from memory: sync code, health and what a person should know.

What was compared before is in the ledger, so a comparison costs what changed since. Invariant: what could not
be read counts as Unknown. It is never Synced, and never a reason to delete.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import msgspec

from fairlead.app_controller.comparing.ask import answered
from fairlead.app_controller.comparing.awaited_health import settled
from fairlead.app_controller.comparing.desired import UnopenedError
from fairlead.app_controller.comparing.grounds import Grounds, Kinds
from fairlead.app_controller.comparing.item import Comparison, Item, Remark, Subject, attached
from fairlead.app_controller.comparing.judge import is_ours, judged, unfollowed
from fairlead.app_controller.comparing.ledger import Findings, Footing, Ledger, Line
from fairlead.app_controller.comparing.rules import rules_for
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.result import Outcome
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired, Prepared
from fairlead.model.status import ConditionType, SyncCode

LOOP_SHARE = 0.005
"""Seconds that a comparison works before it lets others have the loop."""


async def compare_application(subject: Subject, ledger: Ledger) -> Comparison:
    """The comparison as of now: only objects that moved since the last one are judged.

    Raises UnopenedError where one is to be judged, and what is desired is not open.
    """
    footing = Footing.of(subject)
    kinds = Kinds(subject.cluster)
    due = ledger.due(footing, kinds)
    if due is not None and not due:
        ledger.take_marks()
        return ledger.comparison()
    if subject.prepared is None:
        raise UnopenedError(subject.terms.instance)
    taken = ledger.take_marks()
    try:
        found = await _Pass(subject, subject.prepared, ledger, kinds).findings(due)
    except BaseException:
        ledger.give_back(taken)
        raise
    ledger.keep(footing, found)
    return ledger.comparison()


class _Pass:
    """Goes over all objects, or some; nothing of the ledger is changed before it has ended."""

    def __init__(self, subject: Subject, prepared: Prepared, ledger: Ledger, kinds: Kinds) -> None:
        self._subject = subject
        self._prepared = prepared
        self._live = subject.cluster.live
        self._ledger = ledger
        self._terms = ledger.terms(subject.terms)
        self._kinds = kinds
        self._since = time.monotonic()
        self._lines: dict[ResourceKey, Line] = {}
        self._extra: set[ResourceKey] = set()
        self._gone: set[ResourceKey] = set()
        self._fresh: set[ResourceKey] = set()
        self._closed: list[tuple[ResourceKey, Desired | None]] = []
        self._remarks = ledger.remarks
        self._left_out = ledger.left_out

    async def findings(self, due: frozenset[ResourceKey] | None) -> Findings:
        """What was found of the objects that are due, None for all."""
        if due is None:
            await self._all()
        else:
            for key in due:
                await self._breathe()
                self._one(key)
        await self._open()
        await self._settle()
        return Findings(
            lines=self._lines,
            extra=self._extra,
            gone=self._gone,
            is_whole=due is None,
            remarks=self._remarks,
            left_out=self._left_out,
            kinds=self._kinds.known,
        )

    async def _all(self) -> None:
        prepared = self._prepared
        remarks = [Remark(remark.type, remark.message) for remark in prepared.remarks]
        left_out = set()
        for desired in prepared.objects:
            await self._breathe()
            reason = unfollowed(desired, self._kinds.of(desired.key.group_kind, desired.gvk.version).state)
            if reason:
                remarks.append(Remark(ConditionType.EXCLUDED_RESOURCE_WARNING, reason))
                left_out.add(desired.key)
                continue
            refused = self._terms.permitted.refusal(desired.key, desired.namespaced is not False)
            if refused:
                remarks.append(Remark(ConditionType.EXCLUDED_RESOURCE_WARNING, refused))
            self._take(desired.key, desired, self._live.get(desired.key))
        self._remarks, self._left_out = tuple(dict.fromkeys(remarks)), frozenset(left_out)
        for live in self._live.owned_by(self._terms.instance):
            await self._breathe()
            is_known = live.key in self._lines or live.key in left_out
            if not is_known and is_ours(live, self._terms):
                self._take(live.key, None, live)

    def _one(self, key: ResourceKey) -> None:
        live, line = self._live.get(key), self._ledger.line(key)
        desired = line.item.desired if line is not None else None
        if desired is None and (live is None or key in self._left_out or not is_ours(live, self._terms)):
            self._gone.add(key)
        else:
            self._take(key, desired, live)

    async def _open(self) -> None:
        """Judge those of which no text was kept, as what nobody wanted before."""
        if not self._closed:
            return
        await self._live.complete(key for key, _ in self._closed)
        for key, desired in self._closed:
            await self._breathe()
            live = self._live.get(key)
            if desired is None and (live is None or not is_ours(live, self._terms)):
                self._gone.add(key)
            else:
                self._take(key, desired, live, is_last=True)
        order = (*(desired.key for desired in self._prepared.objects), *self._lines)
        self._lines = {key: self._lines[key] for key in order if key in self._lines}

    def _take(
        self, key: ResourceKey, desired: Desired | None, live: LiveObject | None, *, is_last: bool = False
    ) -> None:
        grounds, known = self._grounds_of(key, desired, live), self._ledger.line(key)
        if known is not None and known.grounds == grounds and not known.item.is_open:
            item = self._opened(attached(known.item, desired, live))
        elif not is_last and live is not None and not live.is_whole and self._may_look(desired):
            self._closed.append((key, desired))
            return
        else:
            item = judged(self._subject, grounds, desired, live)
            self._fresh.add(key)
        self._lines[key] = Line(grounds, item)
        if desired is None:
            self._extra.add(key)

    def _may_look(self, desired: Desired | None) -> bool:
        """Whether the project lets the application look at what is there of what it desires."""
        if desired is None:
            return True
        return self._terms.permitted(*desired.key, desired.namespaced is not False)

    def _grounds_of(self, key: ResourceKey, desired: Desired | None, live: LiveObject | None) -> Grounds:
        version = desired.gvk.version if desired is not None else live.version if live is not None else ""
        kind = self._kinds.of(key.group_kind, version)
        return Grounds(
            terms=self._terms,
            desired=desired.digest if desired is not None else "",
            namespaced=desired.namespaced if desired is not None else None,
            uid=live.uid if live is not None else "",
            version=live.resource_version if live is not None else "",
            spelling=live.version if live is not None else "",
            owner=(live.instance or "") if live is not None else "",
            kind=kind,
        )

    def _opened(self, item: Item) -> Item:
        """What was remembered, as it is where what is desired is open."""
        if not item.remembered or item.desired is None:
            return item
        rules = None
        if item.takes_part and not item.problem:
            with suppress(IgnoreRuleError):
                rules = rules_for(self._subject, item.desired)
        return msgspec.structs.replace(item, rules=rules, remembered=False)

    async def _settle(self) -> None:
        """What only scripts and the API server can tell of those that were judged anew."""
        items = [self._lines[key].item for key in self._lines if key in self._fresh]
        items = await settled(self._subject.cluster.health, items)
        items = await answered(self._subject, items) if self._subject.may_ask else items
        for item in items:
            self._lines[item.key] = self._lines[item.key]._replace(item=item)

    async def _breathe(self) -> None:
        if time.monotonic() - self._since > LOOP_SHARE:
            await asyncio.sleep(0)
            self._since = time.monotonic()


def without_prunes(comparison: Comparison) -> Comparison:
    """With no desired state nothing may look like it is to be pruned."""
    return msgspec.structs.replace(comparison, items=tuple(map(_not_to_prune, comparison.items)), shown=None)


def _not_to_prune(item: Item) -> Item:
    if not item.requires_pruning:
        return item
    return msgspec.structs.replace(item, outcome=Outcome(key=item.key, status=SyncCode.UNKNOWN))
