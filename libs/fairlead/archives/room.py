"""How many bytes of archives are in memory at once, from their first byte until they are imported.

Invariant: there are never more than TOTAL, and one host has no more than a part of them, so that one which
sends slowly or much holds up nobody else. An archive by itself always finds room.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

TOTAL: Final = 384 << 20
"""Bytes of all archives together."""
OF_A_HOST: Final = 128 << 20
"""Bytes of those of one host: of the largest archive that is taken."""


class Room:
    """Shares for archives; see `Share`."""

    def __init__(self, total: int = TOTAL, of_a_host: int = OF_A_HOST) -> None:
        self._total = total
        self._of_a_host = of_a_host
        self._held = 0
        self._hosts: dict[str, int] = {}
        self._changed = asyncio.Condition()

    def share(self, host: str) -> "Share":
        """For what is got from a host; nothing is held yet."""
        return Share(self, host)

    async def take(self, host: str, size: int) -> None:
        """Wait until there is room for so many bytes, and hold it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._has_room(host, size))
            self._held += size
            self._hosts[host] = self._hosts.get(host, 0) + size

    async def give(self, host: str, size: int) -> None:
        """Hold it no more."""
        async with self._changed:
            self._held -= size
            self._hosts[host] -= size
            if not self._hosts[host]:
                del self._hosts[host]
            self._changed.notify_all()

    def _has_room(self, host: str, size: int) -> bool:
        own = self._hosts.get(host, 0)
        return (not own or own + size <= self._of_a_host) and (
            not self._held or self._held + size <= self._total
        )


class Share:
    """What one archive holds, until the block ends."""

    def __init__(self, room: Room, host: str) -> None:
        self._room = room
        self._host = host
        self._size = 0

    async def take(self, size: int) -> None:
        """Hold so many bytes, once there is room for them."""
        await self._room.take(self._host, size)
        self._size += size

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._size:
            await asyncio.shield(self._room.give(self._host, self._size))


ROOM: Final = Room()
"""That of the process."""
