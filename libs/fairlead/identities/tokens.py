"""Tokens that are used again until they are about to end; whoever needs one meanwhile waits for the same.

Invariant: at most one exchange for a key runs at a time, and a failed one is nobody's answer but theirs who
waited for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple

import msgspec

MARGIN = 300.0
"""Seconds before its end from which a token is not used any more: a fetch may begin with it now and go on."""
SHORTEST = 60.0
"""Seconds that a token is used at least, however soon it is said to end."""
LONGEST = 3600.0
"""Seconds that a token is used at most, however late it is said to end."""
YOUNG = 60.0
"""Seconds for which a token that was just made is not given up, whoever refuses it."""
MOST = 4096
"""Tokens that are kept; the one made longest ago goes first."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown: `username` is for those who want one. `seconds` is how long it holds."""

    value: str
    seconds: float
    username: str = ""

    def __repr__(self) -> str:
        return "Token()"


Key = tuple[Hashable, ...]
"""Who is shown, then what for."""
Exchange = Callable[[], Awaitable[Token]]


class _Held(NamedTuple):
    token: Token
    made: float
    until: float


class Tokens:
    """By what they were exchanged for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[Key, _Held] = {}
        self._running: dict[Key, asyncio.Task[Token]] = {}

    async def of(self, key: Key, exchange: Exchange) -> Token:
        """The token that is held, or a new one. Raises what `exchange` raises."""
        held = self._held.get(key)
        if held is not None and self._clock() < held.until:
            return held.token
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.create_task(self._exchanged(key, exchange))
            running.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(running)

    def forget(self, who: Hashable) -> None:
        """Tokens whose key begins with this are not taken any more; those just made were refused for another
        reason, and are kept."""
        old = self._clock() - YOUNG
        gone = [key for key, held in self._held.items() if key[0] == who and held.made < old]
        for key in gone:
            del self._held[key]

    async def close(self) -> None:
        """End the exchanges that run."""
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _exchanged(self, key: Key, exchange: Exchange) -> Token:
        token = await exchange()
        holds = min(max(token.seconds - MARGIN, SHORTEST), LONGEST)
        self._held.pop(key, None)
        now = self._clock()
        self._held[key] = _Held(token, now, now + holds)
        while len(self._held) > MOST:
            self._held.pop(next(iter(self._held)))
        return token

    def _ended(self, key: Key, task: asyncio.Task[Token]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()
