"""Whole numbers as Kubernetes keeps them: in 64 bits, or else as floating ones.

Invariant: what comes out can be carried by every codec of ours, and is what an object would say once stored.
"""

from __future__ import annotations

import re
from typing import Any

LEAST, MOST = -(2**63), 2**63 - 1

_LONG = re.compile(rb"\d{19}")


def as_stored(value: Any, text: bytes | bytearray) -> Any:
    """A JSON value, whose text it was, with the numbers it would have in Kubernetes.

    Raises OverflowError for a number that is too large even for a floating one.
    """
    return _stored(value) if _LONG.search(text) else value


def _stored(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_stored(item) for item in value]
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_whole and not LEAST <= value <= MOST else value
