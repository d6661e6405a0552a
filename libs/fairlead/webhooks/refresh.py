"""Asking for looks at ApplicationSets: those about one set that come close together are one.

Invariant: whoever asks returns only when the annotation is on every set that it concerns; a payload says
which sets to look at, never what they come to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from fairlead.kube.errors import NotFoundError
from fairlead.kube.resource import Resource

APPLICATION_SETS: Final = Resource(
    group="argoproj.io", version="v1alpha1", plural="applicationsets", kind="ApplicationSet", namespaced=True
)
REFRESH: Final = "argocd.argoproj.io/application-set-refresh"
BODY: Final = msgspec.json.encode({"metadata": {"annotations": {REFRESH: "true"}}})
APART: Final = 1.0
"""Seconds between two looks at one set; what comes meanwhile is one."""
AT_ONCE: Final = 8
"""Sets that are written at once."""

Name = tuple[str, str]
"""Namespace and name."""


class Kube(Protocol):
    """What writes the annotation."""

    async def merge_patch(
        self, resource: Resource, name: str, body: bytes, namespace: str | None = None
    ) -> bytes: ...


class Refreshes:
    """One task for each set that is asked about, or was a moment ago."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._next: dict[Name, asyncio.Future[None]] = {}
        self._tasks: dict[Name, asyncio.Task[None]] = {}

    async def ask(self, names: Iterable[Name]) -> None:
        """Return once all of them are annotated. Raises KubeError."""
        await asyncio.gather(*(asyncio.shield(self._asked(name)) for name in names))

    def _asked(self, name: Name) -> asyncio.Future[None]:
        waiting = self._next.get(name)
        if waiting is None:
            waiting = self._next[name] = asyncio.get_running_loop().create_future()
            waiting.add_done_callback(_seen)
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._run(name))
        return waiting

    async def _run(self, name: Name) -> None:
        """Until nobody asked for a while."""
        try:
            while (told := self._next.pop(name, None)) is not None:
                await self._write(name, told)
                await asyncio.sleep(APART)
        finally:
            del self._tasks[name]

    async def _write(self, name: Name, told: asyncio.Future[None]) -> None:
        namespace, set_name = name
        try:
            with suppress(NotFoundError):
                async with self._gate:
                    await self._kube.merge_patch(APPLICATION_SETS, set_name, BODY, namespace)
        except asyncio.CancelledError:
            told.cancel()
            raise
        except Exception as error:  # for whoever asked
            told.set_exception(error)
            return
        told.set_result(None)


def _seen(told: asyncio.Future[None]) -> None:
    """Nobody may be left to see why it failed."""
    if not told.cancelled():
        told.exception()
