"""Which of a set's Applications it deleted a short while ago without asking anybody, as the set itself says.

Why on the set: a listing that shrinks a little at a time empties a set all the same when its controller is
started anew between two of its deletions, or another replica goes on. Invariant: pure; what was noted counts
for the generation of the spec in which it was, and for `LATELY` seconds; what cannot be read is nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Final

from fairlead.model.metadata import ObjectMeta
from fairlead.model.noted import DELETED_LATELY

LATELY: Final = 3600.0
"""Seconds for which a deletion counts with those that follow: a listing may shrink a little at a time."""
MOST: Final = 5_000
"""Deletions that are remembered, the newest of them."""
_DIGEST, _MINUTE = 4, 2
_ENTRY: Final = _DIGEST + _MINUTE
_ROUND: Final = 1 << (8 * _MINUTE)


def lately(metadata: ObjectMeta, now: float) -> frozenset[bytes]:
    """The digests of what went a short while ago; `now` in seconds of the epoch."""
    return frozenset(_read(metadata, now))


def noted(metadata: ObjectMeta, uids: Iterable[str], now: float) -> str:
    """What the set is to say once these are deleted too."""
    found = _read(metadata, now)
    minute = int(now // 60) % _ROUND
    for uid in uids:
        found.pop(digest(uid), None)
        found[digest(uid)] = minute
    newest = list(found.items())[-MOST:]
    packed = b"".join(key + at.to_bytes(_MINUTE, "big") for key, at in newest)
    return f"{_basis(metadata)} {base64.b64encode(packed).decode()}"


def digest(uid: str) -> bytes:
    """What is remembered of an Application."""
    return hashlib.blake2b(uid.encode(), digest_size=_DIGEST).digest()


def _read(metadata: ObjectMeta, now: float) -> dict[bytes, int]:
    """Digests and the minutes of their deletion, the oldest first."""
    basis, _, packed = metadata.annotations.get(DELETED_LATELY, "").rpartition(" ")
    if basis != _basis(metadata):
        return {}
    try:
        whole = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return {}
    entries = (whole[at : at + _ENTRY] for at in range(0, len(whole) - len(whole) % _ENTRY, _ENTRY))
    minute = int(now // 60)
    read = {entry[:_DIGEST]: int.from_bytes(entry[_DIGEST:], "big") for entry in entries}
    return {key: at for key, at in read.items() if (minute - at) % _ROUND < LATELY / 60}


def _basis(metadata: ObjectMeta) -> str:
    """Whoever changes the set says anew what is wanted."""
    return f"{metadata.uid} {metadata.generation}"
