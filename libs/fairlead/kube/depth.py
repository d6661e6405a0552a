"""Reading past what is nested as deep as an API server takes it.

Python refuses to go down more than a thousand levels, an API server takes ten thousand. Whoever may write one
object of a kind could with a single one keep everybody from reading any of that kind. So the envelope of
objects is read as deep as it comes; what is inside is for whoever reads that one object, who may fail.

Invariant: the higher limit holds for one decoding only, which builds nothing of what it passes over.
"""

import sys
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

MAX_LEVELS: Final = 10_000
"""Levels that API servers take, a bound of Go's own; they need less than 2 MB of the stack."""
_OURS: Final = 50


def decoded(decoder: msgspec.json.Decoder[T], text: bytes | msgspec.Raw) -> T:
    """What the decoder makes of a text, however deep it is. Raises msgspec.DecodeError."""
    try:
        return decoder.decode(text)
    except RecursionError:
        usual = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(usual + MAX_LEVELS + _OURS)
        return decoder.decode(text)
    except RecursionError:
        raise msgspec.DecodeError(f"nested deeper than {MAX_LEVELS} levels") from None
    finally:
        sys.setrecursionlimit(usual)
