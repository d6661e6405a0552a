"""Keeps the record of each followed ref: where it pointed, and whom each move touched.

Invariant: a move is written before anybody is told of it. So a restart goes on from it, and tells those whom
the last move touched again.
"""

import structlog

from fairlead.bus import Bus
from fairlead.bus.topology import HISTORIES_BUCKET
from fairlead.events import SchemaError, decode, subjects
from fairlead.events.envelope import encode
from fairlead.events.ref_history import App, RefHistory

log = structlog.get_logger(__name__)


class Histories:
    """The records in their bucket."""

    def __init__(self, bus: Bus) -> None:
        self._bucket = bus.key_value(HISTORIES_BUCKET)

    async def of(self, repository: str, ref: str) -> RefHistory:
        """The record of a ref as written in targetRevision. Raises BusUnavailableError."""
        ref = "" if ref == "HEAD" else ref
        empty = RefHistory(repository=repository, ref=ref)
        entry = await self._bucket.get(subjects.ref_history(repository, ref))
        if entry is None or entry.value is None:
            return empty
        try:
            return decode(RefHistory, entry.value)
        except SchemaError as error:
            log.warning("history.refused", repository=repository, ref=ref, error=str(error))
            return empty

    async def begin(self, repository: str, ref: str, commit: str) -> None:
        """Write down where a ref is of which nothing is known. Raises BusUnavailableError."""
        if not (await self.of(repository, ref)).moves:
            await self.moved(repository, ref, "", commit, ())

    async def moved(self, repository: str, ref: str, old: str, new: str, touched: tuple[App, ...]) -> None:
        """Write a move down. Raises BusUnavailableError."""
        known = await self.of(repository, ref)
        history = known.moved(old, new, touched)
        if history != known:
            await self._bucket.put(subjects.ref_history(repository, ref), encode(history))
