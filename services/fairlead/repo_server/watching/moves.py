"""What the looks at remotes found: refs that moved, and whom that concerns, until somebody advances them.

Invariant: a move that somebody follows is announced before it is handed on, and nothing is handed on twice
while it waits.
"""

import asyncio
from typing import NamedTuple

import structlog

from fairlead.events import Cause, Trace, trace
from fairlead.git import MovedRef
from fairlead.repo_server.answering.announce import Announcer
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.interests import Interests
from fairlead.repo_server.remotes.repository import Repository

log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """Why a group's ref was looked at, and the trace of that."""

    cause: Cause
    trace: Trace


class Moves:
    """Groups whose ref moved, each with the last look that found it."""

    def __init__(self, *, following: Following, interests: Interests, announcer: Announcer) -> None:
        self._following = following
        self._interests = interests
        self._announcer = announcer
        self._found: dict[Group, Found] = {}
        self._arrived = asyncio.Event()

    async def moved(self, repository: Repository, moves: tuple[MovedRef, ...], cause: Cause) -> None:
        """Tell of each moved ref that somebody follows or a generator asked about, and have who follows it
        advanced."""
        for move in moves:
            concerned = [g for g in self._following.of(repository) if g.is_concerned(move.ref)]
            if not concerned and not self._interests.concern(repository, move.ref):
                continue
            log.info(
                "commit.detected",
                repository=repository.identity,
                ref=move.ref,
                old=move.old,
                new=move.new,
                cause=cause,
            )
            await self._announcer.commit_detected(repository, move, cause)
            if concerned:
                self._found |= dict.fromkeys(concerned, Found(cause, trace.current()))
                self._arrived.set()

    async def taken(self) -> dict[Group, Found]:
        """The groups that are to be advanced; waits until there is one."""
        await self._arrived.wait()
        self._arrived.clear()
        found, self._found = self._found, {}
        return found
