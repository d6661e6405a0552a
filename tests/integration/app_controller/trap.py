"""A write of the controller's at which it ends: it is held for ever, before the server sees it or after."""

import asyncio
from collections.abc import Set
from typing import Any

import pytest

from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter


class Trap:
    """Counts the writes of some kinds; the one that it is armed for is held."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kinds: Set[str]) -> None:
        self._kinds = kinds
        self._point: tuple[int, str] | None = None
        self._count = 0
        self.sprung = asyncio.Event()
        original = ClusterWriter._sent

        async def sent(writer: ClusterWriter, verb: str, resource: Resource, send: Any) -> Any:
            is_hit = self._is_hit(resource)
            if is_hit and self._point is not None and self._point[1] == "before":
                await self._hold()
            answer = await original(writer, verb, resource, send)
            if is_hit:
                await self._hold()
            return answer

        monkeypatch.setattr(ClusterWriter, "_sent", sent)

    def arm(self, number: int, stage: str) -> None:
        """The write of that number from now on, counted from 1, is held; `stage` is before or after."""
        self._point, self._count = (number, stage), 0
        self.sprung.clear()

    def disarm(self) -> None:
        """No write is held any more."""
        self._point = None

    def _is_hit(self, resource: Resource) -> bool:
        if self._point is None or resource.kind not in self._kinds:
            return False
        self._count += 1
        return self._count == self._point[0]

    async def _hold(self) -> None:
        self.sprung.set()
        await asyncio.Event().wait()
