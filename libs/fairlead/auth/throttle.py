"""How often a password may be guessed: by name and address, and by name over all addresses.

Counted are failures. An attempt under way holds one of the guesses that are left, so that a race gains no
more than a queue; whoever finds none left but some under way waits for these. So who has the right password
is never refused for being many at once.

The invariant: the count of a real account is never forgotten to make room for made-up names, and with
`shared` tallies all replicas count together, also after a restart.
"""

import asyncio
import hashlib
import ipaddress
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

LIMIT = 5
"""Failures of a name from one address within the window after which attempts are refused (contract 13.1)."""
LIMIT_OF_NAME = 100
"""Failures of one name from all addresses after which only addresses it logged in from of late go on."""
WINDOW = 300.0
"""Seconds after the first failure until they are forgotten."""
KNOWN = 24 * 3600.0
"""Seconds for which an address is known after a login."""
KNOWN_AGAIN = 3600.0
"""Seconds after which a login from a known address is noted anew."""
NAMES = 10_000
"""Made-up names remembered at once; the oldest goes first."""
REAL = 100_000
"""Pairs of a real account and an address remembered here; the oldest goes first."""
RACES = 8
"""Attempts to write a tally that others write too."""


class Tally(msgspec.Struct, frozen=True):
    """Failures since a time, in unix seconds. For a known address, the time of its last login."""

    since: float = 0.0
    failures: int = 0


class Tallies(Protocol):
    """Where tallies are shared. Both answer as if nothing were there when the place cannot be reached."""

    async def read(self, key: str) -> tuple[bytes, int]:
        """A tally, "" when there is none, and its revision."""

    async def write(self, key: str, value: bytes, revision: int) -> bool:
        """Write it while it has this revision; whether nobody else was faster."""


class Alone:
    """No other replica."""

    async def read(self, _: str) -> tuple[bytes, int]:
        return b"", 0

    async def write(self, _: str, __: bytes, ___: int) -> bool:
        return True


class Attempt:
    """One attempt that may go on; failed unless it is said to have succeeded."""

    def __init__(self) -> None:
        self.has_succeeded = False

    def succeeded(self) -> None:
        """The password was right."""
        self.has_succeeded = True


class _Gate:
    def __init__(self) -> None:
        self.under_way = 0
        self.users = 0
        self.changed = asyncio.Condition()


class LoginThrottle:
    """Counts failures; `clock` gives unix seconds."""

    def __init__(self, shared: Tallies | None = None, clock: Callable[[], float] = time.time) -> None:
        self._shared = shared or Alone()
        self._clock = clock
        self._real: OrderedDict[str, Tally] = OrderedDict()
        self._made_up: OrderedDict[str, Tally] = OrderedDict()
        self._gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def attempt(self, name: str, address: str, *, exists: bool) -> AsyncIterator[Attempt | None]:
        """An attempt while the block runs; None when there is no guess left."""
        pair, known = _key("pair", name, place_of(address)), _key("known", name, place_of(address))
        if exists and await self._is_closed(_key("name", name), known):
            yield None
            return
        gate = self._gates.setdefault(pair, _Gate())
        gate.users += 1
        try:
            if not await self._entered(gate, pair, exists=exists):
                yield None
                return
            attempt = Attempt()
            try:
                yield attempt
                await self._settle(attempt, name, pair, known, exists=exists)
            finally:
                gate.under_way -= 1
                async with gate.changed:
                    gate.changed.notify_all()
        finally:
            gate.users -= 1
            if not gate.users:
                self._gates.pop(pair, None)

    async def _entered(self, gate: _Gate, pair: str, *, exists: bool) -> bool:
        async with gate.changed:
            while True:
                failures = (await self._tally(pair, exists=exists)).failures
                if failures >= LIMIT:
                    return False
                if failures + gate.under_way < LIMIT:
                    gate.under_way += 1
                    return True
                await gate.changed.wait()

    async def _settle(self, attempt: Attempt, name: str, pair: str, known: str, *, exists: bool) -> None:
        if not attempt.has_succeeded:
            await self._count(pair, exists=exists)
            if exists:
                await self._count(_key("name", name), exists=True)
            return
        now = self._clock()
        if (await self._tally(pair, exists=exists)).failures:
            await self._put(pair, lambda _: Tally(now, 0), exists=exists)
        if now - (await self._read(known, exists=exists)).since > KNOWN_AGAIN:
            await self._put(known, lambda _: Tally(now, 0), exists=exists)

    async def _is_closed(self, name: str, known: str) -> bool:
        if (await self._tally(name, exists=True)).failures < LIMIT_OF_NAME:
            return False
        return self._clock() - (await self._read(known, exists=True)).since > KNOWN

    async def _count(self, key: str, *, exists: bool) -> None:
        now = self._clock()

        def more(tally: Tally) -> Tally:
            is_over = now - tally.since >= WINDOW
            return Tally(now, 1) if is_over else Tally(tally.since, tally.failures + 1)

        await self._put(key, more, exists=exists)

    async def _tally(self, key: str, *, exists: bool) -> Tally:
        found = await self._read(key, exists=exists)
        return Tally() if self._clock() - found.since >= WINDOW else found

    async def _read(self, key: str, *, exists: bool) -> Tally:
        own = (self._real if exists else self._made_up).get(key, Tally())
        if not exists:
            return own
        return _later(own, _decoded((await self._shared.read(key))[0]))

    async def _put(self, key: str, change: Callable[[Tally], Tally], *, exists: bool) -> None:
        own = self._real if exists else self._made_up
        changed = change(own.pop(key, Tally()))
        own[key] = changed
        while len(own) > (REAL if exists else NAMES):
            own.popitem(last=False)
        for _ in range(RACES if exists else 0):
            value, revision = await self._shared.read(key)
            theirs = _decoded(value)
            if theirs.since:
                own[key] = changed = change(theirs)
            if await self._shared.write(key, msgspec.json.encode(changed), revision):
                return


def place_of(address: str) -> str:
    """What counts as one address: of IPv6 the network, since everybody has very many in theirs."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _later(own: Tally, shared: Tally) -> Tally:
    """The more recent one; of one time, that with more failures: a clearing is later than what it clears."""
    return max(own, shared, key=lambda tally: (tally.since, tally.failures))


def _decoded(value: bytes) -> Tally:
    try:
        return msgspec.json.decode(value, type=Tally) if value else Tally()
    except msgspec.DecodeError:
        return Tally()


def _key(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:40]
