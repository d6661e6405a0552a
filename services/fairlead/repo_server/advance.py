"""A commit was detected: who is affected is rendered and told, everybody else is moved by one message.

The work is proportional to the commit: its touched paths are looked up in the groups' indexes.

Invariant: after an advance every member of the group was either told of the new commit by name, or is
covered by the one `RevisionMoved`.
"""

import asyncio
from collections.abc import Iterable

import structlog

from fairlead.bus import BusUnavailableError, Message
from fairlead.events import Cause, CommitDetected, RenderLevel, RevisionMoved
from fairlead.git import GitError, RevisionError
from fairlead.git.revisions import resolve
from fairlead.repo_server.announce import Announcer
from fairlead.repo_server.declared import AppKey, Declared, Member
from fairlead.repo_server.following import Following, Group
from fairlead.repo_server.histories import Histories
from fairlead.repo_server.mirrors import Mirrors, Repository
from fairlead.repo_server.render import Renderer
from fairlead.repo_server.respond import Responder

log = structlog.get_logger(__name__)

RESPONSES_AT_ONCE = 64


class Advancer:
    """Moves groups to what their revision means now."""

    def __init__(
        self,
        *,
        declared: Declared,
        mirrors: Mirrors,
        following: Following,
        renderer: Renderer,
        responder: Responder,
        announcer: Announcer,
        histories: Histories,
    ) -> None:
        self._declared = declared
        self._mirrors = mirrors
        self._following = following
        self._renderer = renderer
        self._responder = responder
        self._announcer = announcer
        self._histories = histories
        self._slots = asyncio.Semaphore(RESPONSES_AT_ONCE)

    async def handle(self, message: Message) -> None:
        """A `CommitDetected`. Raises GitError or BusUnavailableError, which puts it back."""
        event = message.event(CommitDetected)
        for repository in self._mirrors.identified(event.repository):
            await self._catch_up(repository, event)
            for group in self._following.of(repository):
                if group.is_concerned(event.ref):
                    await self.advance(group, event.cause)

    async def _catch_up(self, repository: Repository, event: CommitDetected) -> None:
        """Another replica may have seen it: what counts is where the ref points here, not what is here."""
        await repository.mirror.open()
        if repository.url == event.repo_url and repository.mirror.refs.get(event.ref, "") != event.new:
            await repository.check(event.cause, list_first=True)

    async def advance(self, group: Group, cause: Cause) -> None:
        """Bring a group to the commit its revision means now. Raises GitError or BusUnavailableError.

        When it is there already, only those are answered of whom nothing is known: a repeated event moves
        nobody, as it is not known any more who was affected.
        """
        async with group.turn:
            try:
                found = await resolve(
                    group.revision,
                    group.repository.mirror,
                    group.repository.remote,
                    tag_prefix=group.tag_prefix,
                )
            except RevisionError:
                group.lose()
                await self._respond_all(_apps(group.members), cause)
                return
            told = group.told or group.commit
            affected = set(group.unplaced)
            if told != found.commit:
                affected |= await self._affected(group, told, found.commit)
                for member in affected:
                    group.displace(member)
            group.commit, group.ref = found.commit, found.ref
            log.info(
                "commit.advanced",
                repository=group.repository.identity,
                revision=group.revision,
                commit=found.commit,
                affected=len(affected),
                members=len(group.members),
            )
            apps = _apps(affected)
            await self._respond_all(apps, cause)
            await self._move_rest(group, told, apps)
            group.told = group.commit

    async def catch_up(self, repository: Repository, cause: Cause) -> bool:
        """Advance the groups that lag behind what the mirror holds, or of whose members something is not
        known for too long: whatever became of the message that should have said so. Whether all could be.
        """
        done = True
        for group in self._following.of(repository):
            try:
                if await self._lags(group):
                    await self.advance(group, cause)
            except (GitError, BusUnavailableError, OSError) as error:
                log.warning("group.not_advanced", repository=repository.identity, error=str(error))
                done = False
        return done

    @staticmethod
    async def _lags(group: Group) -> bool:
        if not group.commit:
            return False
        is_overdue = bool(group.unplaced & group.overdue)
        group.overdue = set(group.unplaced)
        if is_overdue or group.told != group.commit:
            return True
        if group.is_pinned:
            return False
        mirror = group.repository.mirror
        try:
            now = await resolve(group.revision, mirror, group.repository.remote, tag_prefix=group.tag_prefix)
        except RevisionError:
            return True
        return now.commit != group.commit

    async def _affected(self, group: Group, old: str, new: str) -> set[Member]:
        if not old:
            return set(group.members)
        return group.readers(await self._renderer.changes(group.repository, old, new))

    async def _respond_all(self, apps: set[AppKey], cause: Cause) -> None:
        """Raises BusUnavailableError when any answer could not be sent."""
        await asyncio.gather(*(self._respond(app, cause) for app in sorted(apps)))

    async def _respond(self, app: AppKey, cause: Cause) -> None:
        wish = self._declared.get(app)
        if wish is not None:
            async with self._slots:
                await self._responder.respond(wish, RenderLevel.RESOLVE, cause, as_fetched=True)

    async def _move_rest(self, group: Group, old: str, affected: set[AppKey]) -> None:
        """One message per controller shard for all that the commit left as they were."""
        if not old or old == group.commit:
            return
        touched = tuple(sorted(affected))
        await self._histories.moved(group.repository.identity, group.revision, old, group.commit, touched)
        event = RevisionMoved(
            repository=group.repository.identity,
            ref=group.revision,
            old=old,
            new=group.commit,
            affected=touched,
        )
        for shard in sorted(set(group.members.values())):
            await self._announcer.moved(shard, event)


def _apps(members: Iterable[Member]) -> set[AppKey]:
    return {member.app for member in members}
