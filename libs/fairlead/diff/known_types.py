"""Fields of custom resources that hold built-in types: `knownTypeFields`.

A custom resource keeps the text it was given, and its operator may write an amount or a duration back in
another spelling. Invariant: only what is stated to be of such a type is spelled anew, on both sides alike;
text that is none stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from fairlead.diff.quantity import parse_quantity
from fairlead.diff.subset import is_amount
from fairlead.manifest.identity import GroupKind

KnownTypes: TypeAlias = tuple[tuple[str, str], ...]
"""(path of a field with dots, its type as `core/v1/PodSpec`)."""

QUANTITIES: Final = frozenset({"core/Quantity", "core/v1/Quantity", "resource/Quantity"})
DURATIONS: Final = frozenset({"meta/v1/Duration"})
SHIPPED: Final[Mapping[GroupKind, KnownTypes]] = {
    GroupKind("argoproj.io", "Rollout"): (("spec.template.spec", "core/v1/PodSpec"),),
}
_UNITS = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "µs": 10**3,
    "ns": 1,
}
_PART = re.compile(r"(\d{1,19}(?:\.\d{0,19})?|\.\d{1,19})(ns|us|µs|ms|s|m|h)")


def with_known_types(obj: dict[str, Any], known: KnownTypes) -> dict[str, Any]:
    """The object with every field of a known type in its one spelling; lists are entered item by item."""
    result: Any = obj
    for path, type_ in known:
        result = _at(result, tuple(path.split(".")), type_)
    return dict(result)


def _at(value: Any, steps: tuple[str, ...], type_: str) -> Any:
    if isinstance(value, list):
        return [_at(item, steps, type_) for item in value]
    if not steps:
        return _spelled(value, type_)
    if not isinstance(value, Mapping) or steps[0] not in value:
        return value
    return {**value, steps[0]: _at(value[steps[0]], steps[1:], type_)}


def _spelled(value: Any, type_: str) -> Any:
    if type_ in QUANTITIES:
        return _amount(value)
    return _duration(value) if type_ in DURATIONS else _struct(value, ())


def _struct(value: Any, path: tuple[str, ...]) -> Any:
    """A built-in struct as the API server writes it: amounts in one spelling, nothing null, no empty list."""
    if isinstance(value, Mapping):
        return {
            name: _struct(item, (*path, name))
            for name, item in value.items()
            if item is not None and item != []
        }
    if isinstance(value, list):
        return [_struct(item, path) for item in value]
    return _amount(value) if is_amount(path) else value


def _amount(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    found = parse_quantity(str(value))
    return value if found is None else _plain(found)


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


def _duration(value: Any) -> Any:
    """Nanoseconds as text, of what Go reads as a duration."""
    if not isinstance(value, str):
        return value
    rest = value.lstrip("+-")
    parts = _PART.findall(rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        return value
    total = sum((Decimal(number) * _UNITS[unit] for number, unit in parts), Decimal(0))
    return f"{'-' if value.startswith('-') else ''}{_plain(total)}ns"
