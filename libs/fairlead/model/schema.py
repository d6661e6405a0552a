"""Structs to structural OpenAPI v3 schemas, as a CustomResourceDefinition wants them.

Invariant: a field is required exactly when it is always written (see the package's conventions), so
whatever the structs encode is valid against the schema made from them.
"""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from fairlead.model.metadata import IntOrString, LabelSelector, ObjectMeta, Time

Schema = dict[str, Any]

_OMITTED_WHEN_EMPTY = (list, dict, set, tuple)
_SCALARS: dict[object, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int64"},
    Time: {"type": "string", "format": "date-time"},
    IntOrString: {"x-kubernetes-int-or-string": True},
    ObjectMeta: {"type": "object"},
}


def object_schema(kind: type[msgspec.Struct], described_levels: int = 0) -> Schema:
    """The schema of a struct; docstrings become descriptions that many levels deep."""
    schema: Schema = {"type": "object"}
    if described_levels > 0 and kind.__doc__:
        schema["description"] = " ".join(kind.__doc__.split())
    hints = get_type_hints(kind, include_extras=True)
    fields = msgspec.structs.fields(kind)
    schema["properties"] = {
        field.encode_name: value_schema(hints[field.name], described_levels - 1) for field in fields
    }
    required = [field.encode_name for field in fields if is_always_written(field)]
    if required:
        schema["required"] = required
    if kind is LabelSelector:
        schema["x-kubernetes-map-type"] = "atomic"
    return schema


def is_always_written(field: msgspec.structs.FieldInfo) -> bool:
    """Whether the encoder never leaves the field out."""
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory not in _OMITTED_WHEN_EMPTY
    return field.default is msgspec.NODEFAULT


def value_schema(hint: Any, described_levels: int = 0) -> Schema:
    """The schema of one field's type. Raises TypeError for a type no schema is known for."""
    if hint in _SCALARS:
        return dict(_SCALARS[hint])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return object_schema(hint, described_levels)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": [str(member) for member in hint]}
    return _generic_schema(hint, described_levels)


def _generic_schema(hint: Any, described_levels: int) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return value_schema(arguments[0], described_levels) | _extra(arguments[1:])
    if origin in (Union, UnionType):
        return value_schema(_without_none(arguments), described_levels)
    if origin is tuple:
        return {"type": "array", "items": value_schema(arguments[0], described_levels)}
    if origin is dict and arguments[1] is object:
        return {"type": "object"}
    if origin is dict:
        return {"type": "object", "additionalProperties": value_schema(arguments[1], described_levels)}
    raise TypeError(f"no schema for {hint!r}")


def _without_none(members: tuple[Any, ...]) -> Any:
    present = tuple(member for member in members if member is not NoneType)
    return reduce(or_, present)


def _extra(annotations: tuple[Any, ...]) -> Schema:
    extra: Schema = {}
    for annotation in annotations:
        extra |= annotation.extra_json_schema or {}
    return extra
