"""Places in an object: for people, for `managedFields`, and as rules that leave them out of a comparison.

Invariant: the rule of a place names that place and, on either side of a comparison, nothing beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from fairlead.diff.fieldset import MISSING, Fields, child, has_keys, said_by
from fairlead.manifest.identity import ResourceKey
from fairlead.model.status import ResourceIgnoreDifferences

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Keyed(msgspec.Struct, frozen=True):
    """The item of a list that has these values in its key fields."""

    keys: dict[str, Any]


class Member(msgspec.Struct, frozen=True):
    """The item of a set that is this value."""

    value: Any


Step: TypeAlias = str | int | Keyed | Member
"""A field by its name, an item by its place, its keys or its value."""
Place: TypeAlias = tuple[Step, ...]


def place_of(steps: tuple[str, ...]) -> Place:
    """The place that steps of a field set lead to."""
    return tuple(map(_step, steps))


def _step(text: str) -> Step:
    kind, rest = text[:2], text[2:]
    if kind == "f:":
        return rest
    value = msgspec.json.decode(rest)
    if kind == "k:":
        return Keyed(value)
    return Member(value) if kind == "v:" else int(value)


def text_of(place: Place) -> str:
    """`.spec.containers[name=web].image`; names that are no words in brackets."""
    return "".join(map(_shown, place)) or "."


def _shown(step: Step) -> str:
    if isinstance(step, Keyed):
        return "[" + ",".join(f"{name}={value}" for name, value in step.keys.items()) + "]"
    if isinstance(step, Member):
        return f"[{_json(step.value)}]"
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _IDENTIFIER.fullmatch(step) else f"[{_json(step)}]"


def rule_of(key: ResourceKey, place: Place) -> ResourceIgnoreDifferences:
    """The narrowest rule: a JSON pointer where names and places lead there, else a jq expression."""
    named: dict[str, Any] = {
        "group": key.group,
        "kind": key.kind,
        "name": key.name,
        "namespace": key.namespace,
    }
    if all(isinstance(step, str | int) for step in place):
        return ResourceIgnoreDifferences(**named, json_pointers=(_pointer(place),))
    return ResourceIgnoreDifferences(**named, jq_path_expressions=(_expression(place),))


def _pointer(place: Place) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _expression(place: Place) -> str:
    text = ""
    for step in place:
        if isinstance(step, Keyed):
            wanted = (f".{name} == {_json(value)}" for name, value in step.keys.items())
            text += f"[] | select({' and '.join(wanted)})"
        elif isinstance(step, Member):
            text += f"[] | select(. == {_json(step.value)})"
        elif isinstance(step, int):
            text += f"[{step}]"
        elif _IDENTIFIER.fullmatch(step):
            text += f".{step}"
        else:
            text += f"{'' if text else '.'}[{_json(step)}]"
    return text


def is_owned(fields: Fields, place: Place) -> bool:
    """Whether a field set has the place, something in it, or the whole of which it is a part."""
    for step in place:
        if not fields:
            return True
        found = _below(fields, step)
        if found is None:
            return False
        fields = found
    return True


def _below(fields: Fields, step: Step) -> Fields | None:
    if isinstance(step, str):
        return fields.get(f"f:{step}")
    if isinstance(step, Keyed):
        usual: Fields | None = fields.get(f"k:{msgspec.json.encode(step.keys, order='sorted').decode()}")
        if usual is not None:
            return usual
        return next((below for name, below in fields.items() if _is_item(name, step.keys)), None)
    if isinstance(step, Member):
        member = [step.value]
        return next(
            (
                below
                for name, below in fields.items()
                if name[:2] == "v:" and child(member, name) is not MISSING
            ),
            None,
        )
    return fields.get(f"i:{step}")


def _is_item(name: str, keys: Mapping[str, Any]) -> bool:
    if name[:2] != "k:":
        return False
    wanted = said_by(name[2:])
    return isinstance(wanted, Mapping) and has_keys(keys, wanted)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
