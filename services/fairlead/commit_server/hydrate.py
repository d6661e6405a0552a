"""The story of one hydration: what is wanted is gathered, the branch read, what differs made upon it, and
pushed from where the branch was read.

Invariant: a ref is moved from what was read to what was made of it, or not at all. What was pushed although
the answer was lost is found again by its id; what is already there is not written again.
"""

import asyncio
import random

import msgspec
import structlog

from fairlead.commit_server.gather import gather
from fairlead.commit_server.make import Made, Maker, Work, dry_sha_at
from fairlead.commit_server.repository import (
    Branch,
    WrittenRepositories,
    WrittenRepository,
    check_branches,
)
from fairlead.git import GitTransientError, MirrorCorruptError
from fairlead.git.errors import PushRefusedError
from fairlead.git.pushing import Fate, Pushed
from fairlead.hydration.dry import metadata_of
from fairlead.hydration.texts import NOTES
from fairlead.process.rendered_sets import RenderedSets
from fairlead.rpc.hydration import Hydrate, Hydrated, WriteBranch, WriteBranchHead

log = structlog.get_logger(__name__)

ATTEMPTS = 4
PAUSE = 0.5
"""Attempts of one request, and seconds before the second; each further one waits twice as long."""
_NOWHERE = "-"
"""As where a branch would be, was it moved by us."""


class Hydrator:
    """Writes to repositories, to each in one place at a time."""

    def __init__(self, repositories: WrittenRepositories, sets: RenderedSets, maker: Maker) -> None:
        self._repositories = repositories
        self._sets = sets
        self._maker = maker

    async def head(self, asked: WriteBranch) -> WriteBranchHead:
        """Where a branch is. Raises GitError."""
        check_branches(asked.sync_branch, asked.target_branch)
        repository = self._repositories.of(asked.repo_url, asked.project)
        async with repository.turn:
            branch = await repository.look(asked.sync_branch, asked.target_branch)
            dry_sha = await dry_sha_at(repository.mirror.trees, branch)
        return WriteBranchHead(head=branch.head, is_there=bool(branch.target), dry_sha=dry_sha)

    async def hydrate(self, asked: Hydrate) -> Hydrated:
        """Have the branch hold what is wanted.

        Raises GitError, HydrationError, NotRenderedError, ScriptError, SigningError.
        """
        check_branches(asked.sync_branch, asked.target_branch)
        repository = self._repositories.of(asked.repo_url, asked.project)
        folders = await gather(self._sets, asked)
        work = Work(asked=asked, metadata=metadata_of(asked.dry), folders=folders)
        async with repository.turn:
            return await self._settled(work, repository)

    async def _settled(self, work: Work, repository: WrittenRepository) -> Hydrated:
        made: Made | None = None
        ours = _NOWHERE
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311
            try:
                branch = await repository.look(work.asked.sync_branch, work.asked.target_branch)
                if made is not None and branch.target == ours:
                    rest = msgspec.structs.replace(made, upon=branch, updates=(), packed=[])
                    made = await self._maker.with_note(work, repository.mirror.trees, rest)
                elif await _is_overtaken(work, repository, branch):
                    log.info("hydration.overtaken", repo=repository.url, branch=work.target)
                    return Hydrated(hydrated_sha=branch.head, overtaken=True)
                elif made is None or made.upon != branch:
                    made = await self._maker.make(work, repository.mirror.trees, branch)
                    ours = made.head if made.head != branch.target else _NOWHERE
                if await self._push(work, repository, made):
                    return Hydrated(hydrated_sha=made.head, pushed=made.changed > 0)
            except MirrorCorruptError as error:
                made, ours = None, _NOWHERE
                log.warning("hydration.mirror_renewed", repo=repository.url, error=str(error))
                await repository.mirror.renew(repository.remote, generation=repository.mirror.generation)
            except GitTransientError as error:
                if attempt == ATTEMPTS - 1:
                    raise
                log.info("hydration.tried_again", repo=repository.url, error=str(error))
        raise GitTransientError(f"{repository.url}: the branch, or its notes, move faster than they are read")

    async def _push(self, work: Work, repository: WrittenRepository, made: Made) -> bool:
        """Whether all is where it belongs. Raises GitError."""
        if not made.updates:
            return True
        await repository.put(made.packed)
        told = await repository.remote.push(repository.mirror.path, made.updates)
        branches = tuple(update for update in made.updates if update.ref != NOTES)
        if branches and NOTES in told.fates and _refused(told):  # a server may refuse all because of the note
            told = await repository.remote.push(repository.mirror.path, branches)
            told.fates[NOTES] = Fate.REFUSED
        if refused := _refused(told):
            raise PushRefusedError(f"{repository.url} does not take the push to {refused[0]}: {told.words}")
        self._tell(work, repository, made, told)
        return Fate.OVERTAKEN not in told.fates.values()

    def _tell(self, work: Work, repository: WrittenRepository, made: Made, told: Pushed) -> None:
        """A note that is not taken is missed by nobody here: what stands at the root says the same."""
        if told.fates.get(NOTES) is Fate.REFUSED:
            log.warning("hydration.note_refused", repo=repository.url, words=told.words)
        if told.fates.get(work.target) is Fate.MOVED:
            log.info(
                "hydration.pushed",
                repo=repository.url,
                branch=work.asked.target_branch,
                commit=made.head,
                dry=work.metadata.dry_sha,
                folders=made.changed,
            )


async def _is_overtaken(work: Work, repository: WrittenRepository, branch: Branch) -> bool:
    """Whether the branch is elsewhere than where who asks read it, or stands for another dry commit."""
    expected = work.asked.expected_dry_sha
    if branch.head != work.asked.expected_head or expected is None:
        return branch.head != work.asked.expected_head
    known = await dry_sha_at(repository.mirror.trees, branch)
    return known not in (expected, work.metadata.dry_sha)


def _refused(told: Pushed) -> list[str]:
    """The branches that the server does not take."""
    return [ref for ref, fate in told.fates.items() if fate is Fate.REFUSED and ref != NOTES]
