"""How many git processes run, or requests, at once: fairly many in all, few for each host.

Invariant: a host that hangs holds up its own repositories and no other's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

PER_HOST = 8
IN_ALL = 48
LOCAL = ""
"""Stands for the host of processes that only read and write mirrors."""


class Slots:
    """Places by host. `heavy` is the one for going through a whole repository."""

    def __init__(self, *, per_host: int = PER_HOST, in_all: int = IN_ALL) -> None:
        self.heavy = asyncio.Semaphore(1)
        self._per_host = per_host
        self._all = asyncio.Semaphore(in_all)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @contextlib.asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[None]:
        """Hold a place of a host. The host's own comes first: who waits for it takes nobody else's."""
        gate = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        self._users[host] = self._users.get(host, 0) + 1
        try:
            async with gate, self._all:
                yield
        finally:
            self._users[host] -= 1
            if not self._users[host]:
                del self._users[host], self._hosts[host]
