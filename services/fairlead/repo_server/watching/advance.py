"""A commit was detected: who is affected is rendered and told, everybody else is moved by one message.

The work is proportional to the commit: its touched paths are looked up in the groups' indexes.

Invariant: after an advance every member of the group was either told of the new commit by name, or is
covered by the one `RevisionMoved`.
"""

import asyncio
import time
from collections.abc import Iterable

import structlog

from fairlead.bus import BusError, StaleRevisionError
from fairlead.events import Cause, RenderLevel, RevisionMoved, SignaturesDemanded, trace
from fairlead.events.ref_history import Move, RefHistory
from fairlead.git import GitError, RevisionError
from fairlead.git.revisions import Resolved
from fairlead.render import RenderError
from fairlead.repo_server.answering.announce import Announcer
from fairlead.repo_server.answering.respond import Responder
from fairlead.repo_server.remotes.declared import AppKey, Declared, Member
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.histories import Histories, Written
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.rendering.memory import Memory
from fairlead.repo_server.watching.inherit import inherit
from fairlead.repo_server.watching.moves import Moves

log = structlog.get_logger(__name__)

RESPONSES_AT_ONCE = 64
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two tries to advance a group."""


class Advancer:
    """Moves groups to what their revision means now."""

    def __init__(
        self,
        *,
        declared: Declared,
        following: Following,
        memory: Memory,
        responder: Responder,
        announcer: Announcer,
        histories: Histories,
        integrity: Integrity,
    ) -> None:
        self._integrity = integrity
        self._declared = declared
        self._following = following
        self._memory = memory
        self._responder = responder
        self._announcer = announcer
        self._histories = histories
        self._owed: dict[Group, Cause | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(RESPONSES_AT_ONCE)

    async def run(self, moves: Moves) -> None:
        """Advance what moved, in the background and until that is done, for ever."""
        while True:
            for group, found in (await moves.taken()).items():
                with trace.following(found.trace):
                    self._begin(group, found.cause)

    async def close(self) -> None:
        """Give up what is under way: who follows the groups next finds it."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def owe(self, group: Group, cause: Cause) -> None:
        """Advance a group soon, or once more when that is done which is under way."""
        self._begin(group, cause)

    def _begin(self, group: Group, cause: Cause) -> None:
        is_begun = group in self._owed
        self._owed[group] = cause
        if not is_begun:
            task = asyncio.create_task(self._pay(group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pay(self, group: Group) -> None:
        """What is asked for meanwhile is found by one more advance."""
        pause = FIRST_PAUSE
        while group.members and (cause := self._owed[group]) is not None:
            self._owed[group] = None
            try:
                await self.advance(group, cause)
            except (GitError, BusError, OSError) as error:
                log.warning("group.not_advanced", repository=group.repository.identity, error=str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                self._owed[group] = self._owed[group] or cause
            except Exception:
                log.exception("group.advance.broke", repository=group.repository.identity)
        del self._owed[group]

    async def advance(self, group: Group, cause: Cause) -> None:
        """Bring a group to the commit its revision means now. Raises GitError or BusError.

        When it is there already, only those are answered of whom nothing is known, and those whom another
        repo-server told otherwise: a repeated event moves nobody, as nobody knows any more who was affected.
        """
        async with group.turn:
            if not group.members:
                return
            was_doubted, group.is_doubted = group.is_doubted, False
            try:
                await self._advance(group, cause, was_doubted)
            except BaseException:
                group.is_doubted = group.is_doubted or was_doubted
                raise

    async def _advance(self, group: Group, cause: Cause, was_doubted: bool) -> None:
        repository = group.repository
        await repository.mirror.open()
        try:
            found = await repository.resolve(group.revision, tag_prefix=group.tag_prefix)
        except RevisionError:
            group.lose()
            await self._respond_all(_apps(group.members), cause, group)
            return
        known = await self._histories.of(repository.identity, group.revision)
        history = known.history.of(group.parts)
        if was_doubted and group.unplaced:
            await inherit(group, found, history, self._declared, self._memory)
        affected = await self._affected(group, found.commit, history, was_doubted)
        affected |= await self._unverified(group, found)
        for member in affected:
            group.displace(member)
        group.mean(found)
        log.info(
            "commit.advanced",
            repository=repository.identity,
            revision=group.revision,
            commit=found.commit,
            affected=len(affected),
            members=len(group.members),
        )
        apps = _apps(affected)
        await self._record(group, apps, known)
        await self._respond_all(apps, cause, group)
        if was_doubted and len(history.moves) > 1:
            await self._move_rest(group, history.moves[-2].commit, history.moves[-1])
        move = Move(commit=group.commit, touched=tuple(sorted(apps)), shown=group.shown)
        await self._move_rest(group, group.told, move)
        group.told, group.told_shown = group.commit, group.shown

    async def catch_up(self, repository: Repository, cause: Cause) -> bool:
        """Advance the groups that lag behind what the mirror holds, or of whose members something is not
        known for too long: whatever became of the message that should have said so. Whether all could be.
        """
        done = True
        for group in self._following.of(repository):
            try:
                if await self._lags(group):
                    await self.advance(group, cause)
                elif group.told:
                    await self._responder.record(group)
            except StaleRevisionError:
                self._begin(group, cause)
            except (GitError, BusError, OSError) as error:
                log.warning("group.not_advanced", repository=repository.identity, error=str(error))
                done = False
        return done

    @staticmethod
    async def _lags(group: Group) -> bool:
        if group.is_doubted:
            return True
        if not group.commit:
            return False
        is_overdue = bool(group.unplaced & group.overdue)
        group.overdue = set(group.unplaced)
        if is_overdue or group.told != group.commit:
            return True
        if group.is_pinned:
            return False
        try:
            now = await group.repository.resolve(group.revision, tag_prefix=group.tag_prefix)
        except RevisionError:
            return True
        return now.commit != group.commit

    async def _affected(self, group: Group, new: str, history: RefHistory, was_doubted: bool) -> set[Member]:
        """Of whom nothing is known, who read what was touched, and whom another repo-server told since, or
        may not have told any more what it had written down.
        """
        told = group.told
        if not told:
            return set(group.members)
        affected = set(group.unplaced)
        if told != new:
            affected |= group.readers(await self._memory.changes(group.repository, told, new))
        if history.commit and history.commit != told:
            touched = history.touched_since(told)
            affected |= {m for m in group.members if touched is None or m.app in touched}
        elif was_doubted and history.moves:
            affected |= {m for m in group.members if m.app in history.moves[-1].touched}
        return affected

    async def _unverified(self, group: Group, found: Resolved) -> set[Member]:
        """Who may not be moved to this commit, whatever it touched, as it is not signed as is demanded. Each
        policy is looked at once."""
        verdicts: dict[str, bool] = {}
        affected = set[Member]()
        for member, demanded in tuple(group.guarded.items()):
            key = demanded.digest
            if key not in verdicts:
                verdicts[key] = await self._is_verified(demanded, group, found)
            if not verdicts[key]:
                affected.add(member)
        return affected & group.members.keys()

    async def _is_verified(self, demanded: SignaturesDemanded, group: Group, found: Resolved) -> bool:
        """What cannot be told is answered one by one, with the reason."""
        if demanded.problem:
            return False
        try:
            return not await self._integrity.problems(demanded, group.repository, found)
        except (RenderError, GitError) as error:
            log.info("commit.not_verified", repository=group.repository.identity, error=str(error))
            return False

    async def _respond_all(self, apps: set[AppKey], cause: Cause, group: Group) -> None:
        """Raises BusUnavailableError when any answer could not be sent."""
        await asyncio.gather(*(self._respond(app, cause, group) for app in sorted(apps)))

    async def _respond(self, app: AppKey, cause: Cause, group: Group) -> None:
        """Who was answered meanwhile, at the same commit, needs no further answer."""
        wish = self._declared.get(app)
        if wish is not None:
            async with self._slots:
                await self._responder.respond(
                    wish,
                    RenderLevel.RESOLVE,
                    cause,
                    as_fetched=True,
                    unless=lambda: not group.lacks(app, len(wish.sources)),
                )

    async def _record(self, group: Group, affected: set[AppKey], known: Written) -> None:
        """Write the move down before anybody is told of it: who comes after us tells those it touched again,
        if need be. A commit itself never moves. Raises StaleRevisionError when another told meanwhile.
        """
        touched, old = tuple(sorted(affected)), group.told
        if group.is_pinned or (old == group.commit and not touched):
            return
        parts = group.parts
        history = known.history.moved(
            old, group.commit, touched, parts, shown=group.shown, old_shown=group.told_shown
        )
        await self._histories.write(known, history)
        group.recorded_at, group.recorded_of = time.monotonic(), parts

    async def _move_rest(self, group: Group, old: str, move: Move) -> None:
        """One message per controller shard for all that a commit left as they were. Of what was recorded last
        nobody knows whether it was still told by who recorded it, so an heir tells it again.

        What groups beside this one make of the commit is theirs to tell.
        """
        if not old or old == move.commit:
            return
        others = {member.app for other in self._following.beside(group) for member in other.members}
        event = RevisionMoved(
            repository=group.repository.identity,
            ref=group.revision,
            old=old,
            new=move.commit,
            shown=move.shown,
            affected=tuple(sorted({*move.touched, *others})),
            parts=group.parts,
        )
        for shard in sorted(set(group.members.values())):
            await self._announcer.moved(shard, event)


def _apps(members: Iterable[Member]) -> set[AppKey]:
    return {member.app for member in members}
