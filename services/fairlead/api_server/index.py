"""All applications by what they are searched for: for each value the set of those that have it.

A set is an integer with one bit for each application, so that sets are intersected and counted in a
microsecond however many applications there are, and a change of one costs what changed of it.
The invariant: the index is what the mirror is, after each change and before anybody hears of it.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.facets import ORDERS, SETS, text_of
from fairlead.api_server.mirror import Change

REMEMBERED = 4096
"""Changes of which is known what changed."""

Entry = tuple[str | int, str, int]
"""What an application is ordered by, its key, and its bit."""


class ApplicationIndex:
    """The sets. `version` rises with each change, `members` when one comes, goes, or changes its project."""

    def __init__(self) -> None:
        self.version = 0
        self.members = 0
        self.all = 0
        self._bits: dict[str, int] = {}
        self._documents: list[ApplicationDocument | None] = []
        self._texts: list[str] = []
        self._free: list[int] = []
        self._sets: dict[str, dict[str, int]] = {facet: {} for facet in SETS}
        self._totals: dict[str, dict[str, int]] = {facet: {} for facet in SETS}
        self._by_total: dict[str, dict[int, dict[str, None]]] = {facet: {} for facet in SETS}
        self._orders: dict[str, list[Entry]] = {order: [] for order in ORDERS}
        self._changes: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def take(self, change: Change[ApplicationDocument]) -> None:
        """One change of the mirror."""
        document = change.value
        bit = self._bits.get(document.key)
        former = self._documents[bit] if bit is not None else None
        if change.type == "DELETED":
            if bit is not None and former is not None:
                self._remove(bit, former)
        elif bit is None or former is None:
            bit = self._add(document)
        else:
            self._replace(bit, former, document)
        if bit is not None:
            self.version += 1
            self._changes.append((self.version, bit))

    def values(self, facet: str) -> dict[str, int]:
        """The set of each value of a facet. Not to be changed."""
        return self._sets[facet]

    def frequent(self, facet: str) -> Iterator[tuple[str, int]]:
        """The values of a facet and how many applications have each, from the most frequent on."""
        by_total = self._by_total[facet]
        for total in sorted(by_total, reverse=True):
            for value in by_total[total]:
                yield value, total

    def of(self, facet: str, values: Iterable[str]) -> int:
        """The set of those that have one of the values."""
        known, found = self._sets[facet], 0
        for value in values:
            found |= known.get(value, 0)
        return found

    def saying(self, words: Iterable[str]) -> int:
        """The set of those in whose text all the words are, in lower case."""
        found = self.all
        for word in dict.fromkeys(words):
            if not found:
                break
            found &= _set(word in text for text in self._texts)
        return found

    def keyed(self, keys: Iterable[str]) -> int:
        """The set of those that are named, each as `namespace/name`."""
        found = 0
        for key in keys:
            namespace, _, name = key.rpartition("/")
            for known in (name, key):
                bit = self._bits.get(known)
                document = self._documents[bit] if bit is not None else None
                if bit is not None and document is not None and document.namespace == namespace:
                    found |= 1 << bit
        return found

    def where(self, holds: Callable[[ApplicationDocument], bool], among: int) -> int:
        """The set of those of a set for which something holds, asked of each."""
        found = 0
        for bit in bits(among):
            document = self._documents[bit]
            if document is not None and holds(document):
                found |= 1 << bit
        return found

    def documents(self, among: int) -> Iterator[ApplicationDocument]:
        """Those of a set, in no order."""
        for bit in bits(among):
            document = self._documents[bit]
            if document is not None:
                yield document

    def page(
        self, order: str, among: int, *, offset: int, limit: int, is_down: bool = False
    ) -> list[ApplicationDocument]:
        """A part of a set, in an order or, `is_down`, in its reverse."""
        has = f"{among:b}"[::-1]
        size, entries = len(has), self._orders[order]
        found: list[ApplicationDocument] = []
        for _, _, bit in reversed(entries) if is_down else entries:
            if bit >= size or has[bit] == "0":
                continue
            if offset:
                offset -= 1
                continue
            if len(found) >= limit:
                break
            document = self._documents[bit]
            if document is not None:
                found.append(document)
        return found

    def changed_since(self, version: int) -> int | None:
        """The set of those that changed after a version; None when that is not known any more."""
        if self._changes and version + 1 < self._changes[0][0]:
            return None
        found = 0
        for at, bit in reversed(self._changes):
            if at <= version:
                break
            found |= 1 << bit
        return found

    def _add(self, document: ApplicationDocument) -> int:
        if self._free:
            bit = self._free.pop()
        else:
            bit = len(self._documents)
            self._documents.append(None)
            self._texts.append("")
        self._bits[document.key] = bit
        self._documents[bit], self._texts[bit] = document, text_of(document)
        self.all |= 1 << bit
        self.members += 1
        for facet, values_of in SETS.items():
            self._flip(facet, values_of(document), bit)
        for order, rank_of in ORDERS.items():
            insort(self._orders[order], (rank_of(document), document.key, bit))
        return bit

    def _remove(self, bit: int, document: ApplicationDocument) -> None:
        for facet, values_of in SETS.items():
            self._flip(facet, values_of(document), bit)
        for order, rank_of in ORDERS.items():
            self._take_out(order, (rank_of(document), document.key, bit))
        del self._bits[document.key]
        self._documents[bit], self._texts[bit] = None, ""
        self._free.append(bit)
        self.all ^= 1 << bit
        self.members += 1

    def _replace(self, bit: int, former: ApplicationDocument, document: ApplicationDocument) -> None:
        self._documents[bit], self._texts[bit] = document, text_of(document)
        if former.project != document.project:
            self.members += 1
        for facet, values_of in SETS.items():
            before, now = values_of(former), values_of(document)
            if before != now:
                self._flip(facet, set(before) ^ set(now), bit)
        for order, rank_of in ORDERS.items():
            was, rank = rank_of(former), rank_of(document)
            if was != rank:
                self._take_out(order, (was, document.key, bit))
                insort(self._orders[order], (rank, document.key, bit))

    def _flip(self, facet: str, values: Iterable[str], bit: int) -> None:
        """Whoever has a value has it not any more, and the other way round."""
        known = self._sets[facet]
        for value in values:
            before = known.get(value, 0)
            found = known[value] = before ^ (1 << bit)
            self._count(facet, value, 1 if found > before else -1)
            if not found:
                del known[value]

    def _count(self, facet: str, value: str, more: int) -> None:
        totals, by_total = self._totals[facet], self._by_total[facet]
        before = totals.pop(value, 0)
        if before:
            del by_total[before][value]
            if not by_total[before]:
                del by_total[before]
        now = before + more
        if now:
            totals[value] = now
            by_total.setdefault(now, {})[value] = None

    def _take_out(self, order: str, entry: Entry) -> None:
        entries = self._orders[order]
        at = bisect_left(entries, entry)
        if at < len(entries) and entries[at] == entry:
            del entries[at]


def bits(among: int) -> Iterator[int]:
    """The bits of a set, from the lowest."""
    has = f"{among:b}"[::-1]
    at = has.find("1")
    while at >= 0:
        yield at
        at = has.find("1", at + 1)


def _set(has: Iterable[bool]) -> int:
    """The set whose bits these are, from the lowest."""
    digits = "".join(["1" if one else "0" for one in has])
    return int(digits[::-1] or "0", 2)
