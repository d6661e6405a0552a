"""Reading the bodies of requests within bounds, whoever sends them.

The invariant: memory is counted as bytes arrive and given back when the request is answered; what a header
promises reserves nothing, and who sends too slowly is cut.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

SECONDS = 30.0
"""A body has arrived after so long, or never."""
GRACE = 5.0
"""Seconds before the rate counts."""
MIN_RATE = 8 << 10
"""Bytes a second that a sender keeps up on average."""
SMALL = 1 << 20
"""Bytes up to which a body is a small one; what goes beyond is counted apart, so that few large bodies never
keep small ones out."""


class BodyError(Exception):
    """A body that is not taken; the words are for the sender."""


class TooLargeError(BodyError):
    """More than the operation takes."""

    def __init__(self, limit: int) -> None:
        size = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
        super().__init__(f"the body is larger than {size}")


class TooSlowError(BodyError):
    """It does not arrive."""

    def __init__(self) -> None:
        super().__init__("the body arrives too slowly")


class BusyError(BodyError):
    """Too much of others is held; the same request may be taken a little later."""

    def __init__(self) -> None:
        super().__init__("too many requests are being read; try again")


class Budget:
    """Bytes that may be held at once by all requests of a kind: `small` of the beginnings of bodies, `large`
    of what goes beyond SMALL."""

    def __init__(self, small: int, large: int = 0) -> None:
        self._left = [small, large]

    @property
    def left(self) -> tuple[int, int]:
        """What may still be taken."""
        return self._left[0], self._left[1]

    def take(self, held: int, more: int) -> None:
        """Count `more` bytes of a body of which `held` are counted. Raises BusyError, counting nothing."""
        small = max(0, min(SMALL, held + more) - held)
        if small > self._left[0] or more - small > self._left[1]:
            raise BusyError
        self._left[0] -= small
        self._left[1] -= more - small

    def give(self, held: int) -> None:
        """Give back a body."""
        self._left[0] += min(held, SMALL)
        self._left[1] += max(0, held - SMALL)


class Held:
    """What one request holds of a budget while the block runs."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.size = 0

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self._budget.give(self.size)

    def take(self, more: int) -> None:
        """Count `more` bytes. Raises BusyError."""
        self._budget.take(self.size, more)
        self.size += more


class Budgets:
    """The budgets of one server. Together they stay below half of the memory the chart gives."""

    def __init__(self) -> None:
        self.before_login = Budget(16 << 20)
        self.after_login = Budget(48 << 20, 64 << 20)


@asynccontextmanager
async def received(
    request: web.BaseRequest, limit: int, budget: Budget, *, watch: Callable[[bytes], None] | None = None
) -> AsyncIterator[bytearray]:
    """The body while the block runs. `watch` sees each piece as it arrives. Raises BodyError."""
    if (request.content_length or 0) > limit:
        raise TooLargeError(limit)
    body = bytearray()
    started = asyncio.get_running_loop().time()
    with Held(budget) as held:
        while chunk := await _next(request, started, held.size):
            if held.size + len(chunk) > limit:
                raise TooLargeError(limit)
            held.take(len(chunk))
            body += chunk
            if watch is not None:
                watch(chunk)
        yield body


async def _next(request: web.BaseRequest, started: float, received_bytes: int) -> bytes:
    if request.content.is_eof():  # all of it is here
        return request.content.read_nowait()
    allowed = min(SECONDS, GRACE + received_bytes / MIN_RATE)
    try:
        async with asyncio.timeout_at(started + allowed):
            return await request.content.readany()
    except TimeoutError:
        raise TooSlowError from None
