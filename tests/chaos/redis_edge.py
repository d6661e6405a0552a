"""The edge to Redis, which knows commands: whoever watches is told of those that change something."""

import asyncio
from collections.abc import Callable

from tests.chaos.edge import Edge, Way
from tests.chaos.effects import Watchers, effect_of_command
from tests.chaos.framing import RedisFraming

_LOGIN = frozenset({"AUTH", "HELLO"})
"""Commands that hold the password, as they must."""


class RedisEdge(Edge):
    """One service's way to Redis."""

    def __init__(
        self,
        name: str,
        target: int,
        *,
        watchers: Watchers,
        hear: Callable[[str, bytes], None] = lambda _, __: None,
    ) -> None:
        super().__init__(name, target)
        self.watchers = watchers
        self.hear = hear

    def way(self, onward: asyncio.StreamWriter) -> Way:
        """Commands, one by one."""
        return _CommandWay(self, onward)


class _CommandWay(Way):
    def __init__(self, edge: RedisEdge, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        self._edge = edge
        self._framing = RedisFraming()

    async def go(self, data: bytes) -> None:
        """Bytes came; whole commands go on."""
        for command in self._framing.feed(data):
            if command.name not in _LOGIN:
                self._edge.hear("Redis", command.raw)
            effect = effect_of_command(self._edge.name, command.name)
            if effect is not None:
                await self._edge.watchers.tell(effect, "before")
            self._writer.write(command.raw)
            await self._writer.drain()
            if effect is not None:
                await self._edge.watchers.tell(effect, "after")
