"""What is sent of a desired object when ignored fields are respected (``RespectIgnoreDifferences=true``).

Leaving such a field out would take it away from a cluster in which we once put it. So it is sent with the
value that it has there, and a field that is not there is not sent.

Invariant: a new object is sent as it is desired; arguments are never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from fairlead.diff.fieldset import MISSING, Fields, child
from fairlead.diff.ignore import Ignored
from fairlead.diff.normalize import foreign_fields
from fairlead.manifest.fields import Manifest

Steps: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of fields and places in lists."""


def respecting(
    desired: Manifest, live: Manifest, ignored: Ignored, *, paths: Iterable[Steps] = ()
) -> dict[str, Any]:
    """The desired object with the live values of what is ignored. ``paths`` are what jq expressions found."""
    result: Any = dict(desired)
    for pointer in ignored.pointers:
        result = _taken_over(result, live, _steps(pointer, desired, live))
    for path in sorted(paths, key=len):
        result = _taken_over(result, live, path, by_name=True)
    fields = foreign_fields(live, ignored)
    found = _with_fields(result, live, fields) if fields else result
    return dict(found)


def _steps(pointer: tuple[str, ...], desired: Any, live: Any) -> Steps:
    """A JSON pointer says of no step whether it is a name or a place; the objects do."""
    steps: list[str | int] = []
    for step in pointer:
        is_place = step.isdecimal() and (isinstance(desired, list) or isinstance(live, list))
        steps.append(int(step) if is_place else step)
        desired, live = _at(desired, steps[-1]), _at(live, steps[-1])
    return tuple(steps)


def _at(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value[step] if isinstance(value, list) and 0 <= step < len(value) else MISSING


def _taken_over(value: Any, live: Any, steps: Steps, *, by_name: bool = False) -> Any:
    """With ``by_name`` an item of a list is looked for in the live list by its name, if it has one."""
    if not steps:
        return live
    step, rest = steps[0], steps[1:]
    was = _at(value, step)
    found = _namesake(was, live, step) if by_name else _at(live, step)
    if was is MISSING or (found is MISSING and rest):
        return value
    if found is MISSING:
        return _without(value, step)
    return _with(value, step, _taken_over(was, found, rest, by_name=by_name))


def _namesake(was: Any, live: Any, step: str | int) -> Any:
    name = was.get("name") if isinstance(step, int) and isinstance(was, Mapping) else None
    if name is None or not isinstance(live, list):
        return _at(live, step)
    return next((item for item in live if isinstance(item, Mapping) and item.get("name") == name), MISSING)


def _with(value: Any, step: str | int, item: Any) -> Any:
    if isinstance(step, str):
        return {**value, step: item}
    return [*value[:step], item, *value[step + 1 :]]


def _without(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return {name: item for name, item in value.items() if name != step}
    return [*value[:step], *value[step + 1 :]]


def _with_fields(value: Any, live: Any, fields: Fields) -> Any:
    """The same for a field set: what a manager owns and Git names as well keeps the manager's value."""
    if not fields:
        return live
    if isinstance(value, Mapping) and isinstance(live, Mapping):
        result = dict(value)
        for step, below in fields.items():
            name = step[2:]
            if step.startswith("f:") and name in result and name in live:
                result[name] = _with_fields(result[name], live[name], below)
        return result
    if isinstance(value, list) and isinstance(live, list):
        return [_item_with_fields(value, at, live, fields) for at in range(len(value))]
    return value


def _item_with_fields(items: list[Any], at: int, live: list[Any], fields: Fields) -> Any:
    item = items[at]
    for step, below in fields.items():
        if step.startswith("k:") and below and child([item], step) is not MISSING:
            there = child(live, step)
            if there is not MISSING:
                item = _with_fields(item, there, below)
    return item
