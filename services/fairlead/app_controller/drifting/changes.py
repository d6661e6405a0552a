"""What of a live object somebody else than us changed, field by field, from what it was and what it is.

Invariant: only what we applied, or what was changed before and still stands, counts; what Git itself wants to
be so, what a rule ignores and what other managers own beside us does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from fairlead.app_controller.drifting.journal import named
from fairlead.diff.compare import FIELD_MANAGER
from fairlead.diff.explain import MAX_EXPLAINED, Difference, differing, explained
from fairlead.diff.fieldset import MISSING, Fields, merged
from fairlead.diff.ignore import NOTHING, Ignored, without_pointers
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys
from fairlead.diff.mask import masked
from fairlead.diff.ownership import applied_fields, owned_fields
from fairlead.diff.place import Keyed, Member, Place, is_owned, text_of
from fairlead.manifest.fields import Manifest, maps_at, text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.explanation import Explanation

MAX_WALKED = 1000
"""Differences of one object that are looked at."""
_NOBODYS = (("metadata", "managedFields"), ("metadata", "resourceVersion"), ("status",))
"""What is never applied, and moves with every write."""
Steps = tuple[str | int | dict[str, object], ...]
"""A place as it is kept."""


class Change(NamedTuple):
    """One field: where, what the explanation says (`desired` is what it was before), and whether it is as Git
    says again."""

    place: Place
    told: Explanation
    is_reverted: bool = False


class Eyes(NamedTuple):
    """How objects of a kind are looked at: rules that ignore, list keys, annotations to mask."""

    ignored: Ignored = NOTHING
    list_keys: ListKeys = WELL_KNOWN
    hidden: tuple[str, ...] = ()


def changes(
    key: ResourceKey,
    old: Manifest,
    new: Manifest,
    wanted: Manifest,
    *,
    eyes: Eyes,
    standing: Collection[str] = (),
) -> list[Change]:
    """What somebody changed between `old` and `new` of an object that is to be as `wanted`; `standing` are
    the fields that were changed before."""
    pointers = (*eyes.ignored.pointers, *_NOBODYS)
    before, after, git = (
        without_pointers(one, pointers)
        for one in masked(old, new, wanted, annotations=eyes.hidden)
        if one is not None
    )
    ours, applied = _owned(old), applied_fields(new, FIELD_MANAGER) or {}
    counting = (
        one
        for one in islice(differing(before, after, eyes.list_keys), MAX_WALKED)
        if (_has(ours, one.place) or named(text_of(one.place)) in standing)
        and not _is_by_us(one, applied, git)
    )
    found = list(islice(counting, MAX_EXPLAINED))
    if not found:
        return []
    entries = maps_at(new, "metadata", "managedFields")
    told = explained(key, found, entries, manager=FIELD_MANAGER)
    writer = _only_writer(old, new)
    made = (
        Change(
            place=one.place,
            told=_attributed(explanation, writer) if one.live is MISSING else explanation,
            is_reverted=one.live == reach(git, one.place),
        )
        for one, explanation in zip(found, told, strict=False)
    )
    return [change for change in made if change.told.manager not in eyes.ignored.managers]


def places(wanted: Manifest, live: Manifest, keys: ListKeys) -> dict[str, Place]:
    """Where an object is not as Git says, by the path that people read."""
    return {text_of(one.place): one.place for one in islice(differing(wanted, live, keys), MAX_WALKED)}


def reach(value: Any, place: Place) -> Any:
    """What is at a place, or MISSING."""
    for step in place:
        if isinstance(step, str):
            value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
        elif not isinstance(value, list):
            return MISSING
        elif isinstance(step, Keyed):
            value = next((item for item in value if _fits(item, step.keys)), MISSING)
        elif isinstance(step, Member):
            value = step.value if step.value in value else MISSING
        else:
            value = value[step] if step < len(value) else MISSING
    return value


def is_ours(live: Manifest, place: Place) -> bool:
    """Whether we applied what is at a place."""
    return _has(applied_fields(live, FIELD_MANAGER) or {}, place)


def steps_of(place: Place) -> Steps:
    """A place as it is kept."""
    return tuple(
        {"keys": step.keys}
        if isinstance(step, Keyed)
        else {"value": step.value}
        if isinstance(step, Member)
        else step
        for step in place
    )


def place_of(steps: Steps) -> Place:
    """A place that was kept."""
    return tuple(_step(step) for step in steps)


def _step(step: str | int | dict[str, object]) -> str | int | Keyed | Member:
    if not isinstance(step, dict):
        return step
    keys = step.get("keys")
    return Keyed(keys) if isinstance(keys, dict) else Member(step.get("value"))


def _owned(live: Manifest) -> Fields:
    """What we own; the values of a Secret under the name that they are read by."""
    fields = owned_fields(live, FIELD_MANAGER) or {}
    text = fields.get("f:stringData")
    return {**fields, "f:data": merged(fields.get("f:data", {}), text)} if text else fields


def _has(fields: Fields, place: Place) -> bool:
    return bool(fields) and is_owned(fields, place)


def _is_by_us(one: Difference, applied: Fields, git: Manifest) -> bool:
    """Whether our apply made it so: we own what is there now, or Git wants nothing there."""
    if one.live is MISSING:
        return reach(git, one.place) is MISSING
    return _has(applied, one.place)


def _fits(item: Any, keys: Mapping[str, Any]) -> bool:
    return isinstance(item, Mapping) and all(item.get(name) == value for name, value in keys.items())


def _only_writer(old: Manifest, new: Manifest) -> Manifest:
    """Who wrote between the two, where it can only be one."""
    known = {_entry(entry) for entry in maps_at(old, "metadata", "managedFields")}
    writers = [entry for entry in _others(new) if _entry(entry) not in known]
    return writers[0] if len(writers) == 1 else {}


def _others(live: Manifest) -> Iterator[Manifest]:
    for entry in maps_at(live, "metadata", "managedFields"):
        if text_at(entry, "manager") != FIELD_MANAGER:
            yield entry


def _entry(entry: Manifest) -> tuple[str, ...]:
    return tuple(text_at(entry, name) for name in ("manager", "operation", "subresource", "time"))


def _attributed(told: Explanation, writer: Manifest) -> Explanation:
    return msgspec.structs.replace(
        told,
        manager=text_at(writer, "manager"),
        operation=text_at(writer, "operation"),
        subresource=text_at(writer, "subresource"),
        since=text_at(writer, "time"),
    )
