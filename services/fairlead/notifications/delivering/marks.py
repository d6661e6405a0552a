"""Writes into Applications what was sent, after it was: the one change that this service makes.

Invariant: written is the whole memory, by who leads alone; what cannot be written is tried again until the
Application is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import msgspec
import structlog

from fairlead.kube import write
from fairlead.kube.collection import APPLICATIONS, Name
from fairlead.kube.errors import InvalidError, KubeError, NotFoundError
from fairlead.kube.writer import ClusterWriter
from fairlead.notices.judging.memory import ANNOTATION, written
from fairlead.notifications.delivering.ledger import Ledger
from fairlead.notifications.following.applications import Applications, Followed

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Applications that are written at once."""
SETTLED_WITHIN, SETTLED_LOOK = 3.0, 0.05
"""Seconds that the end of the process waits for what is to be written, and between two looks at that."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a write that failed is tried again: doubling between these."""


class Marks:
    """Those of the applications that are followed; the writer knows whether this replica leads."""

    def __init__(self, applications: Applications, ledger: Ledger, writer: ClusterWriter) -> None:
        self._applications = applications
        self._ledger = ledger
        self._writer = writer
        self._due: dict[Name, None] = {}
        self._busy: set[Name] = set()
        self._rung = asyncio.Event()

    def due(self, app: Followed) -> None:
        """What is remembered of an application is other than its annotation says."""
        self._due[app.name] = None
        self._rung.set()

    def clear(self) -> None:
        """Another replica leads and writes."""
        self._due.clear()

    async def run(self) -> None:
        """Write until cancelled."""
        places = asyncio.Semaphore(AT_ONCE)
        self._busy.clear()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._rung.wait()
                self._rung.clear()
                for name in [each for each in self._due if each not in self._busy]:
                    del self._due[name]
                    self._busy.add(name)
                    group.create_task(self._one(name, places))

    async def settled(self) -> None:
        """Return once all is written, or after a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLED_WITHIN):
                while self._due or self._busy:
                    await asyncio.sleep(SETTLED_LOOK)

    async def _one(self, name: Name, places: asyncio.Semaphore) -> None:
        try:
            pause = FIRST_PAUSE
            while (app := self._applications.get(name)) is not None:
                async with places:
                    is_done = await self._written(app)
                if is_done:
                    return
                await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - spreads load
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._busy.discard(name)
            if name in self._due:
                self._rung.set()

    async def _written(self, app: Followed) -> bool:
        """Whether the annotation says it all, or never will."""
        memory, changes = self._ledger.wanted(app)
        if not changes:
            return True
        metadata: dict[str, Any] = {"uid": app.uid, "annotations": {ANNOTATION: written(memory)}}
        body = msgspec.json.encode({"metadata": metadata})
        try:
            answer = await write.merge_patch(self._writer, APPLICATIONS, app.name[1], body, app.name[0])
        except (InvalidError, NotFoundError) as error:
            log.info("notifications.not_marked", app="/".join(app.name), error=error.message[:200])
            return True
        except KubeError as error:
            log.warning("notifications.not_marked", app="/".join(app.name), error=error.message[:200])
            return False
        self._applications.wrote(app, answer)
        return not self._ledger.written(app, changes)
