"""The record of one application: which changes are kept, how they end, and when they are forgotten.

Invariant: at most MAX_LINES, MAX_BYTES and MAX_DAYS are kept; what still stands is the last to be forgotten,
and of one field at most one change stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from fairlead.events.envelope import decode, encode
from fairlead.manifest.identity import ResourceKey
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.model.times import stamp
from fairlead.rpc.drift import KeptJournal, KeptLine

MAX_LINES = 100
MAX_BYTES = 32 * 1024
MAX_DAYS = 30
MAX_VALUE = 256
"""Characters of a value that are kept."""
MAX_FIELD = 1024
"""Characters of the path of a field; of a longer one a beginning is kept, and what tells it from others."""


class Journal:
    """The changes of one application, the oldest first; `uid` tells it from others that had its name."""

    def __init__(self, lines: Iterable[KeptLine] = (), uid: str = "") -> None:
        self._lines = list(lines)
        self.uid = uid

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def entries(self) -> tuple[DriftEntry, ...]:
        """All changes."""
        return tuple(line.entry for line in self._lines)

    @property
    def standing(self) -> tuple[KeptLine, ...]:
        """Those that still are as they were made."""
        return tuple(line for line in self._lines if not line.entry.end)

    def standing_of(self, key: ResourceKey) -> tuple[KeptLine, ...]:
        """Those of one object."""
        return tuple(line for line in self.standing if key_of(line.entry) == key)

    def add(self, line: KeptLine) -> DriftEntry:
        """Take a change in; one that was there before counts once more."""
        place = line.place if len(line.entry.field) <= MAX_FIELD else ()
        line = msgspec.structs.replace(line, entry=_cut(line.entry), place=place)
        entry = line.entry
        for known in self.standing_of(key_of(entry)):
            if known.entry.field == entry.field or not entry.field:
                self.end(known, DriftEnd.OVERWRITTEN, entry.at)
        same = next((known for known in self._lines if _is_same(known.entry, entry)), None)
        if same is not None:
            self._lines.remove(same)
            entry = msgspec.structs.replace(
                entry,
                at=same.entry.at,
                seen=same.entry.seen,
                count=same.entry.count + 1,
                last=entry.at,
            )
            line = msgspec.structs.replace(line, entry=entry)
        self._lines.append(line)
        self._forget()
        return entry

    def end(self, line: KeptLine, end: DriftEnd, ended: str) -> None:
        """Say what became of a change."""
        at = next((place for place, known in enumerate(self._lines) if known is line), None)
        if at is not None:
            entry = msgspec.structs.replace(line.entry, end=end, ended=ended)
            self._lines[at] = msgspec.structs.replace(line, entry=entry)

    def behind(self, stored: Journal) -> Journal:
        """Another one, with what this one knows after it."""
        merged = Journal(stored._lines, self.uid or stored.uid)
        for line in self._lines:
            merged.add(line)
            if line.entry.end:
                merged.end(merged._lines[-1], line.entry.end, line.entry.ended)
        return merged

    def packed(self) -> bytes:
        """As it is kept, within its bounds."""
        self._forget()
        found = encode(KeptJournal(uid=self.uid, lines=tuple(self._lines)))
        while len(found) > MAX_BYTES:
            for _ in range(max(1, len(self._lines) // 8)):
                self._forget_one()
            found = encode(KeptJournal(uid=self.uid, lines=tuple(self._lines)))
        return found

    @classmethod
    def unpacked(cls, data: bytes) -> Journal:
        """What was kept. Raises SchemaError."""
        found = decode(KeptJournal, data)
        return cls(found.lines, found.uid)

    def of(self, uid: str, created: str) -> Journal:
        """What of it is that application's which has the name now, by its uid and since when it is there; ""
        where that is not known. What was kept before journals said whose they are is told by its time."""
        if not uid or self.uid == uid:
            return self
        known = () if self.uid else (line for line in self._lines if line.entry.seen >= created)
        return Journal(known, uid)

    def _forget(self) -> None:
        oldest = stamp(datetime.now(UTC) - timedelta(days=MAX_DAYS))
        self._lines = [
            line
            for line in self._lines
            if not line.entry.end or (line.entry.ended or line.entry.at) >= oldest
        ]
        while len(self._lines) > MAX_LINES:
            self._forget_one()

    def _forget_one(self) -> None:
        self._lines.remove(next((line for line in self._lines if line.entry.end), self._lines[0]))


def key_of(entry: DriftEntry) -> ResourceKey:
    """The object of a change."""
    return ResourceKey(entry.group, entry.kind, entry.namespace, entry.name)


def shortened(text: str) -> str:
    """A value as it is kept."""
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def named(field: str) -> str:
    """The path of a field as it is kept."""
    if len(field) <= MAX_FIELD:
        return field
    told = hashlib.blake2b(field.encode(errors="replace"), digest_size=8).hexdigest()
    return f"{field[: MAX_FIELD - len(told) - 1]}…{told}"


def _cut(entry: DriftEntry) -> DriftEntry:
    return msgspec.structs.replace(
        entry, field=named(entry.field), old=shortened(entry.old), new=shortened(entry.new)
    )


def _is_same(one: DriftEntry, other: DriftEntry) -> bool:
    return _what(one) == _what(other)


def _what(entry: DriftEntry) -> tuple[object, ...]:
    return (*key_of(entry), entry.field, entry.old, entry.new, entry.manager, entry.operation)
