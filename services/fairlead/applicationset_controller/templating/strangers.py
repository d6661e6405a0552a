"""Fields that a patch names and an Application does not have: a misspelt one would act on nothing, unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import inspect

from fairlead.model.application import Application


def strangers(application: dict[str, Any]) -> Iterator[str]:
    """The paths of fields that the model drops; what is free-form has none."""
    yield from _strangers(application, _shape(), ())


@cache
def _shape() -> inspect.Type:
    return inspect.type_info(Application)


def _strangers(value: object, shape: inspect.Type, path: tuple[str, ...]) -> Iterator[str]:
    match shape, value:
        case inspect.Metadata(type=inner), _:
            yield from _strangers(value, inner, path)
        case inspect.UnionType(types=types), dict() | list():
            wanted = inspect.StructType if isinstance(value, dict) else inspect.VarTupleType
            for member in types:
                if isinstance(member, wanted):
                    yield from _strangers(value, member, path)
        case inspect.StructType(fields=fields), dict():
            known = {field.encode_name: field.type for field in fields}
            for key, item in value.items():
                if key not in known:
                    yield ".".join((*path, key))
                else:
                    yield from _strangers(item, known[key], (*path, key))
        case inspect.VarTupleType(item_type=item_shape), list():
            for place, item in enumerate(value):
                yield from _strangers(item, item_shape, (*path, str(place)))
