"""Sets of names that cost little while they are small, as nearly all are: one name, a few, or many.

Invariant: an answer takes the place of what was passed; nothing is changed in place but a set of many, which
has one holder.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

MOST_IN_A_ROW: Final = 8
"""Names that are looked through one by one; a tuple of so many takes 120 bytes, a dict 350."""

Name: TypeAlias = int | str
Few: TypeAlias = int | str | tuple[int | str, ...] | dict[int | str, None]


def added(held: Few | None, name: Name) -> Few:
    """What is held, and `name`."""
    if held is None:
        return name
    if isinstance(held, dict):
        held[name] = None
        return held
    if isinstance(held, tuple):
        if name in held:
            return held
        if len(held) < MOST_IN_A_ROW:
            return (*held, name)
        return dict.fromkeys((*held, name))
    return held if held == name else (held, name)


def dropped(held: Few | None, name: Name) -> Few | None:
    """What is held without `name`; None for nothing."""
    if isinstance(held, dict):
        held.pop(name, None)
        return held or None
    if isinstance(held, tuple):
        left = tuple(item for item in held if item != name)
        return left[0] if len(left) == 1 else left
    return None if held == name else held


def each(held: Few | None) -> Iterable[Name]:
    """The names, in the order in which they came."""
    if held is None:
        return ()
    return tuple(held) if isinstance(held, dict) else held if isinstance(held, tuple) else (held,)
