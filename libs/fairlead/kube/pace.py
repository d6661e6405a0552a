"""How long a reflector waits before it asks again.

Invariant: without progress a reflector sends at most one request a second on average, whatever happens.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

FIRST_WAIT = 0.25
SECOND_WAIT = 1.0
LONGEST_WAIT = 15.0
LONGEST_REFUSED_WAIT = 120.0
STEADY_SECONDS = 5.0


class Pace:
    """Doubling waits with jitter, in seconds; forgotten once a request has lasted `STEADY_SECONDS`.

    The first failure is answered after a quarter of a second: mostly it is a server that restarts.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._since = clock()

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def begin(self) -> None:
        """A request starts."""
        self._since = self._clock()

    def ended(self, *, progress: bool) -> float:
        """A request ended in good order; seconds before the next. A short or empty one is a failure."""
        if progress and self._has_lasted():
            self._failures = 0
            return 0.0
        return self.failed()

    def failed(self, retry_after: float | None = None, *, longest: float = LONGEST_WAIT) -> float:
        """A request failed; seconds before the next, at least what the server asked for, up to `longest`."""
        if self._has_lasted():
            self._failures = 0
        self._failures += 1
        doubled = FIRST_WAIT if self._failures == 1 else SECOND_WAIT * 2 ** min(self._failures - 2, 10)
        bound = min(longest, doubled)
        wait = random.uniform(bound / 2, bound)  # noqa: S311
        return max(wait, min(retry_after or 0.0, longest))

    def _has_lasted(self) -> bool:
        return self._clock() - self._since >= STEADY_SECONDS


class Revival:
    """Lets all reflectors of a server that was away know when one of them got through again."""

    def __init__(self) -> None:
        self._back = asyncio.Event()

    def announce(self) -> None:
        """Ends the waits of everybody who waits now."""
        self._back.set()
        self._back = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Waits that long, or until the server is back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._back.wait()
