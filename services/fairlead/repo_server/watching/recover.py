"""A repository answers again: whoever was left without manifests meanwhile gets them.

Invariant: nothing is rendered for those who lack nothing.
"""

import asyncio

import structlog

from fairlead.events import Cause
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.watching.advance import Advancer

log = structlog.get_logger(__name__)

AGAIN = 5.0
"""Seconds after which a recovery that could not be told is begun again."""


class Recoverer:
    """Collects repositories that answer again, and has their groups advanced."""

    def __init__(self) -> None:
        self._waiting: dict[str, Repository] = {}
        self._arrived = asyncio.Event()

    def recovered(self, repository: Repository) -> None:
        """A look succeeded after one that failed."""
        self._waiting[repository.mirror.name] = repository
        self._arrived.set()

    async def run(self, advancer: Advancer) -> None:
        """Serve what recovered, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            waiting, self._waiting = self._waiting, {}
            for repository in waiting.values():
                await self._serve(repository, advancer)

    async def _serve(self, repository: Repository, advancer: Advancer) -> None:
        try:
            if not await advancer.catch_up(repository, Cause.RETRY):
                asyncio.get_running_loop().call_later(AGAIN, self.recovered, repository)
        except Exception:
            log.exception("repository.recovery.broke", repository=repository.identity)
