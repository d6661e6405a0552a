"""Kubernetes quantities: ``1`` is ``1000m``, ``0.5`` is ``500m``, ``1Gi`` is ``1073741824``.

Invariant: two texts are equal here exactly when the API server keeps them as the same amount; text that is no
quantity equals only itself.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_QUANTITY = re.compile(
    r"([+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?)([numkMGTPE]|[KMGTPE]i)?"
)
_CACHED = 4096


@lru_cache(maxsize=_CACHED)
def parse_quantity(text: str) -> Decimal | None:
    """The amount, or None when the text is no quantity."""
    found = _QUANTITY.fullmatch(text)
    return Decimal(found[1]) * _SUFFIXES[found[2] or ""] if found else None


def is_same_quantity(one: object, other: object) -> bool:
    """Whether two values (text or plain numbers, as YAML gives them) are the same amount."""
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if not isinstance(one, str | int | float) or not isinstance(other, str | int | float):
        return False
    left, right = parse_quantity(str(one)), parse_quantity(str(other))
    return left is not None and left == right
