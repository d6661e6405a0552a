"""Objects that several applications want: who holds one keeps it, and all of them say so.

Why: two applications that each put their mark on one object would apply it in turns for ever. A holder that
wants an object no longer lets it go: it is not pruned, nor deleted with its application, while another one
wants it, and that one takes it with its next sync. Invariant: who holds an object is what its mark says, and
whether the holder wants it what the holder's own comparison says; while that is not known, it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

import msgspec

from fairlead.app_controller.book import Book, Record, now
from fairlead.app_controller.comparing.item import Comparison, Item, Remark
from fairlead.diff.result import Outcome, overall
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId, Destination
from fairlead.model.status import ConditionType, ResourceStatus, SyncCode

MAX_TOLD: Final = 10
"""Objects named in the warnings of one application."""
GATHERED_HOLDS: Final = 0.25
"""Seconds for which it is not gathered anew what applications had of which nothing is known yet."""


class Sharing:
    """What is to be known of shared objects, for one look; `wake` has another application looked at, and
    `server_of` finds the address of a destination, "" for none."""

    def __init__(
        self, book: Book, wake: Callable[[AppId], None], server_of: Callable[[Destination], str]
    ) -> None:
        self._book = book
        self._wake = wake
        self._server_of = server_of
        self._let_go: dict[AppId, frozenset[ResourceKey]] = {}
        self._gathered: tuple[float, str, dict[str, list[tuple[Record, ResourceStatus]]]] = (0.0, "", {})

    def holder(self, record: Record, item: Item) -> str:
        """The other application that holds an object and wants it; "" when there is none."""
        other = self._marked(record, item)
        return other.id.qualified if other is not None and _keeps(other, item.key) else ""

    def _marked(self, record: Record, item: Item) -> Record | None:
        """The other application whose mark an object carries that this one wants."""
        if not item.other_owner or not item.is_wanted:
            return None
        other = self._book.by_instance(item.other_owner)
        if other is None or other is record or other.server not in ("", record.server):
            return None
        return other

    def claimants(self, record: Record, key: ResourceKey) -> tuple[str, ...]:
        """The applications that want an object that this one holds, or did when they were looked at last."""
        return (*self._names(record, key), *self._before(record, key))

    def _place_of(self, record: Record) -> str:
        return record.server or self._server_of(record.app.spec.destination)

    def note(self, record: Record, comparison: Comparison) -> None:
        """What a comparison found: whoever is concerned by it is looked at."""
        contested = self._book.contested
        claims = {}
        if any(remark.type == ConditionType.SHARED_RESOURCE_WARNING for remark in comparison.remarks):
            for item in comparison.items:
                if (other := self._marked(record, item)) is not None:
                    claims[item.key] = other.id
        if claims or contested.claims_of(record.id):
            for concerned in contested.note(record.id, claims):
                self._wake(concerned)
                self._wake(record.id)
        self._let_go_of(record, contested.claimed_from(record.id))

    def _let_go_of(self, record: Record, claimed: Mapping[ResourceKey, set[AppId]]) -> None:
        """Who claims what an application no longer wants is looked at, once."""
        let_go = frozenset(key for key in claimed if not _wants(record, key))
        before = self._let_go.pop(record.id, frozenset())
        for claimant in {claimant for key in let_go - before for claimant in claimed[key]}:
            self._wake(claimant)
        if let_go:
            claimed_from = self._book.contested.claimed_from
            kept = {holder: keys for holder, keys in self._let_go.items() if claimed_from(holder)}
            self._let_go = {**kept, record.id: let_go}

    def own(self, record: Record, comparison: Comparison) -> Comparison:
        """The comparison that a sync is decided by: what others hold, or wait for, is no reason for one."""
        held = self._held(record)
        wanted = self._book.contested.claimed_from(record.id)
        if not held and not wanted:
            return comparison
        items = tuple(
            _at_rest(item) if item.key in held or (item.requires_pruning and item.key in wanted) else item
            for item in comparison.items
        )
        code = comparison.code
        if code is SyncCode.OUT_OF_SYNC:
            code = overall([item.outcome for item in items if item.outcome is not None])
        return msgspec.structs.replace(comparison, items=items, code=code)

    def remarks(self, record: Record) -> tuple[Remark, ...]:
        """The warnings of an application that others want something of, or that wants something of others."""
        found: list[str] = []
        for key, holder in self._held(record).items():
            found.append(
                f"{key.kind}/{key.name} is left to application {holder.qualified}, which holds it and has it "
                "in its manifests too; it is applied here once that one lets it go"
            )
        for key in filter(partial(_keeps, record), self._book.contested.claimed_from(record.id)):
            found += [
                f"{key.kind}/{key.name} is part of applications {record.id.qualified} and {name}"
                for name in self._names(record, key)
            ]
        return tuple(Remark(ConditionType.SHARED_RESOURCE_WARNING, text) for text in sorted(found)[:MAX_TOLD])

    def _held(self, record: Record) -> dict[ResourceKey, AppId]:
        """What an application claims whose holder keeps it, and who that is."""
        return {
            key: holder
            for key, holder in self._book.contested.claims_of(record.id).items()
            if (other := self._book.get(holder)) is not None and _keeps(other, key)
        }

    def _names(self, record: Record, key: ResourceKey) -> Iterator[str]:
        for claimant in sorted(self._book.contested.claimed_from(record.id).get(key, ())):
            other = self._book.get(claimant)
            if other is not None and not other.app.is_deleting:
                yield claimant.qualified

    def _before(self, record: Record, key: ResourceKey) -> Iterator[str]:
        """Those that had it in Git by their status, and of which it is not known yet what they want."""
        for other, item in self._unseen(self._place_of(record)).get(key.name, ()):
            if other is not record and _is_unseen(other) and _is_wanted(item, key):
                yield other.id.qualified

    def _unseen(self, server: str) -> dict[str, list[tuple[Record, ResourceStatus]]]:
        """What those had of which nothing is known yet, by name; gathered for many questions at once."""
        moment, of, found = self._gathered
        if of != server or now() - moment > GATHERED_HOLDS:
            found = {}
            for other in filter(_is_unseen, self._book.at("", server)):
                is_there = self._place_of(other) == server
                for item in other.app.status.resources if is_there else ():
                    found.setdefault(item.name, []).append((other, item))
            self._gathered = (now(), server, found)
        return found


def _keeps(holder: Record, key: ResourceKey) -> bool:
    """Whether who holds an object goes on with it; else it is let go, and stays for who claims it."""
    return not holder.app.is_deleting and _wants(holder, key)


def _wants(record: Record, key: ResourceKey) -> bool:
    """Whether an application wants an object; one of which it is not known what it wants may."""
    if not _is_known(record):
        return True
    line = record.ledger.line(key)
    return line.item.is_wanted if line is not None else record.ledger.is_blank


def _is_known(record: Record) -> bool:
    """Whether it is known what an application wants."""
    return record.desired is not None and not record.desired.problem


def _is_unseen(record: Record) -> bool:
    return (record.ledger.is_blank or not _is_known(record)) and not record.app.is_deleting


def _is_wanted(item: ResourceStatus, key: ResourceKey) -> bool:
    """Whether this is the line of an object, and says that a render has it."""
    if item.name != key.name or item.hook or item.requires_pruning:
        return False
    return (item.group, item.kind, item.namespace) == (key.group, key.kind, key.namespace)


def _at_rest(item: Item) -> Item:
    return msgspec.structs.replace(item, outcome=Outcome(key=item.key, status=SyncCode.SYNCED))
