"""The messages of a release, one of each kind, kept so that later releases can be held to them.

    python -m tests.unit.events.kept 0.2.0

writes those of this tree beside the earlier ones, which are never changed.
"""

import base64
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

import fairlead.events
import fairlead.rpc
from fairlead.events.envelope import Event, encode

FOLDER = Path(__file__).parents[2] / "golden" / "messages"
DEEPEST = 6


def kinds() -> dict[str, type[Event]]:
    """Every kind of message there is, by module and name."""
    for package in (fairlead.events, fairlead.rpc):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in _below(Event)}
    return {name: kind for name, kind in sorted(found.items()) if name.startswith("fairlead.")}


def _below(kind: type[Event]) -> Iterator[type[Event]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


def sample(kind: type[Event]) -> Event:
    """A message with something in each of its fields."""
    return msgspec.convert(_fields(inspect.type_info(kind), 0), kind)


def _fields(info: Any, depth: int) -> dict[str, Any]:
    return {
        field.encode_name: _value(field.type, depth + 1)
        for field in info.fields
        if depth < DEEPEST or field.required
    }


def _value(info: Any, depth: int) -> Any:  # noqa: PLR0911, PLR0912 - a line for each type
    match info:
        case inspect.StructType(array_like=True):
            return list(_fields(info, depth).values())
        case inspect.StructType():
            return _fields(info, depth)
        case inspect.UnionType(types=types):
            rest = [one for one in types if not isinstance(one, inspect.NoneType)]
            return _value(rest[0], depth)
        case inspect.TupleType(item_types=types):
            return [_value(one, depth) for one in types]
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return [_value(info.item_type, depth)] if depth < DEEPEST else []
        case inspect.DictType():
            return {_value(info.key_type, depth): _value(info.value_type, depth)}
        case inspect.EnumType(cls=cls):
            members: list[Enum] = list(cls)
            return members[-1].value
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 7
        case inspect.FloatType():
            return 1.5
        case inspect.BytesType():
            return b"bytes"
        case inspect.Metadata():
            return _value(info.type, depth)
        case inspect.NoneType():
            return None
        case _:
            return "text"


def as_text(value: object) -> str:
    """A message in a form that a release can be held to, whatever its structs become."""
    return json.dumps(msgspec.to_builtins(value, str_keys=True), sort_keys=True)


def release(version: str) -> None:
    """Write the messages of this tree as those of a release."""
    found = {}
    for name, kind in kinds().items():
        message = sample(kind)
        payload = base64.b64encode(encode(message)).decode()
        found[name] = {"schema": kind.schema, "payload": payload, "means": json.loads(as_text(message))}
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{version}.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    release(sys.argv[1])
