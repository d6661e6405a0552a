"""What the clusters of wishes serve, by digest, kept in memory once for all applications of a cluster.

Invariant: a chart is never rendered for a guessed cluster; what is not known is asked for, or waited for.
"""

from __future__ import annotations

import structlog

from fairlead.bus import Bus, BusUnavailableError
from fairlead.bus.topology import CAPABILITIES_BUCKET
from fairlead.events import Capabilities, SchemaError, SourcesWanted, decode

log = structlog.get_logger(__name__)

REMEMBERED = 2048
"""Values in memory, about 20 KB each; the one met first is forgotten first."""


class Serving:
    """Looks capabilities up in their bucket."""

    def __init__(self, bus: Bus) -> None:
        self._bucket = bus.key_value(CAPABILITIES_BUCKET)
        self._known: dict[str, Capabilities] = {}

    async def learn(self, wish: SourcesWanted) -> bool:
        """Whether it is known now what the wish's cluster serves."""
        digest = wish.capabilities
        if not digest or digest in self._known:
            return True
        try:
            entry = await self._bucket.get(digest)
            found = decode(Capabilities, entry.value) if entry is not None and entry.value else None
        except (BusUnavailableError, SchemaError) as error:
            log.warning("capabilities.unread", digest=digest, error=str(error))
            return False
        if found is None or found.digest != digest:
            return False
        while len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[digest] = found
        return True

    def of(self, wish: SourcesWanted) -> Capabilities:
        """What the wish's cluster serves; of one that names no digest, what it says itself.

        Raises LookupError for what was not learned.
        """
        if not wish.capabilities:
            return Capabilities(kube_version=wish.kube_version, api_versions=wish.api_versions)
        return self._known[wish.capabilities]
