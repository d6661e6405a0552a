"""What the repo-server says: to the controllers who asked, and to everybody who listens.

Invariant: an event names what changed; the manifests themselves are in the cache.
"""

import msgspec
import structlog

from fairlead.bus import Bus
from fairlead.events import (
    Cause,
    Look,
    ManifestsRendered,
    PublicEventType,
    RenderFailure,
    RenderLevel,
    RevisionMoved,
    SourcesWanted,
    push_time,
    subjects,
    trace,
)
from fairlead.events.public import app_event, repository_event
from fairlead.events.story import CommitDetectedData, RenderedData, RenderFailedData
from fairlead.events.story import Told as Story
from fairlead.git import MovedRef
from fairlead.repo_server.answering.answers import Answers
from fairlead.repo_server.config import SERVICE
from fairlead.repo_server.remotes.declared import AppKey
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.located import Located
from fairlead.repo_server.rendering.render import Produced

log = structlog.get_logger(__name__)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an answer is for and what it answers; `question` is 0 when nobody asked."""

    wish: SourcesWanted
    level: RenderLevel
    cause: Cause
    question: int = 0


class Announcer:
    """Publishes; remembers what was last told of each application, so that repetitions stay private."""

    def __init__(self, bus: Bus, answers: Answers) -> None:
        self._bus = bus
        self._answers = answers
        self._told: dict[AppKey, object] = {}
        self._satisfied: dict[AppKey, int] = {}
        self._last: dict[AppKey, ManifestsRendered] = {}

    async def commit_detected(self, repository: Repository, move: MovedRef, cause: Cause) -> None:
        """A followed ref moved."""
        data = CommitDetectedData(
            repo_url=repository.url,
            ref=move.ref,
            old=move.old,
            new=move.new,
            cause=cause.value,
            pushed_at=push_time.current(),
        )
        await self._bus.tell(
            repository_event(
                PublicEventType.COMMIT_DETECTED,
                service=SERVICE,
                repository=repository.identity,
                trace=trace.current(),
                data=data,
            )
        )

    async def rendered(self, told: Told, produced: Produced, located: tuple[Located, ...]) -> None:
        """The manifests of an application are in the cache. Raises BusUnavailableError."""
        revisions, commits = _named(located)
        data = RenderedData(revisions=revisions, digest=produced.digest, cause=told.cause.value)
        await self._tell(told.wish, PublicEventType.APP_RENDERED, data, (produced.digest, revisions))
        await self._answer(
            told,
            ManifestsRendered(
                namespace=told.wish.namespace,
                name=told.wish.name,
                digest=produced.digest,
                revisions=revisions,
                commits=commits,
                source_types=produced.source_types,
                looks=tuple(found.look for found in located),
            ),
            is_satisfied=True,
        )

    async def failed(
        self, told: Told, failure: RenderFailure, located: tuple[Located, ...], looks: tuple[Look, ...]
    ) -> None:
        """There are no manifests for an application. Raises BusUnavailableError.

        Who asked nothing is not told the same again: a failure that lasts costs its listeners nothing.
        """
        app = AppKey(told.wish.namespace, told.wish.name)
        revisions, commits = _named(located)
        said = failure.message, revisions
        if (
            self._told.get(app) == said
            and self._has_answered(app, said)
            and told.cause is Cause.RETRY
            and not told.question
        ):
            return
        data = RenderFailedData(revisions=revisions, message=failure.message, transient=failure.transient)
        await self._tell(told.wish, PublicEventType.APP_RENDER_FAILED, data, said)
        await self._answer(
            told,
            ManifestsRendered(
                namespace=told.wish.namespace,
                name=told.wish.name,
                revisions=revisions,
                commits=commits,
                failure=failure,
                looks=looks,
            ),
            is_satisfied=bool(revisions),
        )

    async def moved(self, shard: int, event: RevisionMoved) -> None:
        """A commit left applications as they were. Raises BusUnavailableError."""
        await self._bus.publish(subjects.revision_moved(shard, event.repository), event)

    def forget(self, app: AppKey) -> None:
        """The application is gone."""
        self._told.pop(app, None)
        self._satisfied.pop(app, None)
        self._last.pop(app, None)
        self._answers.forget(app)

    def last(self, app: AppKey) -> ManifestsRendered | None:
        """The last answer of ours that NATS acknowledged."""
        return self._last.get(app)

    async def again(self, wish: SourcesWanted) -> None:
        """Tell what was told last, if it was lost and answers this wish. Raises BusUnavailableError."""
        app = AppKey(wish.namespace, wish.name)
        if await self._answers.tell_again(app, wish.digest):
            log.info("answer.told_again", app=app)

    async def _answer(self, told: Told, answer: ManifestsRendered, *, is_satisfied: bool) -> None:
        """A later answer repeats the question that an earlier one satisfied: it may take its place."""
        wish = told.wish
        app = AppKey(wish.namespace, wish.name)
        if told.question and is_satisfied:
            self._satisfied[app] = told.question
        event = msgspec.structs.replace(
            answer,
            sources_digest=wish.digest,
            cause=told.cause,
            level=told.level,
            question=told.question or self._satisfied.get(app, 0),
        )
        await self._answers.tell(
            app, subjects.manifests_rendered(wish.shard, wish.namespace, wish.name), event
        )
        self._last[app] = event

    def _has_answered(self, app: AppKey, said: tuple[str, tuple[str, ...]]) -> bool:
        """Whether the last answer that NATS acknowledged is this failure; its event may be out alone."""
        last = self._last.get(app)
        return (
            last is not None and last.failure is not None and (last.failure.message, last.revisions) == said
        )

    async def _tell(self, wish: SourcesWanted, kind: PublicEventType, data: Story, what: object) -> None:
        app = AppKey(wish.namespace, wish.name)
        if self._told.get(app) == what:
            return
        await self._bus.tell(
            app_event(
                kind,
                service=SERVICE,
                namespace=wish.namespace,
                name=wish.name,
                trace=trace.current(),
                data=data,
            )
        )
        self._told[app] = what


def _named(located: tuple[Located, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What people are told of the sources, and the commits where that is not all the same."""
    revisions = tuple(found.revision for found in located)
    commits = tuple(found.commit for found in located)
    return revisions, commits if commits != revisions else ()
