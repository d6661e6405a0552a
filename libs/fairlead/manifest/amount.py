"""How many values JSON holds, found out before anything of it is built.

Invariant: the answer costs a few copies of the text, whatever it holds. A value of two characters takes up to
200 bytes once it is built, so that a text within its bound may still be too much.
"""

from __future__ import annotations

MAX_VALUES = 200_000
"""Values of a request, as many as a message of protobuf may have; an object has some thousands."""


def is_more_than(text: bytes | bytearray, values: int) -> bool:
    """Whether JSON holds more than so many values; of what is no JSON it says something harmless."""
    if _count(text) + text.count(b'"') <= values:
        return False
    bare = bytes(text).replace(rb"\\", b"").replace(rb"\"", b"")
    if bare.count(b'"') > 4 * values:  # two around a value, two around its name
        return True
    return _count(b"".join(bare.split(b'"')[::2])) > values


def _count(text: bytes | bytearray) -> int:
    """At least as many as there are values outside of strings."""
    return text.count(b",") + text.count(b"[") + text.count(b"{")
