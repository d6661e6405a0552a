"""What one operation deploys: the desired state at its pinned revisions, which need not be the newest.

Invariant: once an operation has a result, its revisions never change; a state that could not be verified may
never prune.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fairlead.app_controller.comparing.desired import Basis, DesiredState, from_documents, load, unpacked
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.rendering.demands import Demands, nobodys
from fairlead.app_controller.rendering.render import Render
from fairlead.bus import Bus, BusError, RemoteError
from fairlead.events import RenderFailure, SchemaError, SignaturesDemanded, SourcesWanted, subjects
from fairlead.events.envelope import decode, encode
from fairlead.events.sources import tells_unverified
from fairlead.events.wanted_source import repository_source
from fairlead.matching.integrity import LOCAL_REFUSED
from fairlead.matching.repository import partition
from fairlead.model.application import Application
from fairlead.model.source import Source
from fairlead.model.sync import OperationState, SyncOperation, SyncResult
from fairlead.process.rendered_sets import RenderedSets
from fairlead.rpc import GeneratedManifests, GenerateManifests, RenderedSet
from fairlead.rpc.repo import GENERATE, PATIENCE, TIMEOUT

NO_PATH = "app path does not exist"
"""What a render says of a source whose folder is not there."""


class TargetError(Exception):
    """The state to deploy cannot be had; the message ends the operation."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The desired state of an operation. `is_current` says that it is the application's own newest one, and
    `demanded` whose signatures it was found under."""

    desired: DesiredState
    revisions: tuple[str, ...]
    sources: tuple[Source, ...]
    is_current: bool = False
    is_verified: bool = False
    demanded: tuple[SignaturesDemanded | None, ...] = ()

    def result(self, app: Application) -> SyncResult:
        """An empty result that pins the revisions and sources."""
        return pinned_result(app, self.revisions, self.sources)


def pinned_result(app: Application, revisions: tuple[str, ...], sources: tuple[Source, ...]) -> SyncResult:
    """A result without any record, of an operation that deploys these revisions of these sources."""
    several = app.spec.has_multiple_sources
    policy = app.spec.sync_policy
    return SyncResult(
        revision="" if several else (revisions or ("",))[0],
        revisions=revisions if several else (),
        source=None if several or not sources else sources[0],
        sources=sources if several else (),
        managed_namespace_metadata=policy.managed_namespace_metadata if policy is not None else None,
    )


Forbidden = Callable[[Application, tuple[Source, ...]], str]
"""Why sources may not be deployed from, or ""."""


class Targets:
    """Finds the state of an operation; asks the repo-server only for revisions other than the newest."""

    def __init__(
        self, bus: Bus, sets: RenderedSets, forbidden: Forbidden, demands: Demands = nobodys
    ) -> None:
        self._bus = bus
        self._sets = sets
        self._forbidden = forbidden
        self._demands = demands

    async def of(
        self,
        app: Application,
        state: OperationState,
        *,
        wish: SourcesWanted | None,
        cluster: Cluster,
        render: Render,
        desired: DesiredState,
    ) -> Target:
        """The target of an operation. Raises TargetError, BusError."""
        sync = state.operation.sync or SyncOperation()
        sources = _sources(app, sync)
        self.require_permitted(app, sources)
        demanded = self._demands(app, sources)
        if sync.manifests and any(demanded):
            raise TargetError(LOCAL_REFUSED)
        if sync.manifests:
            local = self._local(sync, sources, cluster, desired)
            return msgspec.structs.replace(local, demanded=demanded)
        wanted = _pinned(state, sync, render)
        same_sources = sources == app.spec.effective_sources()
        if same_sources and (not wanted or wanted == render.revisions):
            return _current(app, render, desired, sources)
        if wish is None:
            raise TargetError("the application's sources are not known yet")
        wish = msgspec.structs.replace(wish, sources=tuple(map(repository_source, sources, demanded)))
        found = await self._generated(wish, sources, wanted, cluster, desired.basis)
        return msgspec.structs.replace(found, demanded=demanded)

    def is_as_demanded(self, app: Application, target: Target) -> bool:
        """Whether the project demands the signatures that a target was found under, as it is now."""
        return self._demands(app, target.sources) == target.demanded

    def require_permitted(self, app: Application, sources: tuple[Source, ...]) -> None:
        """Raises TargetError unless the project permits the sources, as it is now."""
        if problem := self._forbidden(app, sources):
            raise TargetError(problem)

    def _local(
        self, sync: SyncOperation, sources: tuple[Source, ...], cluster: Cluster, desired: DesiredState
    ) -> Target:
        documents = tuple(text.encode() for text in sync.manifests)
        local = from_documents(documents, desired.basis, cluster)
        if local.problem:
            raise TargetError(f"Failed to load local manifests: {local.problem}")
        revisions = sync.revisions or ((sync.revision,) if sync.revision else ())
        return Target(desired=local, revisions=revisions, sources=sources, is_verified=True)

    async def _generated(
        self,
        wish: SourcesWanted,
        sources: tuple[Source, ...],
        revisions: tuple[str, ...],
        cluster: Cluster,
        basis: Basis,
    ) -> Target:
        answer = await self._ask(GenerateManifests(wanted=wish, revisions=revisions))
        rendered = msgspec.structs.replace(basis, digest=answer.digest)
        found = await self._loaded(answer, rendered, cluster, wish.home)
        if found is None or found.problem:
            problem = found.problem if found is not None else "the rendered manifests could not be verified"
            raise TargetError(f"Failed to load target state: {problem}")
        resolved = tuple(source.revision for source in answer.sources)
        return Target(desired=found, revisions=resolved, sources=sources, is_verified=True)

    async def _ask(self, request: GenerateManifests) -> GeneratedManifests:
        try:
            subject = subjects.rpc_repo(partition(request.wanted.home), GENERATE)
            raw = await self._bus.request(subject, encode(request), timeout=TIMEOUT, patience=PATIENCE)
            return decode(GeneratedManifests, raw)
        except RemoteError as error:
            if tells_unverified(str(error)):
                raise TargetError(str(error)) from error
            raise TargetError(
                f"Failed to load target state: failed to generate manifest for source 1 of "
                f"{len(request.wanted.sources)}: {error}"
            ) from error
        except (BusError, SchemaError) as error:
            raise TargetError(f"Failed to load target state: {error}") from error

    async def _loaded(
        self, answer: GeneratedManifests, basis: Basis, cluster: Cluster, home: str
    ) -> DesiredState | None:
        if answer.documents is None:
            return await load(self._sets, basis, cluster, home)
        packed = encode(RenderedSet(documents=answer.documents))
        return unpacked(packed, basis, cluster)


def render_problem(app: Application, failure: RenderFailure) -> str:
    """What a person reads of a render that failed."""
    text = f"{failure.message}{_awaited(app, failure.message)}"
    if text.startswith("Failed to load target state") or tells_unverified(text):
        return text
    count = len(app.spec.effective_sources())
    return f"Failed to load target state: failed to generate manifest for source 1 of {count}: {text}"


def _awaited(app: Application, text: str) -> str:
    """What has to happen first where a staging branch is hydrated, and nobody has moved it on yet."""
    hydrator = app.spec.source_hydrator
    if hydrator is None or hydrator.hydrate_to is None or NO_PATH not in text:
        return ""
    to, staged = hydrator.sync_source.target_branch, hydrator.hydrate_to.target_branch
    return f" - waiting for an external process to update {to} from {staged}"


def document_problem(desired: DesiredState) -> str:
    """What a person reads of documents that cannot be used."""
    return f"Failed to load target state: {desired.problem}"


def _current(app: Application, render: Render, desired: DesiredState, sources: tuple[Source, ...]) -> Target:
    """The newest render as a target. Raises TargetError for one that failed: what is desired is older."""
    if render.failure is not None:
        raise TargetError(render_problem(app, render.failure))
    if desired.problem:
        raise TargetError(document_problem(desired))
    return Target(
        desired=desired, revisions=render.revisions, sources=sources, is_current=True, is_verified=True
    )


def failed_result(app: Application, state: OperationState, render: Render | None) -> SyncResult | None:
    """The result of an operation of which nothing could be rendered; None when no revision is known."""
    sync = state.operation.sync
    if state.sync_result is not None or sync is None:
        return state.sync_result
    render = render or Render()
    revisions = _pinned(state, sync, render) or render.revisions
    return pinned_result(app, revisions, _sources(app, sync)) if revisions else None


def _sources(app: Application, sync: SyncOperation) -> tuple[Source, ...]:
    """What the operation names, else the application's own."""
    return sync.sources or ((sync.source,) if sync.source is not None else app.spec.effective_sources())


def _pinned(state: OperationState, sync: SyncOperation, render: Render) -> tuple[str, ...]:
    """The revisions the operation asks for; what its result already says comes first."""
    result = state.sync_result
    if result is not None:
        return result.revisions or ((result.revision,) if result.revision else ())
    retry = state.operation.retry
    if state.retry_count and retry is not None and retry.refresh:
        return render.revisions
    return sync.revisions or ((sync.revision,) if sync.revision else ())
