"""One played cluster: what it was made with, what was written since, and who watches.

Invariant: resourceVersions only grow, each write has one, and a watch from a version that is remembered is
told of every write since.
"""

import bisect
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from tests.fakes.clusters.kinds import Kind
from tests.fakes.clusters.population import Name, Population

REMEMBERED = 20_000
"""Writes that a watch, or a list's later page, may go back."""
Listener = Callable[["Change"], None]


class ExpiredError(Exception):
    """A version is older than what is remembered."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """One write: what was there before and after, as bytes; None where nothing was. `told` is what a watch is
    told: what there is now, or was last."""

    version: int
    kind: Kind
    name: Name
    before: bytes | None
    after: bytes | None
    told: bytes

    @property
    def type(self) -> str:
        """As a watch says it."""
        if self.after is None:
            return "DELETED"
        return "ADDED" if self.before is None else "MODIFIED"


class Item(NamedTuple):
    """One object of a list: bytes for one that was written, else its number."""

    name: Name
    raw: bytes | None
    number: int


class Store:
    """The objects of one cluster."""

    def __init__(self, number: int, population: Population) -> None:
        self.number = number
        self.population = population
        self.version = population.version
        self._written: dict[Kind, dict[Name, bytes | None]] = {}
        self._names: dict[Kind, list[Name]] = {}
        self._past: deque[Change] = deque(maxlen=REMEMBERED)
        self._forgotten = population.version
        self._listeners: dict[Kind, list[Listener]] = {}

    def get(self, kind: Kind, name: Name) -> bytes | None:
        """An object as it is now."""
        written = self._written.get(kind)
        if written is not None and name in written:
            return written[name]
        number = self.population.number(kind, name)
        return None if number is None else typed(kind, self.population.made(self.number, kind, number))

    def put(self, kind: Kind, name: Name, value: dict[str, Any]) -> bytes:
        """Write an object; the bytes, with its new version."""
        self.version += 1
        value["metadata"]["resourceVersion"] = str(self.version)
        raw = encoded(kind, value)
        self._write(kind, name, raw)
        return raw

    def drop(self, kind: Kind, name: Name) -> bytes:
        """Take an object out; its last bytes, with the version of its end. Raises KeyError."""
        before = self.get(kind, name)
        if before is None:
            raise KeyError(name)
        self.version += 1
        value = msgspec.json.decode(before)
        value["metadata"]["resourceVersion"] = str(self.version)
        last = encoded(kind, value)
        self._write(kind, name, None, last)
        return last

    def items(self, kind: Kind, namespace: str, *, after: Name | None = None, at: int = 0) -> Iterator[Item]:
        """The objects behind one, in order, as they were at a version. Raises ExpiredError."""
        then = self._as_it_was(kind, at) if at and at < self.version else {}
        written = {**self._written.get(kind, {}), **then}
        names = sorted({*self._names.get(kind, ()), *then})
        population = self.population
        numbers = iter(population.between(kind, namespace))
        place = 0
        if after is not None:
            place = bisect.bisect_right(names, after)
            numbers = iter(range(*self._behind(kind, namespace, after)))
        number = next(numbers, None)
        while number is not None or place < len(names):
            name = population.name(kind, number) if number is not None else None
            if place < len(names) and (name is None or names[place] <= name):
                found = names[place]
                place += 1
                if found == name:
                    number = next(numbers, None)
                raw = written[found]
                if raw is not None and namespace in ("", found[0]):
                    yield Item(found, raw, -1)
            elif number is not None and name is not None:
                yield Item(name, None, number)
                number = next(numbers, None)

    def _behind(self, kind: Kind, namespace: str, after: Name) -> tuple[int, int]:
        numbers = self.population.between(kind, namespace)
        found = bisect.bisect_right(numbers, after, key=lambda number: self.population.name(kind, number))
        return numbers.start + found, numbers.stop

    def _as_it_was(self, kind: Kind, at: int) -> dict[Name, bytes | None]:
        then: dict[Name, bytes | None] = {}
        for change in self.since(at):
            if change.kind is kind:
                then.setdefault(change.name, change.before)
        return then

    def since(self, version: int) -> list[Change]:
        """What was written after a version. Raises ExpiredError."""
        if version < self._forgotten:
            raise ExpiredError
        found: list[Change] = []
        for change in reversed(self._past):
            if change.version <= version:
                break
            found.append(change)
        found.reverse()
        return found

    def forget(self) -> None:
        """As after a compaction: no watch and no later page may begin before now."""
        self._past.clear()
        self._forgotten = self.version

    def listen(self, kind: Kind, listener: Listener) -> Callable[[], None]:
        """Be told of every write to a kind; the answer ends that."""
        listeners = self._listeners.setdefault(kind, [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    def children(self, kind: Kind, name: Name) -> Iterator[tuple[Kind, Name]]:
        """What an object owns."""
        number = self.population.number(kind, name)
        for below, place in self.population.children(kind, number) if number is not None else ():
            yield below, self.population.name(below, place)
        raw = self.get(kind, name)
        if raw is None:
            return
        uid = msgspec.json.decode(raw)["metadata"]["uid"]
        for below, written in self._written.items():
            for other, found in written.items():
                if found is not None and uid.encode() in found and _is_owned(found, uid):
                    yield below, other

    def _write(self, kind: Kind, name: Name, raw: bytes | None, last: bytes = b"") -> None:
        before = self.get(kind, name)
        written = self._written.setdefault(kind, {})
        if name not in written:
            bisect.insort(self._names.setdefault(kind, []), name)
        written[name] = raw
        if raw is None and self.population.number(kind, name) is None:
            del written[name]
            self._names[kind].remove(name)
        if len(self._past) == REMEMBERED:
            self._forgotten = self._past[0].version
        change = Change(self.version, kind, name, before, raw, raw or last)
        self._past.append(change)
        for listener in list(self._listeners.get(kind, ())):
            listener(change)


def typed(kind: Kind, made: bytes) -> bytes:
    """An object that says what it is."""
    return b'{"kind":"%b","apiVersion":"%b",%b' % (kind.name.encode(), kind.api_version.encode(), made[1:])


def untyped(kind: Kind, raw: bytes) -> bytes:
    """An object as lists of built-in kinds have it."""
    return b"{" + raw[len(typed(kind, b"{")) :]


def encoded(kind: Kind, value: dict[str, Any]) -> bytes:
    """An object as it is kept."""
    body = {key: item for key, item in value.items() if key not in ("kind", "apiVersion")}
    return typed(kind, msgspec.json.encode(body))


def _is_owned(raw: bytes, uid: str) -> bool:
    owners = msgspec.json.decode(raw)["metadata"].get("ownerReferences") or ()
    return any(owner.get("uid") == uid for owner in owners)
