"""The objects of all applications by what they are searched for, as the applications' statuses name them.

It is made when somebody first asks, kept up to date application by application, and dropped when nobody asked
for a while: most installations never pay for it. Each object has one bit, as in `index.py`; what there are
few values of is a set, the rest is read object by object.
The invariant: while it is kept, it is what the mirror is, but for applications beyond MAX_OBJECTS.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.mirror import Change, Mirror
from fairlead.health.assess import has_rule

MAX_OBJECTS = 200_000
"""Objects that are indexed, half a kilobyte each; applications beyond are left out, and that is said."""
UNUSED = 600.0
"""Seconds after which an index that nobody asked is dropped."""
TOGETHER = 100
"""Applications that are taken in one go when it is made, in some milliseconds."""
HEALTHY = "Healthy"


class Found(NamedTuple):
    """One object of an application. `health` is "" for what has none, or of which it is not known yet."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    sync: str
    health: str
    wave: int
    application: str
    """As `namespace/name`."""
    document: ApplicationDocument

    @property
    def full_kind(self) -> str:
        """The kind as facets name it."""
        return f"{self.group}/{self.kind}" if self.group else self.kind


class _Health(msgspec.Struct, frozen=True):
    status: str = ""


class _Resource(msgspec.Struct, frozen=True):
    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: str = ""
    health: _Health | None = None
    sync_wave: int = msgspec.field(name="syncWave", default=0)


class _Status(msgspec.Struct, frozen=True):
    resources: list[_Resource] | None = None


class _Application(msgspec.Struct, frozen=True):
    status: _Status = _Status()


_APPLICATION = msgspec.json.Decoder(_Application)

Key = tuple[str, str, str, str]
"""Group, kind, namespace and name of an object."""
Values = Callable[[Found], str]
SETS: Mapping[str, Values] = {
    "kind": lambda one: one.full_kind,
    "sync": lambda one: one.sync,
    "health": lambda one: one.health,
    "project": lambda one: one.document.project,
    "cluster": lambda one: one.document.destination,
}


class ResourceIndex:
    """The index. `version` rises with each change; `is_cut` once there was no room for some."""

    def __init__(self, mirror: Mirror[ApplicationDocument]) -> None:
        self._mirror = mirror
        self._making = asyncio.Lock()
        self._asked = 0.0
        self.version = 0
        self._clear()

    def _clear(self) -> None:
        self.is_kept = False
        self.is_cut = False
        self.all = 0
        self.objects: list[Found | None] = []
        self.texts: list[str] = []
        self._free: list[int] = []
        self._of: dict[str, list[int]] = {}
        self._sets: dict[str, dict[str, int]] = {name: {} for name in SETS}
        self._namespaces: dict[str, set[int]] = {}
        self._health: dict[str, tuple[ApplicationDocument, dict[Key, str]]] = {}
        self.unjudged: dict[str, ApplicationDocument] = {}

    async def ready(self) -> None:
        """Return once it is there."""
        self._asked = time.monotonic()
        async with self._making:
            if self.is_kept:
                return
            self._clear()
            self.is_kept = True
            for number, key in enumerate([one.key for one in self._mirror.unsorted()]):
                document = self._mirror.get(key)
                if document is not None and key not in self._of:
                    self._put(document)
                if number % TOGETHER == TOGETHER - 1:
                    await asyncio.sleep(0)

    def take(self, change: Change[ApplicationDocument]) -> None:
        """One change of the mirror."""
        if not self.is_kept:
            return
        if time.monotonic() - self._asked > UNUSED and not self._making.locked():
            self._clear()
            return
        document = change.value
        if change.type == "DELETED":
            self._drop(document.key)
            self._health.pop(document.key, None)
            self.unjudged.pop(document.key, None)
        else:
            self._put(document)
        self.version += 1

    def judged(self, document: ApplicationDocument, health: Mapping[Key, str]) -> None:
        """What the controller says of the objects of a version of an application."""
        if not self.is_kept or self.unjudged.get(document.key) is not document:
            return
        del self.unjudged[document.key]
        self._health[document.key] = (document, dict(health))
        self._put(document)
        self.version += 1

    def of(self, facet: str, values: Iterable[str]) -> int:
        """The set of those that have one of the values."""
        known, found = self._sets[facet], 0
        for value in values:
            found |= known.get(value, 0)
        return found

    def values(self, facet: str) -> Mapping[str, int]:
        """The set of each value. Not to be changed."""
        return self._sets[facet]

    def of_applications(self, keys: Iterable[str]) -> int:
        """The set of the objects of applications."""
        return _set_of(bit for key in keys for bit in self._of.get(key, ()))

    def in_namespaces(self, namespaces: Iterable[str]) -> int:
        """The set of those in namespaces."""
        return _set_of(bit for one in namespaces for bit in self._namespaces.get(one, ()))

    def saying(self, word: str) -> int:
        """The set of those in whose text a word is."""
        return int("".join(["1" if word in text else "0" for text in reversed(self.texts)]) or "0", 2)

    def chosen(self, among: int) -> list[Found]:
        """The objects of a set, in no order."""
        has = f"{among:b}"[::-1].encode().translate(_DIGITS)
        return [one for one in compress(self.objects, has) if one is not None]

    def _put(self, document: ApplicationDocument) -> None:
        found = self._read(document)
        had = self._of.get(document.key, [])
        if [_shape(self.objects[bit]) for bit in had] == [_shape(one) for one in found]:
            for bit, one in zip(had, found, strict=True):
                self._replace(bit, one)
            return
        self._drop(document.key)
        if self.all.bit_count() + len(found) > MAX_OBJECTS:
            self.is_cut = True
            return
        self._of[document.key] = [self._add(one) for one in found]

    def _read(self, document: ApplicationDocument) -> list[Found]:
        resources = _APPLICATION.decode(document.json).status.resources or []
        known = self._health.get(document.key)
        if document.health != HEALTHY and resources and (known is None or known[0] is not document):
            self.unjudged[document.key] = document
        elif document.health == HEALTHY:
            self.unjudged.pop(document.key, None)
            self._health.pop(document.key, None)
            known = None
        judged = known[1] if known is not None else {}
        application = f"{document.namespace}/{document.name}"
        return [
            Found(
                _once(one.group),
                _once(one.version),
                _once(one.kind),
                _once(one.namespace),
                one.name,
                _once(one.status),
                _once(_health_of(one, document, judged)),
                one.sync_wave,
                application,
                document,
            )
            for one in resources
        ]

    def _add(self, one: Found) -> int:
        if self._free:
            bit = self._free.pop()
            self.objects[bit], self.texts[bit] = one, _text(one)
        else:
            bit = len(self.objects)
            self.objects.append(one)
            self.texts.append(_text(one))
        self.all |= 1 << bit
        self._namespaces.setdefault(one.namespace, set()).add(bit)
        for facet, value_of in SETS.items():
            self._flip(facet, value_of(one), bit)
        return bit

    def _replace(self, bit: int, one: Found) -> None:
        former = self.objects[bit]
        self.objects[bit] = one
        for facet, value_of in SETS.items():
            before = value_of(former) if former is not None else ""
            now = value_of(one)
            if before != now:
                self._flip(facet, before, bit)
                self._flip(facet, now, bit)

    def _drop(self, key: str) -> None:
        for bit in self._of.pop(key, []):
            one = self.objects[bit]
            if one is None:
                continue
            self._leave(one.namespace, bit)
            for facet, value_of in SETS.items():
                self._flip(facet, value_of(one), bit)
            self.objects[bit], self.texts[bit] = None, ""
            self.all ^= 1 << bit
            self._free.append(bit)

    def _leave(self, namespace: str, bit: int) -> None:
        members = self._namespaces[namespace]
        members.discard(bit)
        if not members:
            del self._namespaces[namespace]

    def _flip(self, facet: str, value: str, bit: int) -> None:
        known = self._sets[facet]
        found = known[value] = known.get(value, 0) ^ (1 << bit)
        if not found:
            del known[value]


@lru_cache(maxsize=16384)
def _once(text: str) -> str:
    """A text that many objects say, held once."""
    return text


_DIGITS = bytes.maketrans(b"01", b"\x00\x01")


def _health_of(one: _Resource, document: ApplicationDocument, judged: Mapping[Key, str]) -> str:
    """What the status says, or the controller; of a healthy application every object that has any is."""
    if one.health is not None:
        return one.health.status
    if document.health == HEALTHY:
        return HEALTHY if has_rule(one.group, one.kind) else ""
    return judged.get((one.group, one.kind, one.namespace, one.name), "")


def _shape(one: Found | None) -> object:
    return (one.group, one.kind, one.namespace, one.name) if one is not None else None


def _text(one: Found) -> str:
    return f"{one.name}\n{one.kind}\n{one.namespace}\n{one.document.name}".lower()


def _set_of(found: Iterable[int]) -> int:
    digits = bytearray()
    for bit in found:
        if bit >= len(digits) * 8:
            digits.extend(bytes(max(64, bit // 8 + 1 - len(digits))))
        digits[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(digits, "little")
