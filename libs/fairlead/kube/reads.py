"""Reads whole what is live and was not kept whole.

Invariant: an object that was completed is kept whole until it is deleted, however often it changes.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from fairlead.kube.errors import KubeError
from fairlead.kube.head import decode_head
from fairlead.kube.keeping import Keeping
from fairlead.kube.live_index import LiveIndex
from fairlead.kube.live_object import LiveObject
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import ResourceKey

AT_ONCE: Final = 10
"""Objects that are read by themselves at a time."""
ATTEMPTS: Final = 3
"""Times that an object is read which changes meanwhile."""


class Reads:
    """Reads single objects of a cluster; `take` is given what is to be kept."""

    def __init__(
        self, client: KubeClient, index: LiveIndex, keeping: Keeping, take: Callable[[LiveObject], object]
    ) -> None:
        self._client = client
        self._index = index
        self._keeping = keeping
        self._take = take

    async def whole(self, key: ResourceKey) -> LiveObject | None:
        """A live object with all of its text, None when there is none. Raises KubeError."""
        live = self._index.get(key)
        if live is None or live.is_whole:
            return live
        raw = await self._client.find(live.resource, key.name, key.namespace or None)
        return None if raw is None else self._keeping.whole(live.resource, decode_head(raw), raw)

    async def complete(self, keys: Iterable[ResourceKey]) -> dict[ResourceKey, str]:
        """Has these kept whole from now on; why that cannot be, for those for which it cannot."""
        problems: dict[ResourceKey, str] = {}
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for key in keys:
                group.create_task(self._complete(key, gate, problems))
        return problems

    async def _complete(
        self, key: ResourceKey, gate: asyncio.Semaphore, problems: dict[ResourceKey, str]
    ) -> None:
        self._keeping.pinned.add(key)
        problem = "it changes faster than it can be read"
        async with gate:
            for _ in range(ATTEMPTS):
                try:
                    read = await self.whole(key)
                except KubeError as error:
                    problem = error.message
                    break
                if read is not None:
                    self._take(read)
                now = self._index.get(key)
                if now is None or now.is_whole or read is None:
                    return
        problems[key] = problem
