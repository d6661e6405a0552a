"""What the objects of an application come to, kept up to date object by object.

Invariant: after any sequence of changes it says what it would say of the objects that are left, added anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

from fairlead.app_controller.comparing.item import Item, Shown, is_shown, resource_status
from fairlead.health import Code
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.model.status import ResourceStatus, SyncCode

K = TypeVar("K", bound=Hashable)


class Totals:
    """Counts, and what a status lists. `expected` objects take part, `found` of them are there."""

    def __init__(self) -> None:
        self.expected = 0
        self.found = 0
        self._codes: dict[SyncCode, int] = {}
        self._kinds: dict[GroupKind, int] = {}
        self._images: dict[str, int] = {}
        self._urls: dict[str, int] = {}
        self._rows: dict[ResourceKey, ResourceStatus] = {}
        self._order: list[ResourceKey] | None = []
        self._resources: tuple[ResourceStatus, ...] | None = ()
        self._shown: Shown | None = None

    def replace(self, old: Item | None, new: Item | None) -> None:
        """An object is another than before; None where there is none."""
        if new is not None:  # the new one first, so that what both have neither comes nor goes
            self._count(new, 1)
        if old is not None:
            self._count(old, -1)
        self._list(old, new)

    def copy(self) -> Totals:
        """Another one of the same objects."""
        other = Totals()
        other.expected, other.found = self.expected, self.found
        other._codes, other._kinds = dict(self._codes), dict(self._kinds)
        other._images, other._urls = dict(self._images), dict(self._urls)
        other._rows, other._order = dict(self._rows), self._order
        other._resources, other._shown = self._resources, self._shown
        return other

    @property
    def code(self) -> SyncCode:
        """The sync status: unknown beats out of sync beats synced."""
        for code in (SyncCode.UNKNOWN, SyncCode.OUT_OF_SYNC):
            if code in self._codes:
                return code
        return SyncCode.SYNCED

    def shown(self) -> Shown:
        """What the status says; the very same value while that is the same."""
        if self._shown is None:
            self._shown = Shown(
                self._listed(),
                tuple(sorted(self._images)),
                tuple(sorted(self._urls)),
                frozenset(self._kinds),
            )
        return self._shown

    def _count(self, item: Item, by: int) -> None:
        if item.outcome is not None and item.outcome.counts:
            _add(self._codes, item.outcome.status, by)
        if item.takes_part:
            self.expected += by
            self.found += by if item.live is not None else 0
        if _is_more(self._kinds, (item.key.group_kind,), by):
            self._shown = None
        if _is_more(self._images, item.images, by) | _is_more(self._urls, item.urls, by):
            self._shown = None

    def _list(self, old: Item | None, new: Item | None) -> None:
        row = resource_status(new) if new is not None and is_shown(new) else None
        key = (new or old).key  # type: ignore[union-attr]  # one of them is there
        before = self._rows.get(key)
        if row == before:
            return
        self._shown = self._resources = None
        if row is None:
            del self._rows[key]
        else:
            self._rows[key] = row
        if row is None or before is None:
            self._order = None

    def _listed(self) -> tuple[ResourceStatus, ...]:
        if self._order is None:
            self._order = sorted(self._rows, key=str)
        if self._resources is None:
            self._resources = tuple(map(self._rows.__getitem__, self._order))
        return self._resources


def is_odd(item: Item) -> bool:
    """Whether there is more to be said of an object than the totals do."""
    return bool(
        item.problem
        or item.health_problem
        or item.other_owner
        or item.copied
        or item.in_doubt
        or (item.live is not None and item.health is not None and item.health.status is not Code.HEALTHY)
    )


def _add(counts: dict[K, int], what: K, by: int) -> bool:
    """Whether it came or went."""
    before = counts.get(what, 0)
    if before + by:
        counts[what] = before + by
    else:
        counts.pop(what, None)
    return not before or not before + by


def _is_more(counts: dict[K, int], what: Iterable[K], by: int) -> bool:
    """Count them all; whether anything came or went."""
    moved = [_add(counts, one, by) for one in what]
    return any(moved)
