"""One answer for one application: look, resolve, render, tell.

Invariant: every call ends in an answer on the bus, manifests or failure, or raises because the bus is away.
"""

import asyncio

import structlog

from fairlead.bus import BusUnavailableError, Message
from fairlead.events import Cause, RenderFailure, RenderLevel, RenderRequested, SourcesWanted
from fairlead.git import GitError, GitInvalidError
from fairlead.git.revisions import is_pinned, resolve
from fairlead.render import RenderInvalidError
from fairlead.repo_server.announce import Announcer
from fairlead.repo_server.declared import AppKey, Declared, Member
from fairlead.repo_server.following import Following
from fairlead.repo_server.mirrors import Mirrors, Repository
from fairlead.repo_server.render import Located, Produced, Renderer, SourceError
from fairlead.repo_server.retry import Retries
from fairlead.repo_server.wish import InvalidWishError
from fairlead.repo_server.wish import check as check_wish

log = structlog.get_logger(__name__)

REQUESTS_AT_ONCE = 256
"""Requests in work: many may wait for one slow remote without holding up the others."""
AS_FETCHED = float("inf")
"""As `max_age`: what the mirror has is good enough."""


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
        fresh_seconds: float,
    ) -> None:
        self._declared = declared
        self._mirrors = mirrors
        self._following = following
        self._renderer = renderer
        self._announcer = announcer
        self._retries = retries
        self.fresh_seconds = fresh_seconds
        retries.retry = self.retry

    async def handle(self, message: Message) -> None:
        """A `RenderRequested`. Raises BusUnavailableError, which puts it back."""
        event = message.event(RenderRequested)
        app = AppKey(event.namespace, event.name)
        wish = await self._declared.current(app, at_least=event.wanted_revision)
        if wish is None:
            log.info("render.request.dropped", app=app, reason="the application wants nothing")
            return
        await self.respond(wish, event.level, event.cause)

    async def retry(self, app: AppKey) -> None:
        """Answer again after a failure that may have passed."""
        wish = self._declared.get(app)
        if wish is not None:
            await self.respond(wish, RenderLevel.RESOLVE, Cause.RETRY)

    async def respond(
        self, wish: SourcesWanted, level: RenderLevel, cause: Cause, *, as_fetched: bool = False
    ) -> None:
        """Answer for one application. With `as_fetched` no remote is asked. Raises BusUnavailableError."""
        app = AppKey(wish.namespace, wish.name)
        located: list[Located] = []
        try:
            max_age = AS_FETCHED if as_fetched else self._max_age(level)
            await self.locate(wish, max_age, cause, located)
            anew = level >= RenderLevel.HARD or cause is Cause.CACHE_LOST
            produced = await self._renderer.produce(wish, located, anew=anew, hard=level >= RenderLevel.HARD)
        except BusUnavailableError:
            raise
        except Exception as error:
            await self._failed(wish, located, error, cause, level)
            return
        self._retries.done(app)
        revisions = tuple(found.commit for found in located)
        await self._announcer.rendered(wish, produced, revisions, cause, level)
        self._place(app, located, produced)

    async def locate(
        self, wish: SourcesWanted, max_age: float, cause: Cause, located: list[Located]
    ) -> list[Located]:
        """Find the commits that the sources mean; all from one state of each mirror.

        Raises:
            InvalidWishError, GitError: no commits; `located` has those found until then.
        """
        check_wish(wish)
        repositories = [self._mirrors.of(source.repo_url, wish.project) for source in wish.sources]
        await asyncio.gather(
            *(
                self._looked(repository, revisions, max_age, cause)
                for repository, revisions in _by_repository(wish, repositories).values()
            )
        )
        for source, repository in zip(wish.sources, repositories, strict=True):
            resolved = await resolve(
                source.target_revision, repository.mirror, repository.remote, tag_prefix=source.tag_prefix
            )
            located.append(Located(repository=repository, resolved=resolved))
        return located

    async def _looked(
        self, repository: Repository, revisions: set[str], max_age: float, cause: Cause
    ) -> None:
        """Commit ids need no look at the remote, once they are in the mirror."""
        await repository.mirror.open()
        if all(is_pinned(revision) for revision in revisions) and not repository.mirror.is_empty:
            here = [await repository.mirror.objects.has_commit(r.lower()) for r in revisions]
            if all(here):
                return
        if max_age == AS_FETCHED and not repository.mirror.is_empty:
            return
        await repository.ensure(max_age, cause)

    def _max_age(self, level: RenderLevel) -> float:
        return 0.0 if level >= RenderLevel.REFRESH else self.fresh_seconds

    def _place(self, app: AppKey, located: list[Located], produced: Produced) -> None:
        for place, found in enumerate(located):
            member = Member(app, place)
            group = self._following.group_of(member)
            if group is not None:
                group.place(member, found.commit, produced.read[place])

    async def _failed(
        self, wish: SourcesWanted, located: list[Located], error: Exception, cause: Cause, level: RenderLevel
    ) -> None:
        app = AppKey(wish.namespace, wish.name)
        transient = not isinstance(_cause_of(error), GitInvalidError | RenderInvalidError | InvalidWishError)
        if transient:
            self._retries.owe(app)
        else:
            self._retries.done(app)
        if not isinstance(error, SourceError | GitError | InvalidWishError):
            log.error("render.broke", app=app, exc_info=error)
        message = _words(wish, located, error)
        log.info("render.failed", app=app, message=message, transient=transient)
        revisions = tuple(found.commit for found in located) if len(located) == len(wish.sources) else ()
        failure = RenderFailure(message=message, transient=transient)
        await self._announcer.failed(wish, failure, revisions, cause, level)
        self._displace(app, wish, located, error, transient)

    def _displace(
        self, app: AppKey, wish: SourcesWanted, located: list[Located], error: Exception, transient: bool
    ) -> None:
        """A failure whose dependencies are known lasts until they change; any other until the next commit."""
        lasting = isinstance(error, SourceError) and not transient and len(wish.sources) == 1
        for place in range(len(wish.sources)):
            group = self._following.group_of(Member(app, place))
            if group is None:
                continue
            if lasting and isinstance(error, SourceError) and error.read:
                group.place(Member(app, place), located[place].commit, error.read)
            else:
                group.displace(Member(app, place))


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
    if isinstance(error, InvalidWishError):
        return str(error)
    place = error.place if isinstance(error, SourceError) else min(len(located), len(wish.sources) - 1)
    text = str(_cause_of(error)) or type(error).__name__
    which = f"source {place + 1} of {len(wish.sources)}"
    return f"Failed to load target state: failed to generate manifest for {which}: {text}"
