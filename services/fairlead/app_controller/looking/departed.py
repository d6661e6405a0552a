"""Sees applications off that are gone: nothing is rendered for them any more, and everybody is told.

Invariant: by the replica that owned it alone, and until it is done.
"""

from __future__ import annotations

import asyncio

from fairlead.app_controller.book import Record
from fairlead.app_controller.rendering.wants import Wants
from fairlead.app_controller.reporting.tell import Teller
from fairlead.events import PublicEventType
from fairlead.events.story import DeletedData
from fairlead.process.supervise import supervise


class Departed:
    """Those whose end is under way."""

    def __init__(self, wants: Wants, teller: Teller) -> None:
        self._wants = wants
        self._teller = teller
        self._leaving: set[asyncio.Task[None]] = set()

    def see_off(self, record: Record) -> None:
        """Begin the end of an application that is gone."""
        task = asyncio.create_task(supervise(f"end of {record.id.qualified}", lambda: self._end(record)))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _end(self, record: Record) -> None:
        await self._wants.withdraw(record.id)
        cascade = any(name.startswith("resources-finalizer") for name in record.app.metadata.finalizers)
        await self._teller.public(record, PublicEventType.APP_DELETED, DeletedData(cascade=cascade))
