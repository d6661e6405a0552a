"""Who may ask a sidecar now, and for how long one that did not answer is left alone.

Invariant: sidecars that hang hold no more than ALTOGETHER of those who render, so that the others have their
places; and each costs its deadline only to the few that asked it first.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from fairlead.repo_server.plugins.errors import PluginAwayError
from fairlead.repo_server.plugins.sockets import Socket

PAUSE = 10.0
"""Seconds for which one that did not answer is not asked again."""
AT_ONCE = 4
"""Questions that one sidecar works on."""
OF_ONE = 40
"""Who asks one sidecar, or waits for a place there; whoever comes later is told to come again."""
ALTOGETHER = 48
"""The same of all sidecars. Below what answers for applications at once."""

Answer = TypeVar("Answer")


class Patience:
    """The places of all sidecars."""

    def __init__(self) -> None:
        self._places: dict[str, asyncio.Semaphore] = {}
        self._holding: Counter[str] = Counter()
        self._away: dict[Socket, tuple[float, str]] = {}

    async def asked(self, socket: Socket, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What a sidecar answers, once it is our turn.

        Raises PluginError; a PluginAwayError at once when it did not answer a moment ago.
        """
        async with self._place(socket.sidecar.name):
            self._require_answering(socket)
            try:
                answer = await ask()
            except PluginAwayError as error:
                self._away[socket] = (_now() + PAUSE, str(error))
                raise
            self._away.pop(socket, None)
            return answer

    def _require_answering(self, socket: Socket) -> None:
        now = _now()
        self._away = {one: found for one, found in self._away.items() if found[0] > now}
        if socket in self._away:
            raise PluginAwayError(self._away[socket][1])

    @contextlib.asynccontextmanager
    async def _place(self, name: str) -> AsyncIterator[None]:
        if self._holding[name] >= OF_ONE or self._holding.total() >= ALTOGETHER:
            raise PluginAwayError(f"plugin {name}: too many renders wait for plugins already")
        self._holding[name] += 1
        try:
            async with self._places.setdefault(name, asyncio.Semaphore(AT_ONCE)):
                yield
        finally:
            self._holding[name] -= 1
            if not self._holding[name]:
                del self._holding[name], self._places[name]


def _now() -> float:
    return asyncio.get_running_loop().time()
