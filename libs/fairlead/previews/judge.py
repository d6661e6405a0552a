"""Two renders of one application, compared; and what its cluster says put beside each object.

Invariant: Secrets are masked here, equal values equally on both sides, so that a change of a value is seen
and the value is not. Work that grows with a manifest's size is bounded, and runs off the event loop.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import yaml

from fairlead.diff.mask import masked
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.identity import ResourceKey, key_of
from fairlead.manifest.stated import as_stated
from fairlead.previews.report import ADDED, CHANGED, REMOVED, ObjectChange
from fairlead.rpc.foreseen import Foreseen
from fairlead.sync.hooks import is_hook, is_skipped

MAX_OBJECTS: Final = 500
"""Objects of one application that are told and tried; of others only how many there are."""
MAX_LINES: Final = 4_000
"""Lines of an object, on either side, up to which a diff is made."""
MAX_CHANGED: Final = 600
"""Lines of one object's diff."""
MAX_BYTES: Final = 1 << 20
"""Bytes of an object up to which its text is made."""
MAX_STEPS: Final = 10_000_000
"""Comparisons of lines for all diffs of one application: lines that repeat in a certain way take millions."""
MAX_TEXT: Final = 16 << 20
"""Bytes of one application's objects of which text is made."""
CONTEXT: Final = 3

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Manifest = Mapping[str, Any]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One object that differs: its manifest on each side, which nobody is shown, and what may be shown."""

    before: Manifest | None
    after: Manifest | None
    shown: ObjectChange

    @property
    def is_tried(self) -> bool:
        """Whether a cluster can be asked about it: it has a name, and is applied, and as no hook."""
        one = self.after or self.before or {}
        try:
            is_named = bool(key_of(one).name)
        except IdentityError:
            return False
        return is_named and not is_hook(one) and not is_skipped(one)


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """All that differ, by key, as far as there is room; and how many are the same, and how many are left."""

    items: tuple[Difference, ...] = ()
    same: int = 0
    more: int = 0


def differences(
    before: Sequence[bytes], after: Sequence[bytes], *, hidden: Iterable[str] = ()
) -> Differences:
    """Two rendered sets, document by document; `hidden` names annotations that are masked too. Blocks: call
    it in a thread."""
    left, right, names = _by_key(before), _by_key(after), frozenset(hidden)
    items: list[Difference] = []
    room = Room()
    same = more = 0
    for key in sorted(left.keys() | right.keys(), key=str):
        one, other = left.get(key), right.get(key)
        if one == other:
            same += 1
        elif len(items) >= MAX_OBJECTS:
            more += 1
        else:
            items.append(_difference(key[0], one, other, names, room))
    return Differences(items=tuple(items), same=same, more=more)


def told(found: Differences, tried: Sequence[Difference], foreseen: Foreseen) -> tuple[ObjectChange, ...]:
    """The objects with what the cluster says of those that were `tried`, in that order."""
    verdicts = {id(difference): verdict for difference, verdict in zip(tried, foreseen.items, strict=False)}
    changes = []
    for each in found.items:
        verdict = verdicts.get(id(each))
        if verdict is None:
            changes.append(each.shown)
            continue
        changes.append(
            msgspec.structs.replace(
                each.shown,
                namespace=verdict.namespace,
                verdict=verdict.verdict,
                words=verdict.words,
                owner=verdict.owner,
            )
        )
    return tuple(changes)


def _by_key(documents: Sequence[bytes]) -> dict[tuple[ResourceKey, int], Manifest]:
    """Documents without a name of their own are told apart by their place."""
    found: dict[tuple[ResourceKey, int], Manifest] = {}
    for place, document in enumerate(documents):
        obj = as_stated(msgspec.json.decode(document, type=dict[str, Any]))
        try:
            key = key_of(obj)
        except IdentityError:
            key = ResourceKey("", str(obj.get("kind") or ""), "", "")
        found[key, 0 if key.name else place] = obj
    return found


class Room:
    """What may still be done for the diffs of one application."""

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.bytes = MAX_TEXT


class _TooManyStepsError(Exception):
    """Who compares gives up."""


class _Matcher(difflib.SequenceMatcher[str]):
    """Counts what it does, and gives up."""

    def __init__(self, left: list[str], right: list[str], room: Room) -> None:
        super().__init__(None, left, right)
        self._room = room
        places = {line: len(found) for line, found in self.b2j.items()}  # type: ignore[attr-defined]
        costs = (1 + places.get(line, 0) for line in left)
        self._costs = [0, *itertools.accumulate(costs)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        """As it is, within what may be done."""
        self._room.steps -= self._costs[len(self._costs) - 1 if ahi is None else ahi] - self._costs[alo]
        if self._room.steps < 0:
            raise _TooManyStepsError
        return super().find_longest_match(alo, ahi, blo, bhi)


def _difference(
    key: ResourceKey,
    before: Manifest | None,
    after: Manifest | None,
    hidden: frozenset[str],
    room: Room,
) -> Difference:
    what = CHANGED if before is not None and after is not None else ADDED if before is None else REMOVED
    sides = masked(before, after, annotations=hidden)
    shown = ObjectChange(**key._asdict(), what=what, diff=_diff(sides[0], sides[1], room))
    return Difference(before=before, after=after, shown=shown)


def _diff(before: Manifest | None, after: Manifest | None, room: Room) -> str:
    """A unified diff of the manifests as YAML; "" for what is too large."""
    left, right = _lines(before, room), _lines(after, room)
    if left is None or right is None:
        return ""
    return diff_of(left, right, room)


def diff_of(left: list[str], right: list[str], room: Room | None = None) -> str:
    """A unified diff without its head; "" when it is too large, or takes too much."""
    try:
        found = list(_unified(left, right, room or Room()))
    except _TooManyStepsError:
        return ""
    return "\n".join(found) if len(found) <= MAX_CHANGED else ""


def _unified(left: list[str], right: list[str], room: Room) -> Iterator[str]:
    """As `difflib.unified_diff`, without its head."""
    for group in _Matcher(left, right, room).get_grouped_opcodes(CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
        for tag, begin, end, there, until in group:
            if tag == "equal":
                yield from (f" {line}" for line in left[begin:end])
                continue
            yield from (f"-{line}" for line in left[begin:end])
            yield from (f"+{line}" for line in right[there:until])


def _range(begin: int, end: int) -> str:
    """Lines as a diff's head counts them."""
    length = end - begin
    if length == 1:
        return str(begin + 1)
    return f"{begin + 1 if length else begin},{length}"


def _lines(obj: Manifest | None, room: Room) -> list[str] | None:
    if obj is None:
        return []
    size = len(msgspec.json.encode(obj))
    room.bytes -= min(size, MAX_BYTES)
    if size > MAX_BYTES or room.bytes < 0:
        return None
    try:
        text: str = yaml.dump(obj, Dumper=_Dumper, allow_unicode=True, width=4096, sort_keys=True)
    except (yaml.YAMLError, RecursionError):
        return None
    lines = text.splitlines()
    return lines if len(lines) <= MAX_LINES else None
