"""How deep JSON is nested, found out before anything of it is built.

Invariant: the answer costs no recursion and no memory beyond a copy of the text, so that a text made to break
whoever walks it is refused by whoever receives it.
"""

from __future__ import annotations

from itertools import accumulate

MAX_REQUEST_NESTING = 100
"""Levels of what strangers and users send; a manifest in a request is among the deepest, with about 40."""
MAX_MANIFEST_NESTING = 256
"""Levels of a rendered manifest; definitions of kinds have up to about 60."""

_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_OTHERS = bytes(sorted(set(range(256)) - set(b"[{]}")))


def is_nested_deeper(text: bytes | bytearray, levels: int) -> bool:
    """Whether JSON goes down more than so many levels; of what is no JSON it says something harmless."""
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    bare = bytes(text).replace(rb"\\", b"").replace(rb"\"", b"")
    steps = b"".join(bare.split(b'"')[::2]).translate(_STEPS, _OTHERS)
    return max(accumulate(memoryview(steps).cast("b")), default=0) > levels
