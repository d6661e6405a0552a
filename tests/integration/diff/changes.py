"""Random changes of an object: other values, other spellings of the same, and nothing in its many forms."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.integration.diff.schemas import QUANTITIES, SPECIAL, TEXTS, Draw

IDENTITY = frozenset(
    {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")}
)
UNDECLARED = "more"
"""A field that no kind has."""
_SAME = (("1", "1000m"), ("0.5", "500m"), ("1Gi", "1024Mi"), ("2k", "2000"), (".5", "0.5"), ("1e3", "1000"))
RESPELLED = {one: other for pair in _SAME for one, other in (pair, pair[::-1])}


def changed(draw: Draw, obj: dict[str, Any], times: int) -> dict[str, Any]:
    """The object after some changes at random places."""
    for _ in range(times):
        places = [place for place in _places(obj, ()) if place not in IDENTITY and place[-1] != UNDECLARED]
        if not places:
            return obj
        obj = _at(draw, obj, draw(st.sampled_from(places)))
    return obj


def _places(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _places(item, (*place, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _places(item, (*place, at))


def _at(draw: Draw, value: Any, place: tuple[Any, ...]) -> Any:
    step, rest = place[0], place[1:]
    if rest:
        below = _at(draw, value[step], rest)
    else:
        options = _others(value[step])
        if step in ("data", "binaryData", "labels", "annotations") and isinstance(value[step], dict):
            options.append({**value[step], "another": None})
        below = options[draw(st.integers(0, len(options) - 1))]
    if isinstance(value, list):
        items = [*value[:step], below, *value[step + 1 :]]
        return [item for item in items if item is not _GONE]
    result = {**value, step: below}
    return {name: item for name, item in result.items() if item is not _GONE}


class _Gone:
    pass


_GONE: Any = _Gone()


def _others(value: Any) -> list[Any]:
    """What may stand in the place of a value."""
    if isinstance(value, bool):
        return [not value, None, _GONE]
    if isinstance(value, int | float):
        return [value + 1, 0, str(value), float(value), None, _GONE]
    if isinstance(value, str):
        respelled = [RESPELLED[value]] if value in RESPELLED else []
        number = [int(value)] if value.isdecimal() else []
        return [
            *respelled,
            *number,
            f"{value}x",
            "",
            None,
            _GONE,
            *TEXTS[:3],
            QUANTITIES[1],
            *SPECIAL["Time"],
        ]
    if isinstance(value, list):
        return [value[::-1], [*value, *value[:1]], value[:-1], [], None, _GONE, value[1:]]
    if isinstance(value, dict):
        fewer = [{name: item for name, item in value.items() if name != gone} for gone in list(value)[:3]]
        return [*fewer, {}, None, _GONE, {**value, UNDECLARED: "1"}]
    return [1, "a", _GONE]
