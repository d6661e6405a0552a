"""One answer for one application: look, resolve, render, tell.

Invariant: every call ends in an answer on the bus, manifests or failure, or raises because the bus is away;
and of one application the answers leave in the order of the looks that they come from.
"""

import asyncio
import time
from collections.abc import Callable

import structlog

from fairlead.bus import BusUnavailableError, Message
from fairlead.bus.topology import HISTORIES_AGE
from fairlead.events import (
    Cause,
    Look,
    RenderFailure,
    RenderLevel,
    RenderRequested,
    SourcesWanted,
    subjects,
)
from fairlead.git import GitError, GitInvalidError, RevisionError, UrlRefusedError
from fairlead.git.merging import merging
from fairlead.render import RenderInvalidError
from fairlead.repo_server.answering.announce import Announcer, Told
from fairlead.repo_server.answering.retry import Retries
from fairlead.repo_server.remotes.declared import AppKey, Declared, Member, part_of
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.histories import Histories
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.remotes.turns import Turns
from fairlead.repo_server.rendering.attempt import Asked
from fairlead.repo_server.rendering.integrity import UnverifiedError
from fairlead.repo_server.rendering.located import Located
from fairlead.repo_server.rendering.render import Produced, Renderer, SourceError
from fairlead.repo_server.rendering.wish import InvalidWishError
from fairlead.repo_server.rendering.wish import check as check_wish

log = structlog.get_logger(__name__)

REQUESTS_AT_ONCE = 256
"""Requests in work: many may wait for one slow remote without holding up the others."""
GATHERING = 0.25
"""Seconds between two looks for new and changed applications, so that many made at once share one."""
SETTLING = 3
"""Renders of one answer that were overtaken by other settings; then it is told, and made again later."""
AS_FETCHED = float("inf")
"""As `max_age`: what the mirror has is good enough."""


_LASTING = (GitInvalidError, RenderInvalidError, InvalidWishError, UnverifiedError)
"""What fails until somebody changes something."""


class Responder:
    """Answers for applications."""

    def __init__(
        self,
        *,
        declared: Declared,
        mirrors: Mirrors,
        following: Following,
        renderer: Renderer,
        announcer: Announcer,
        retries: Retries,
        histories: Histories,
        fresh_seconds: float,
    ) -> None:
        self._declared = declared
        self._mirrors = mirrors
        self._following = following
        self._renderer = renderer
        self._announcer = announcer
        self._retries = retries
        self._histories = histories
        self._turns: Turns[AppKey] = Turns()
        self.fresh_seconds = fresh_seconds

    async def handle(self, message: Message) -> None:
        """A `RenderRequested`. Raises BusUnavailableError, which puts it back."""
        event = message.event(RenderRequested)
        app = AppKey(event.namespace, event.name)
        wish = await self._declared.current(app, at_least=event.wanted_revision)
        if wish is None or message.subject != subjects.render_requested(part_of(wish), *app):
            reason = "it wants nothing" if wish is None else "it wants another repository by now"
            log.info("render.request.dropped", app=app, reason=reason)
            return
        await self.respond(wish, event.level, event.cause, question=event.question)

    async def retry(self, app: AppKey) -> None:
        """Answer again after a failure that may have passed."""
        wish = self._declared.get(app)
        if wish is None or self._following.group_of(Member(app, 0)) is None:
            self._retries.done(app)
            return
        await self.respond(wish, RenderLevel.RESOLVE, Cause.RETRY)

    async def tell_again(self, app: AppKey) -> None:
        """Tell once more what NATS lost. Raises BusUnavailableError."""
        async with self._turns.of(app):
            wish = self._declared.get(app)
            if wish is not None:
                await self._announcer.again(wish)

    async def respond(
        self,
        wish: SourcesWanted,
        level: RenderLevel,
        cause: Cause,
        *,
        as_fetched: bool = False,
        question: int = 0,
        unless: Callable[[], bool] = lambda: False,
    ) -> None:
        """Answer for one application, unless something holds when its turn comes. With `as_fetched` no remote
        is asked. Raises BusUnavailableError.

        The remote is asked before the application's turn comes, so that one that hangs holds up nobody.
        """
        told = Told(wish=wish, level=level, cause=cause, question=question)
        failure: Exception | None = None
        try:
            _refuse_merges(wish)
            await self.look(wish, AS_FETCHED if as_fetched else self._max_age(level, cause), cause)
        except BusUnavailableError:
            raise
        except Exception as error:
            failure = None if level <= RenderLevel.CACHED and self._is_remembered(wish, error) else error
        if level >= RenderLevel.HARD and failure is None:
            for repository in self._repositories(wish):
                repository.doubt()
        async with self._turns.of(AppKey(wish.namespace, wish.name)):
            if not unless():
                await self._respond(told, failure)

    async def _respond(self, told: Told, failure: Exception | None) -> None:
        wish, located = told.wish, list[Located]()
        app = AppKey(wish.namespace, wish.name)
        if failure is not None:
            await self._failed(told, located, failure)
            return
        try:
            await self.resolve(wish, located)
            anew = told.level >= RenderLevel.HARD or told.cause is Cause.CACHE_LOST
            asked = Asked(anew=anew, hard=told.level >= RenderLevel.HARD)
            produced = await self._produced(wish, located, asked)
        except BusUnavailableError:
            raise
        except Exception as error:
            await self._failed(told, located, error)
            return
        self._retries.done(app)
        await self._announcer.rendered(told, produced, tuple(located))
        if self._renderer.is_bound(produced):
            await self._place(app, located, produced)
        else:
            self._retries.owe(app)

    async def _produced(self, wish: SourcesWanted, located: list[Located], asked: Asked) -> Produced:
        """What was begun under other settings than those in force is not told, but made again."""
        for _ in range(SETTLING):
            produced = await self._renderer.produce(wish, located, asked)
            if self._renderer.is_bound(produced):
                break
        return produced

    async def locate(
        self, wish: SourcesWanted, max_age: float, cause: Cause, located: list[Located]
    ) -> list[Located]:
        """Find the commits that the sources mean; all from one state of each mirror.

        Raises:
            InvalidWishError, GitError: no commits; `located` has those found until then.
        """
        await self.look(wish, max_age, cause)
        return await self.resolve(wish, located)

    async def look(self, wish: SourcesWanted, max_age: float, cause: Cause) -> None:
        """Have mirrors that saw their remotes within `max_age` seconds. Raises InvalidWishError, GitError."""
        check_wish(wish)
        wanted = _by_repository(wish, self._repositories(wish)).values()
        await asyncio.gather(
            *(self._looked(repository, revisions, max_age, cause) for repository, revisions in wanted)
        )

    async def resolve(self, wish: SourcesWanted, located: list[Located]) -> list[Located]:
        """The commits as the mirrors have them, of each as one look found it; raises as `locate`.

        What is found between two of the sources counts for none of them: one commit is never mixed with
        another.
        """
        pairs = tuple(zip(wish.sources, self._repositories(wish), strict=True))
        for source, repository in pairs:
            if repository.lacks(source.target_revision):
                await repository.prepare(source.target_revision)
        looks = {repository.mirror.name: repository.seen() for _, repository in pairs}
        for source, repository in pairs:
            seen, revision = looks[repository.mirror.name], source.target_revision
            found = await repository.resolve(revision, tag_prefix=source.tag_prefix, seen=seen)
            is_fixed = repository.is_pinned(revision)
            look = Look() if is_fixed else Look(epoch=seen.epoch, number=seen.number)
            located.append(Located(repository=repository, resolved=found, look=look))
        return located

    def _repositories(self, wish: SourcesWanted) -> list[Repository]:
        return [self._mirrors.of_source(source, wish.project) for source in wish.sources]

    async def _looked(
        self, repository: Repository, revisions: set[str], max_age: float, cause: Cause
    ) -> None:
        """Commit ids need no look at the remote, once they are in the mirror."""
        await repository.mirror.open()
        if all(map(repository.is_pinned, revisions)) and not repository.mirror.is_empty:
            here = [await repository.holds(revision) for revision in revisions]
            if all(here):
                return
        if max_age == AS_FETCHED and not repository.mirror.is_empty:
            return
        if cause is Cause.SPEC_CHANGED:
            await asyncio.sleep(GATHERING - repository.age)
        await repository.ensure(max_age, cause)

    def _max_age(self, level: RenderLevel, cause: Cause) -> float:
        """What a person asked for is looked up anew: a refresh, a sync, a new or changed application."""
        is_asked = level >= RenderLevel.REFRESH or cause is Cause.SPEC_CHANGED
        return 0.0 if is_asked else self.fresh_seconds

    def _is_remembered(self, wish: SourcesWanted, error: Exception) -> bool:
        """Whether the mirrors have an answer for who is content with it while the remote is away."""
        if not isinstance(error, GitError) or isinstance(error, GitInvalidError):
            return False
        return not any(repository.mirror.is_empty for repository in self._repositories(wish))

    async def record(self, group: Group) -> None:
        """Write down where a new group begins, for whoever follows it next, and now and then that it still
        does. Raises BusUnavailableError.
        """
        at = group.recorded_at
        is_known = (
            at is not None
            and time.monotonic() - at < HISTORIES_AGE / 10
            and set(group.parts) <= set(group.recorded_of)
        )
        if not (is_known or group.is_pinned or group.is_doubted):
            before = group.recorded_at, group.recorded_of
            group.recorded_at, group.recorded_of = time.monotonic(), group.parts  # meanwhile nobody else does
            try:
                await self._histories.keep(
                    group.repository.identity, group.revision, group.commit, group.parts, shown=group.shown
                )
            except BaseException:
                group.recorded_at, group.recorded_of = before
                raise

    async def _place(self, app: AppKey, located: list[Located], produced: Produced) -> None:
        for place, found in enumerate(located):
            member = Member(app, place)
            group = self._following.group_of(member)
            if group is not None:
                group.place(member, found.commit, produced.read[place], shown=found.resolved.shown)
                await self.record(group)

    async def _failed(self, told: Told, located: list[Located], error: Exception) -> None:
        wish = told.wish
        app = AppKey(wish.namespace, wish.name)
        transient = not isinstance(_cause_of(error), _LASTING)
        if transient:
            self._retries.owe(app, self._failing(wish, error))
        else:
            self._retries.done(app)
        if not isinstance(error, SourceError | GitError | InvalidWishError):
            log.error("render.broke", app=app, exc_info=error)
        message = _words(wish, located, error)
        log.info("render.failed", app=app, message=message, transient=transient)
        is_located = len(located) == len(wish.sources)
        looks = tuple(found.look for found in located) if is_located else self._looks(wish)
        failure = RenderFailure(message=message, transient=transient)
        await self._announcer.failed(told, failure, tuple(located) if is_located else (), looks)
        self._displace(app, wish, located, error, transient)

    def _failing(self, wish: SourcesWanted, error: Exception) -> Repository | None:
        """The repository that cannot be reached, when that is what failed."""
        if not isinstance(error, GitError):
            return None
        return next((r for r in self._repositories(wish) if r.is_away), None)

    def _looks(self, wish: SourcesWanted) -> tuple[Look, ...]:
        try:
            return tuple(repository.look for repository in self._repositories(wish))
        except UrlRefusedError:
            return ()

    def _displace(
        self, app: AppKey, wish: SourcesWanted, located: list[Located], error: Exception, transient: bool
    ) -> None:
        """A failure whose dependencies are known lasts until they change; any other until the next commit.

        While one source cannot be rendered, of the others only those matter whose files it names.
        """
        for place, source in enumerate(wish.sources):
            member = Member(app, place)
            group = self._following.group_of(member)
            if group is None:
                continue
            if transient or not isinstance(error, SourceError) or error.read is None:
                group.displace(member)
                continue
            ref = "" if place == error.place else source.ref
            paths = error.read.get(ref, ()) if ref or place == error.place else ()
            found = located[place].resolved
            group.place(member, found.commit, paths, shown=found.shown)


def _by_repository(
    wish: SourcesWanted, repositories: list[Repository]
) -> dict[str, tuple[Repository, set[str]]]:
    found: dict[str, tuple[Repository, set[str]]] = {}
    for source, repository in zip(wish.sources, repositories, strict=True):
        found.setdefault(repository.mirror.name, (repository, set()))[1].add(source.target_revision)
    return found


def _cause_of(error: Exception) -> Exception:
    return error.error if isinstance(error, SourceError) else error


def _words(wish: SourcesWanted, located: list[Located], error: Exception) -> str:
    """What a person reads (contract 2.3, ComparisonError): which source of how many, and why."""
    if isinstance(error, InvalidWishError) or isinstance(_cause_of(error), UnverifiedError):
        return str(error)
    place = error.place if isinstance(error, SourceError) else min(len(located), len(wish.sources) - 1)
    text = str(_cause_of(error)) or type(error).__name__
    which = f"source {place + 1} of {len(wish.sources)}"
    return f"Failed to load target state: failed to generate manifest for {which}: {text}"


def _refuse_merges(wish: SourcesWanted) -> None:
    """What a merge would be is asked about; nothing follows it, as nobody else has that commit."""
    for source in wish.sources:
        if merging(source.target_revision) is not None:
            raise RevisionError(source.target_revision)
