"""Answers for the partitions of repositories that are ours.

Invariant: ownership saves work and no more: who lost a partition ends what it began, and pushes from where it
read alone.
"""

import asyncio

import structlog

from fairlead.bus import Bus, Handler, RemoteError
from fairlead.bus.requests import Serving
from fairlead.events import subjects
from fairlead.process.beating import Members

log = structlog.get_logger(__name__)


class Owner:
    """The subjects that are served."""

    def __init__(self, bus: Bus, members: Members, answers: dict[str, Handler]) -> None:
        self._bus = bus
        self._members = members
        self._answers = answers
        self._served: dict[str, Serving] = {}

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._members.joined()
        try:
            while True:
                self._members.changed.clear()
                await self._share()
                await self._members.changed.wait()
        finally:
            for part in list(self._served):
                await asyncio.shield(self._served.pop(part).end())

    async def _share(self) -> None:
        owned = self._members.owned
        for part in self._served.keys() - owned:
            await self._served.pop(part).end()
        for part in sorted(owned - self._served.keys()):
            self._served[part] = await self._bus.serve(subjects.rpc_commit(part, "*"), self._answer)
        log.info("partitions.served", parts="".join(sorted(owned)))

    async def _answer(self, subject: str, payload: bytes) -> bytes:
        verb = subject.rpartition(".")[2]
        if verb not in self._answers:
            raise RemoteError("InvalidArgument", f"unknown question {verb!r}")
        return await self._answers[verb](subject, payload)
