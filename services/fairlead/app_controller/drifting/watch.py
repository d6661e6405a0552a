"""Follows the changes of managed objects, and writes down those that did not come from Git.

A change is noted as the watch tells of it, with what was there before, and judged at the look that follows
it, when it is known whether the object is as Git says. What was changed while nobody watched is found at a
look too. Invariant: it never fails or delays a look, and costs nothing where no managed object differs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.explain import explanations
from fairlead.app_controller.comparing.item import Comparison, Item, Subject
from fairlead.app_controller.drifting.changes import (
    Eyes,
    changes,
    places,
    steps_of,
)
from fairlead.app_controller.drifting.journal import Journal, key_of, named
from fairlead.app_controller.drifting.lines import end_of, entry_of, is_synced, line_of, told_entry
from fairlead.app_controller.drifting.shelf import Shelf
from fairlead.bus import BusUnavailableError
from fairlead.diff.compare import FIELD_MANAGER
from fairlead.kube.live_index import LiveChange
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import Manifest
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.model.status import SyncCode
from fairlead.model.times import stamp
from fairlead.render.jq import without_paths
from fairlead.rpc.drift import DriftJournal, KeptLine

log = structlog.get_logger(__name__)

MAX_SEEN = 256
"""Objects of one application whose changes wait for a look."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """How an object was before what changed it since the last look, and since when; `new` is None for one
    that was deleted, and `while_syncing` says that an operation may have done it."""

    old: LiveObject
    new: LiveObject | None
    at: float
    while_syncing: bool

    @property
    def moment(self) -> str:
        """When it was seen, as it is kept."""
        return stamp(datetime.fromtimestamp(self.at, UTC))


class Drifting:
    """The journals of all applications of this controller."""

    def __init__(
        self, shelf: Shelf, *, hidden: Callable[[], tuple[str, ...]], requeue: Callable[[AppId], None]
    ) -> None:
        self._shelf = shelf
        self._hidden = hidden
        self._requeue = requeue
        self._seen: dict[AppId, dict[ResourceKey, Seen]] = {}
        self._judged: dict[AppId, dict[ResourceKey, Seen]] = {}

    async def run(self) -> None:
        """Take up what stood before this process began, then write what changes, until cancelled."""
        try:
            for app_id in await self._shelf.load():
                self._requeue(app_id)
        except BusUnavailableError as error:
            log.info("drift.journals.not_loaded", reason=str(error)[:200])
        await self._shelf.run()

    def see(self, record: Record, change: LiveChange) -> None:
        """An object of an application changed."""
        old, new = change.old, change.new
        if change.initial or old is None or old.instance != record.instance:
            return
        waiting = self._seen.setdefault(record.id, {})
        if change.key in waiting or len(waiting) < MAX_SEEN:
            one = Seen(old=old, new=new, at=time.time(), while_syncing=record.execution is not None)
            _put(waiting, change.key, one)

    def begin(self, record: Record) -> None:
        """A comparison begins: what was seen until now is in it, and may be judged by it."""
        seen = self._seen.pop(record.id, None)
        if seen is None:
            return
        judged = self._judged.setdefault(record.id, {})
        for key, one in seen.items():
            _put(judged, key, one)

    async def look(
        self, record: Record, subject: Subject, comparison: Comparison, *, has_drifted: bool
    ) -> tuple[DriftEntry, ...]:
        """What was found to have been changed, and what became of earlier changes, as of this comparison."""
        seen = self._judged.pop(record.id, None) or {}
        page = self._shelf.find(record.id)
        has_standing = page is not None and bool(page.journal.standing)
        if not (has_standing or has_drifted or (seen and comparison.code is not SyncCode.SYNCED)):
            return ()
        try:
            return await self._looked(record, subject, comparison, seen, has_drifted=has_drifted)
        except Exception:
            log.exception("drift.failed", app=record.id.qualified)
            return ()

    async def journal(self, app_id: AppId) -> DriftJournal:
        """What is known of an application, to be shown."""
        try:
            journal = await self._shelf.read(app_id)
        except BusUnavailableError as error:
            page = self._shelf.find(app_id)
            journal = page.journal if page is not None else Journal()
            problem = f"what was kept of it cannot be read now: {error}"
            return DriftJournal(since=self._shelf.since, entries=journal.entries, problem=problem)
        return DriftJournal(since=self._shelf.since, entries=journal.entries)

    def meet(self, app_id: AppId) -> None:
        """The application was another controller's."""
        self._forget(app_id)
        self._shelf.renew(app_id)

    def forget(self, app_id: AppId, *, is_ours: bool) -> None:
        """The application is gone."""
        self._forget(app_id)
        if is_ours:
            self._shelf.forget(app_id)
        else:
            self._shelf.drop(app_id)

    def _forget(self, app_id: AppId) -> None:
        self._seen.pop(app_id, None)
        self._judged.pop(app_id, None)

    async def _looked(
        self,
        record: Record,
        subject: Subject,
        comparison: Comparison,
        seen: Mapping[ResourceKey, Seen],
        *,
        has_drifted: bool,
    ) -> tuple[DriftEntry, ...]:
        concerned = {*seen, *(key_of(line.entry) for line in self._standing(record))}
        items = {item.key: item for item in comparison.items if item.key in concerned}
        found: list[KeptLine] = []
        for key, one in seen.items():
            item = items.get(key)
            if item is not None and _differs(item) and not item.remembered:
                found += await self._changed(record, subject, item, one)
            elif item is not None and (_differs(item) or _is_unknown(item)):
                self._judged.setdefault(record.id, {})[key] = one
        if has_drifted:
            known = {key_of(line.entry) for line in (*found, *self._standing(record))}
            for item in comparison.items:
                if _differs(item) and item.key not in known:
                    items[item.key] = item
                    found += await self._found_late(subject, item)
        journal = self._journal(record) if found else None
        added = tuple(journal.add(line) for line in found) if journal is not None else ()
        has_ended = await self._end(record, subject, items)
        if added or has_ended:
            self._shelf.changed(record.id)
        return added

    def _journal(self, record: Record) -> Journal:
        return self._shelf.open(record.id).journal

    def _standing(self, record: Record) -> tuple[KeptLine, ...]:
        page = self._shelf.find(record.id)
        return page.journal.standing if page is not None else ()

    async def _changed(self, record: Record, subject: Subject, item: Item, seen: Seen) -> list[KeptLine]:
        """What was changed of an object that is not as Git says; what an operation deletes to make it anew is
        not."""
        desired = item.desired
        if desired is None:
            return []
        if seen.new is None or seen.new.uid != seen.old.uid:
            is_made_anew = seen.while_syncing and item.live is not None
            return (
                [] if is_made_anew else [line_of(item, entry_of(item.key, at=seen.moment, seen=seen.moment))]
            )
        standing = {
            line.entry.field: line for line in self._standing(record) if key_of(line.entry) == item.key
        }
        if not (seen.old.is_whole and seen.new.is_whole):  # it was not ours yet as far as was known
            return [
                line
                for line in await self._found_late(subject, item)
                if named(line.entry.field) not in standing
            ]
        states = seen.old.decoded(), seen.new.decoded(), desired.object
        old, new, wanted = await _without_what_jq_names(subject, item, states)
        eyes = self._eyes(subject, item)
        found = changes(item.key, old, new, wanted, eyes=eyes, standing=standing.keys())
        for one in found:
            known = standing.get(named(one.told.path))
            if one.is_reverted and known is not None:
                self._journal(record).end(known, DriftEnd.REVERTED, one.told.since or seen.moment)
                self._shelf.changed(record.id)
        return [
            line_of(item, told_entry(item.key, one.told, seen=seen.moment), steps_of(one.place))
            for one in found
            if not one.is_reverted
        ]

    async def _found_late(self, subject: Subject, item: Item) -> list[KeptLine]:
        """What is not as Git says, of an object that nobody saw being changed."""
        moment = stamp()
        if item.live is None:
            return [line_of(item, entry_of(item.key, at=moment, seen=moment, late=True))]
        told = await explanations(subject, item, self._hidden(), may_ask=False)
        known = (
            places(item.desired.object, item.live.decoded(), subject.cluster.list_keys)
            if told and item.desired is not None and item.live.is_whole
            else {}
        )
        return [
            line_of(
                item,
                told_entry(item.key, one, seen=moment, late=True),
                place=steps_of(known.get(one.path, ())),
            )
            for one in told
            if one.manager != FIELD_MANAGER
        ]

    def _eyes(self, subject: Subject, item: Item) -> Eyes:
        eyes = Eyes(list_keys=subject.cluster.list_keys, hidden=self._hidden())
        return eyes if item.rules is None else eyes._replace(ignored=item.rules.ignored)

    async def _end(self, record: Record, subject: Subject, items: Mapping[ResourceKey, Item]) -> bool:
        """Say of changes that stand no more what became of them; whether there were any."""
        standing = self._standing(record)
        keys = {key_of(line.entry) for line in standing}
        live = subject.cluster.live
        await live.complete(key for key in keys if key in items and is_synced(items[key]))
        has_ended = False
        for line in standing:
            key = key_of(line.entry)
            end = end_of(line, items.get(key), live.get(key))
            page = self._shelf.find(record.id)
            if end is not DriftEnd.OPEN and page is not None:
                page.journal.end(line, end, stamp())
                has_ended = True
        return has_ended


def _put(into: dict[ResourceKey, Seen], key: ResourceKey, one: Seen) -> None:
    """Add what was seen later; what was there at first is kept."""
    before = into.get(key)
    into[key] = one if before is None else msgspec.structs.replace(one, old=before.old)


def _differs(item: Item) -> bool:
    return item.is_wanted and item.outcome is not None and item.outcome.status is SyncCode.OUT_OF_SYNC


def _is_unknown(item: Item) -> bool:
    return item.outcome is not None and item.outcome.status is SyncCode.UNKNOWN


async def _without_what_jq_names(
    subject: Subject, item: Item, states: tuple[Manifest, ...]
) -> tuple[Manifest, ...]:
    """The states without what expressions of rules leave out of the comparison. Raises IgnoreRuleError."""
    expressions = item.rules.ignored.jq_expressions if item.rules is not None else ()
    if not expressions:
        return states
    paths = await subject.jq.paths(expressions, states)
    return tuple(without_paths(state, found) for state, found in zip(states, paths, strict=True))
