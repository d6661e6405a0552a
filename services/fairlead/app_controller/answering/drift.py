"""Answers what was changed of an application outside Git.

Invariant: who owns the application's cluster answers, since only it knows what is not written yet.
"""

from __future__ import annotations

from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.drifting.watch import Drifting
from fairlead.events.envelope import decode, encode
from fairlead.rpc import ApplicationQuery


class DriftAnswers:
    """Serves the journals."""

    def __init__(self, named: Named, drifting: Drifting) -> None:
        self._named = named
        self._drifting = drifting

    async def __call__(self, _: str, payload: bytes) -> bytes:
        """The journal of the application that a question names."""
        query = decode(ApplicationQuery, payload)
        record = self._named.record(query.namespace, query.name)
        return encode(await self._drifting.journal(record.id))
