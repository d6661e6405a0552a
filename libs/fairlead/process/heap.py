"""Memory that was freed goes back to the system, where the C library would keep it.

Why: the pages of a cluster's first lists are a multiple of what is kept of them, and lie between that: after
twenty clusters a quarter of the process was such holes. Without glibc nothing is done here.
"""

import asyncio
import ctypes
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

WAIT_SECONDS = 10.0
"""From the first wish until it is done, for all that come meanwhile."""


def trimmer() -> Callable[[], object] | None:
    """What gives all back that it can, in some ten milliseconds; None where the C library has none."""
    try:
        found = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return lambda: found(0)


class Heap:
    """Gives back in a while, once for many who ask."""

    def __init__(self, trim: Callable[[], object] | None = None) -> None:
        self._trim = trim or trimmer()
        self._pending: asyncio.Task[None] | None = None

    def trim_soon(self) -> None:
        """Something large was read, and is not needed any more."""
        if self._trim is not None and (self._pending is None or self._pending.done()):
            self._pending = asyncio.create_task(self._later(self._trim))

    async def _later(self, trim: Callable[[], object]) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        await asyncio.to_thread(trim)
        log.debug("heap.trimmed")
