"""Follows the changes of managed objects, and writes down those that did not come from Git.

A change is noted as the watch tells of it, with what was there before, and judged at the look that follows
it, when it is known whether the object is as Git says. What was changed while nobody watched is found at a
look too. Invariant: it never fails or delays a look, and costs nothing where no managed object differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.explain import explanations
from fairlead.app_controller.comparing.item import Comparison, Item, Subject
from fairlead.app_controller.drifting.changes import Change, Eyes, changes, is_ours, place_of, reach, steps_of
from fairlead.app_controller.drifting.journal import Journal, key_of, shortened
from fairlead.app_controller.drifting.shelf import Shelf
from fairlead.app_controller.times import stamp
from fairlead.bus import BusUnavailableError
from fairlead.diff.compare import FIELD_MANAGER
from fairlead.diff.fieldset import MISSING
from fairlead.kube.live_index import LiveChange
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.secret import SECRET
from fairlead.model.application import AppId
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.model.explanation import Explanation
from fairlead.model.status import SyncCode
from fairlead.rpc.drift import DriftJournal, KeptLine

log = structlog.get_logger(__name__)

MAX_SEEN = 256
"""Objects of one application whose changes wait for a look."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """How an object was before what changed it since the last look, and since when; `new` is None for one
    that was deleted."""

    old: LiveObject
    new: LiveObject | None
    at: str


class Drifting:
    """The journals of all applications of this controller."""

    def __init__(
        self, shelf: Shelf, *, hidden: Callable[[], tuple[str, ...]], requeue: Callable[[AppId], None]
    ) -> None:
        self._shelf = shelf
        self._hidden = hidden
        self._requeue = requeue
        self._seen: dict[AppId, dict[ResourceKey, Seen]] = {}

    async def run(self) -> None:
        """Take up what stood before this process began, then write what changes, until cancelled."""
        try:
            for app_id in await self._shelf.load():
                self._requeue(app_id)
        except BusUnavailableError as error:
            log.info("drift.journals.not_loaded", reason=str(error)[:200])
        await self._shelf.run()

    def see(self, record: Record, change: LiveChange) -> None:
        """An object of an application changed; what an operation deletes and makes again is no news."""
        old, new = change.old, change.new
        if change.initial or old is None or old.instance != record.instance:
            return
        if new is None and record.execution is not None:
            return
        waiting = self._seen.setdefault(record.id, {})
        before = waiting.get(change.key)
        if before is None and len(waiting) >= MAX_SEEN:
            return
        waiting[change.key] = Seen(old=before.old if before is not None else old, new=new, at=stamp())

    async def look(
        self, record: Record, subject: Subject, comparison: Comparison, *, has_drifted: bool
    ) -> tuple[DriftEntry, ...]:
        """What was found to have been changed, and what became of earlier changes, as of this comparison."""
        seen = self._seen.pop(record.id, None) or {}
        page = self._shelf.find(record.id)
        standing = page.journal.standing if page is not None else ()
        if not (seen or standing or has_drifted):
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
        self._seen.pop(app_id, None)
        self._shelf.drop(app_id)

    def forget(self, app_id: AppId, *, is_ours: bool) -> None:
        """The application is gone."""
        self._seen.pop(app_id, None)
        if is_ours:
            self._shelf.forget(app_id)
        else:
            self._shelf.drop(app_id)

    async def _looked(
        self,
        record: Record,
        subject: Subject,
        comparison: Comparison,
        seen: Mapping[ResourceKey, Seen],
        *,
        has_drifted: bool,
    ) -> tuple[DriftEntry, ...]:
        items = comparison.by_key
        found: list[KeptLine] = []
        for key, one in seen.items():
            item = items.get(key)
            if item is not None and _differs(item):
                found += self._changed(record, subject, item, one)
        if has_drifted:
            known = {key_of(line.entry) for line in (*found, *self._standing(record))}
            for item in comparison.items:
                if _differs(item) and item.key not in known:
                    found += await self._found_late(subject, item)
        journal = self._journal(record) if found else None
        added = tuple(journal.add(line) for line in found) if journal is not None else ()
        has_ended = self._end(record, items)
        if added or has_ended:
            self._shelf.changed(record.id)
        return added

    def _journal(self, record: Record) -> Journal:
        return self._shelf.open(record.id).journal

    def _standing(self, record: Record) -> tuple[KeptLine, ...]:
        page = self._shelf.find(record.id)
        return page.journal.standing if page is not None else ()

    def _changed(self, record: Record, subject: Subject, item: Item, seen: Seen) -> list[KeptLine]:
        """What was changed of an object that is not as Git says."""
        desired = item.desired
        if desired is None:
            return []
        if seen.new is None or seen.new.uid != seen.old.uid or not (seen.old.is_whole and seen.new.is_whole):
            return [_line(item, _entry(item.key, at=seen.at, seen=seen.at))]
        standing = {
            line.entry.field: line for line in self._standing(record) if key_of(line.entry) == item.key
        }
        eyes = self._eyes(subject, item)
        wanted = desired.object
        found = changes(
            item.key,
            seen.old.decoded(),
            seen.new.decoded(),
            wanted,
            eyes=eyes,
            standing=standing.keys(),
        )
        for one in found:
            known = standing.get(one.told.path)
            if one.is_reverted and known is not None:
                self._journal(record).end(known, DriftEnd.REVERTED, one.told.since or seen.at)
                self._shelf.changed(record.id)
        return [_change_line(item, one, seen.at) for one in found if not one.is_reverted]

    async def _found_late(self, subject: Subject, item: Item) -> list[KeptLine]:
        """What is not as Git says, of an object that nobody saw being changed."""
        moment = stamp()
        if item.live is None:
            return [_line(item, _entry(item.key, at=moment, seen=moment, late=True))]
        told = await explanations(subject, item, self._hidden(), may_ask=False)
        return [
            _line(item, _told(item.key, one, seen=moment, late=True))
            for one in told
            if one.manager != FIELD_MANAGER
        ]

    def _eyes(self, subject: Subject, item: Item) -> Eyes:
        eyes = Eyes(list_keys=subject.cluster.list_keys, hidden=self._hidden())
        return eyes if item.rules is None else eyes._replace(ignored=item.rules.ignored)

    def _end(self, record: Record, items: Mapping[ResourceKey, Item]) -> bool:
        """Say of changes that stand no more what became of them; whether there were any."""
        page = self._shelf.find(record.id)
        has_ended = False
        for line in page.journal.standing if page is not None else ():
            end = _end_of(line, items.get(key_of(line.entry)))
            if end is not DriftEnd.OPEN and page is not None:
                page.journal.end(line, end, stamp())
                has_ended = True
        return has_ended


def _differs(item: Item) -> bool:
    return (
        item.desired is not None and item.outcome is not None and item.outcome.status is SyncCode.OUT_OF_SYNC
    )


def _entry(key: ResourceKey, *, at: str, seen: str, late: bool = False) -> DriftEntry:
    return DriftEntry(
        group=key.group,
        kind=key.kind,
        namespace=key.namespace,
        name=key.name,
        at=at,
        seen=seen,
        late=late,
    )


def _told(key: ResourceKey, told: Explanation, *, seen: str, late: bool = False) -> DriftEntry:
    return msgspec.structs.replace(
        _entry(key, at=told.since or seen, seen=seen, late=late),
        field=told.path,
        old=told.desired,
        new=told.live,
        manager=told.manager,
        operation=told.operation,
        subresource=told.subresource,
    )


def _line(item: Item, entry: DriftEntry) -> KeptLine:
    return KeptLine(entry=entry, wanted=_digest(item))


def _change_line(item: Item, one: Change, seen: str) -> KeptLine:
    entry = _told(item.key, one.told, seen=seen)
    return KeptLine(entry=entry, place=steps_of(one.place), wanted=_digest(item))


def _digest(item: Item) -> str:
    return item.desired.digest if item.desired is not None else ""


def _end_of(line: KeptLine, item: Item | None) -> DriftEnd:
    """What became of a change; OPEN while the object is not as Git says, or nobody knows."""
    if item is None or item.desired is None:
        return DriftEnd.GONE if line.entry.field else DriftEnd.ACCEPTED
    is_synced = item.outcome is not None and item.outcome.status is SyncCode.SYNCED
    if not is_synced or item.live is None or not item.live.is_whole:
        return DriftEnd.OPEN
    if not line.entry.field:
        return DriftEnd.HEALED
    if not line.place or item.key.group_kind == SECRET:
        return DriftEnd.HEALED if line.wanted == item.desired.digest else DriftEnd.ACCEPTED
    live, place = item.live.decoded(), place_of(line.place)
    value = reach(live, place)
    if _text(value) == line.entry.new:
        return DriftEnd.ACCEPTED
    return DriftEnd.HEALED if is_ours(live, place) or value is MISSING else DriftEnd.REVERTED


def _text(value: object) -> str:
    return "" if value is MISSING else shortened(msgspec.json.encode(value).decode())
