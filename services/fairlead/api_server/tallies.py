"""Where all replicas count failed logins: a bucket of NATS.

The invariant: a login never waits long for it; while it cannot be reached each replica counts for itself.
"""

import asyncio
import time

import structlog

from fairlead.bus import Bus, BusUnavailableError
from fairlead.bus.errors import StaleRevisionError
from fairlead.bus.topology import LOGINS_BUCKET

log = structlog.get_logger(__name__)

SECONDS = 1.0
"""How long a tally may take to be read or written."""
PAUSE = 10.0
"""Seconds for which the bucket is left alone after it did not answer."""


class SharedTallies:
    """The bucket's tallies."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._bucket = bus.key_value(LOGINS_BUCKET)
        self._silent_until = 0.0

    async def read(self, key: str) -> tuple[bytes, int]:
        """A tally and its revision; b"" when there is none or the bucket does not answer."""
        if self._is_silent():
            return b"", 0
        try:
            async with asyncio.timeout(SECONDS):
                entry = await self._bucket.get(key)
        except (BusUnavailableError, TimeoutError):
            self._did_not_answer()
            return b"", 0
        return (entry.value or b"", entry.revision) if entry is not None else (b"", 0)

    async def write(self, key: str, value: bytes, revision: int) -> bool:
        """Write a tally while it has this revision; true as well when the bucket does not answer."""
        if self._is_silent():
            return True
        try:
            async with asyncio.timeout(SECONDS):
                await self._bucket.put(key, value, expected=revision)
        except StaleRevisionError:
            return False
        except (BusUnavailableError, TimeoutError):
            self._did_not_answer()
        return True

    def _is_silent(self) -> bool:
        return not self._bus.is_connected or time.monotonic() < self._silent_until

    def _did_not_answer(self) -> None:
        self._silent_until = time.monotonic() + PAUSE
        log.warning("api.logins.not_shared", pause=PAUSE)
