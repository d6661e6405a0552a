"""Rendered sets by their digest: in the cache, and here as long as the cache does not take them.

Invariant: what was put is found again under its digest, by whoever asks this process, until it is superseded
by HELD bytes of others; so deployments go on while Redis is away.
"""

from collections import OrderedDict
from collections.abc import Mapping

from fairlead.cache import Cache, Key, keys

HELD = 128 << 20
"""Bytes of sets that are held for a cache that is away."""


class Sets:
    """Sets, packed."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    async def put(self, digest: str, packed: bytes, along: Mapping[Key, bytes] | None = None) -> None:
        """Keep a set, and values that go to the cache along with it."""
        if await self._cache.put_many({keys.manifests(digest): packed, **(along or {})}):
            self._drop(digest)
            await self._hand_over()
            return
        self._drop(digest)
        self._held[digest] = packed
        self._bytes += len(packed)
        while self._bytes > HELD and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    async def get(self, digest: str) -> bytes | None:
        """A set, or None when nobody has it."""
        return self._held.get(digest) or await self._cache.get(keys.manifests(digest))

    async def get_many(self, digests: list[str]) -> list[bytes | None]:
        """Several sets, in their order."""
        found = await self._cache.get_many([keys.manifests(digest) for digest in digests])
        return [self._held.get(digest) or packed for digest, packed in zip(digests, found, strict=True)]

    def holds(self, digest: str) -> bool:
        """Whether a set is here and not in the cache."""
        return digest in self._held

    async def has(self, digest: str) -> bool:
        """Whether a set can be had; the cache keeps it for a day from now."""
        if digest in self._held:
            return True
        here = await self._cache.prolong([keys.manifests(digest)])
        return bool(here and here[0])

    async def _hand_over(self) -> None:
        """The cache takes sets again: what was held for it goes there."""
        while self._held:
            digest, packed = next(iter(self._held.items()))
            if not await self._cache.put(keys.manifests(digest), packed):
                return
            self._drop(digest)

    def _drop(self, digest: str) -> None:
        packed = self._held.pop(digest, None)
        if packed is not None:
            self._bytes -= len(packed)
