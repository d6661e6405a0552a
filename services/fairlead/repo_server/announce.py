"""What the repo-server says: to the controllers who asked, and to everybody who listens.

Invariant: an event names what changed; the manifests themselves are in the cache.
"""

from fairlead.bus import Bus
from fairlead.events import (
    Cause,
    CommitDetected,
    ManifestsRendered,
    PublicEventType,
    RenderFailure,
    RenderLevel,
    RevisionMoved,
    SourcesWanted,
    subjects,
    trace,
)
from fairlead.events.public import app_event, repository_event
from fairlead.events.story import CommitDetectedData, RenderedData, RenderFailedData, Told
from fairlead.git import MovedRef
from fairlead.repo_server.config import SERVICE
from fairlead.repo_server.declared import AppKey
from fairlead.repo_server.mirrors import Repository
from fairlead.repo_server.render import Produced


class Announcer:
    """Publishes; remembers what was last told of each application, so that repetitions stay private."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._told: dict[AppKey, object] = {}

    async def commit_detected(self, repository: Repository, move: MovedRef, cause: Cause) -> None:
        """A followed ref moved. Raises BusUnavailableError."""
        generation = repository.mirror.generation
        data = CommitDetectedData(
            repo_url=repository.url, ref=move.ref, old=move.old, new=move.new, cause=cause.value
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
        event = CommitDetected(
            repo_url=repository.url,
            repository=repository.identity,
            ref=move.ref,
            old=move.old,
            new=move.new,
            generation=generation,
            cause=cause,
        )
        await self._bus.publish(
            subjects.commit_detected(repository.identity),
            event,
            message_id=f"{repository.mirror.name}:{event.message_id}",
        )

    async def rendered(
        self,
        wish: SourcesWanted,
        produced: Produced,
        revisions: tuple[str, ...],
        cause: Cause,
        level: RenderLevel,
    ) -> None:
        """The manifests of an application are in the cache. Raises BusUnavailableError."""
        data = RenderedData(revisions=revisions, digest=produced.digest, cause=cause.value)
        await self._tell(wish, PublicEventType.APP_RENDERED, data, (produced.digest, revisions))
        await self._answer(
            ManifestsRendered(
                namespace=wish.namespace,
                name=wish.name,
                digest=produced.digest,
                revisions=revisions,
                source_types=produced.source_types,
                sources_digest=wish.digest,
                cause=cause,
                level=level,
            ),
            wish.shard,
        )

    async def failed(
        self,
        wish: SourcesWanted,
        failure: RenderFailure,
        revisions: tuple[str, ...],
        cause: Cause,
        level: RenderLevel,
    ) -> None:
        """There are no manifests for an application. Raises BusUnavailableError."""
        data = RenderFailedData(revisions=revisions, message=failure.message, transient=failure.transient)
        await self._tell(wish, PublicEventType.APP_RENDER_FAILED, data, (failure.message, revisions))
        await self._answer(
            ManifestsRendered(
                namespace=wish.namespace,
                name=wish.name,
                revisions=revisions,
                sources_digest=wish.digest,
                failure=failure,
                cause=cause,
                level=level,
            ),
            wish.shard,
        )

    async def moved(self, shard: int, event: RevisionMoved) -> None:
        """A commit left applications as they were. Raises BusUnavailableError."""
        await self._bus.publish(subjects.revision_moved(shard, event.repository), event)

    def forget(self, app: AppKey) -> None:
        """The application is gone."""
        self._told.pop(app, None)

    async def _answer(self, event: ManifestsRendered, shard: int) -> None:
        await self._bus.publish(subjects.manifests_rendered(shard, event.namespace, event.name), event)

    async def _tell(self, wish: SourcesWanted, kind: PublicEventType, data: Told, what: object) -> None:
        app = AppKey(wish.namespace, wish.name)
        if self._told.get(app) == what:
            return
        self._told[app] = what
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
