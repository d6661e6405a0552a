"""Keeps the record of each followed ref: where it pointed, and whom each move touched.

Invariant: a move is written before anybody is told of it, and only where the record is the one from which it
was concluded who is. So whoever comes next goes on from it, and tells those whom the last move touched again.
"""

import msgspec
import structlog

from fairlead.bus import Bus, BusUnavailableError, StaleRevisionError
from fairlead.bus.topology import HISTORIES_BUCKET
from fairlead.events import SchemaError, decode, subjects
from fairlead.events.envelope import encode
from fairlead.events.ref_history import RefHistory

log = structlog.get_logger(__name__)

ATTEMPTS = len(subjects.PARTITIONS)
"""Attempts at a record that others write at the same time: there are no more who may."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it was read."""

    history: RefHistory
    revision: int


class Histories:
    """The records in their bucket."""

    def __init__(self, bus: Bus) -> None:
        self._bucket = bus.key_value(HISTORIES_BUCKET)

    async def of(self, repository: str, ref: str) -> Written:
        """The record of a ref as written in targetRevision. Raises BusUnavailableError."""
        ref = "" if ref == "HEAD" else ref
        empty = RefHistory(repository=repository, ref=ref)
        entry = await self._bucket.get(subjects.ref_history(repository, ref))
        if entry is None or entry.value is None:
            return Written(history=empty, revision=entry.revision if entry is not None else 0)
        try:
            return Written(history=decode(RefHistory, entry.value), revision=entry.revision)
        except SchemaError as error:
            log.warning("history.refused", repository=repository, ref=ref, error=str(error))
            return Written(history=empty, revision=entry.revision)

    async def keep(self, repository: str, ref: str, commit: str, parts: str = "", *, shown: str = "") -> None:
        """Write down where a ref is of which the applications of these partitions know nothing, or once more
        what they know, lest NATS forgets it.

        Raises BusUnavailableError.
        """
        for _ in range(ATTEMPTS):
            known = await self.of(repository, ref)
            history = known.history
            lacking = [part for part in parts or ("",) if not history.of(part).moves]
            if lacking:
                history = history.moved("", commit, (), "".join(lacking), shown=shown)
            try:
                return await self._put(known, history)
            except StaleRevisionError:
                if not lacking:  # who wrote meanwhile has put it once more
                    return None
        raise BusUnavailableError(f"the record of {repository} is written by others all the time")

    async def write(self, known: Written, history: RefHistory) -> None:
        """Write a record in place of what was read.

        Raises:
            StaleRevisionError: another wrote it meanwhile: what was concluded has to be concluded anew.
            BusUnavailableError: the bucket did not confirm it.
        """
        if history != known.history:
            await self._put(known, history)

    async def _put(self, known: Written, history: RefHistory) -> None:
        key = subjects.ref_history(history.repository, history.ref)
        await self._bucket.put(key, encode(history), expected=known.revision)
