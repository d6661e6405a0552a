"""Sessions that were logged out, known to all replicas through the cache and to this one for certain.

The invariant: a session ended here stays ended here, whatever becomes of the cache.
"""

import time
from collections import OrderedDict

from fairlead.cache import Cache, keys

REMEMBERED = 10_000
"""Sessions ended in this process that are remembered; the oldest goes first."""
BELIEVED = 15.0
"""Seconds a session is taken to be valid after the cache did not know of its end (contract 13.1)."""


class RevokedSessions:
    """Remembers ends of sessions by their ids."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._ended: OrderedDict[str, float] = OrderedDict()
        self._asked: OrderedDict[str, float] = OrderedDict()

    async def revoke(self, token_id: str, *, seconds: int) -> None:
        """End a session that has `seconds` left."""
        self._ended[token_id] = time.monotonic() + seconds
        _bound(self._ended)
        await self._cache.put(keys.revoked(token_id), b"1", ttl=seconds)

    async def is_revoked(self, token_id: str) -> bool:
        """Whether a session was ended; the cache is asked once in BELIEVED seconds."""
        now = time.monotonic()
        if self._ended.get(token_id, 0.0) > now:
            return True
        if now - self._asked.get(token_id, -BELIEVED) < BELIEVED:
            return False
        if await self._cache.get(keys.revoked(token_id)) is not None:
            return True
        self._asked[token_id] = now
        _bound(self._asked)
        return False


def _bound(known: OrderedDict[str, float]) -> None:
    while len(known) > REMEMBERED:
        known.popitem(last=False)
