"""Rendered sets by digest: from the cache, and from the repo-server itself where the cache has them not.

Invariant: what is returned has been rendered for somebody under this digest or is refused by who verifies it;
that the cache is away keeps nothing from being deployed.
"""

from __future__ import annotations

import structlog

from fairlead.bus import Bus, BusError, RemoteError
from fairlead.cache import Cache, keys
from fairlead.events import SchemaError, subjects
from fairlead.events.envelope import decode, encode
from fairlead.matching.repository import partition
from fairlead.rpc import FetchedManifests, FetchManifests, RenderedSet
from fairlead.rpc.repo import FETCH

log = structlog.get_logger(__name__)

FETCH_SECONDS = 10.0
"""Seconds a repo-server has to hand over a set that it holds."""


class RenderedSets:
    """Where desired states come from."""

    def __init__(self, bus: Bus, cache: Cache) -> None:
        self._bus = bus
        self._cache = cache

    async def packed(self, digest: str, home: str) -> bytes | None:
        """A rendered set as it is cached, or None when nobody has it: then it must be rendered anew.

        Where the cache has it not, the owner of the repository at `home`, the first source's, may.
        """
        found = await self._cache.get(keys.manifests(digest))
        if found is not None:
            return found
        try:
            question = encode(FetchManifests(digest=digest))
            raw = await self._bus.request(
                subjects.rpc_repo(partition(home), FETCH), question, timeout=FETCH_SECONDS
            )
            documents = decode(FetchedManifests, raw).documents
        except (BusError, RemoteError, SchemaError) as error:
            log.info("rendered.set.not_fetched", digest=digest, error=str(error))
            return None
        return None if documents is None else encode(RenderedSet(documents=documents))
