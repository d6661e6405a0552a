"""Starting, rolling back and ending operations (contract 2.2, protocol).

The invariant: an operation is written together with the removal of the last one's state, on the newest
object, and only while no other is there.
"""

from typing import Any

import msgspec
import structlog

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import dependencies, lookup, windows, wish
from fairlead.api_server.operations.application.amend import Permit, amend
from fairlead.api_server.operations.application.freezes import require_unfrozen
from fairlead.api_server.operations.application.granting import granting
from fairlead.api_server.operations.application.requests import (
    ApplicationRef,
    RollbackRequest,
    SyncRequest,
    source_at,
)
from fairlead.api_server.operations.application.validate import require_permitted
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.pins import followed_sources, pin_of
from fairlead.matching.repository import without_password
from fairlead.model.application import Application
from fairlead.model.decode import to_object
from fairlead.model.source import Source
from fairlead.model.status import RevisionHistory
from fairlead.model.sync import (
    Operation,
    OperationInitiator,
    RetryStrategy,
    SyncOperation,
    SyncStrategy,
    SyncStrategyApply,
)
from fairlead.rpc import repo
from fairlead.sync.options import IGNORE_DEPENDENCIES

log = structlog.get_logger(__name__)

HEAD = "HEAD"
REPLACE = "Replace=true"
_SHA_LENGTHS = (40, 64)


class _Resolved(msgspec.Struct, frozen=True):
    """Revisions by source, as commits and as people wrote them."""

    commits: tuple[str, ...]
    shown: str


async def sync(backend: Backend, caller: Caller, request: SyncRequest) -> msgspec.Raw:
    """Start a sync."""
    document = lookup.find(
        backend, caller, request.name, namespace=request.app_namespace, project=request.project
    )
    app = lookup.application(document)
    if not windows.allows_manual_sync(backend, app):
        raise RefusalError(Code.PERMISSION_DENIED, windows.BLOCKED)
    require_unfrozen(backend, document)
    _require(caller, "sync", document)
    is_elsewhere = backend.control.settings.needs_override_for_revision and _is_elsewhere(app, request)
    if request.manifests:
        _require(caller, "override", document)
        if app.spec.is_automated and not request.dry_run:
            text = "cannot use local sync when Automatic Sync Policy is enabled unless for dry run"
            raise RefusalError(Code.FAILED_PRECONDITION, text)
    elif is_elsewhere:
        _require(caller, "override", document)
    options = request.sync_options.items if request.sync_options is not None else ()
    if REPLACE in options and not backend.control.presentation.replace_allowed:
        text = "sync with replace was disabled on the API Server level via the server configuration"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    require_permitted(backend, app, () if request.manifests else app.spec.effective_sources())
    _require_alive(app)
    resolved = await _resolved(backend, app, request)
    _require_ready(backend, app, request, resolved)
    operation = _operation(caller, app, request, resolved)
    actions = ("sync", "override") if request.manifests or is_elsewhere else ("sync",)
    permit = Permit(caller=caller, actions=actions, document=document)
    written = await _start(backend, permit, operation)
    _record_sync(backend, caller, app, request, resolved)
    return msgspec.Raw(written.json)


async def rollback(backend: Backend, caller: Caller, request: RollbackRequest) -> msgspec.Raw:
    """Deploy an earlier deployment's sources and revisions again."""
    [action] = granting(backend.control.settings, "rollback")
    document = lookup.find_for(
        backend, caller, action, request.name, namespace=request.app_namespace, project=request.project
    )
    app = lookup.application(document)
    _require_alive(app)
    require_unfrozen(backend, document)
    deployment = next((entry for entry in app.status.history if entry.id == request.id), None)
    if app.spec.is_automated and not _is_pinned_to(app, deployment):
        text = "rollback cannot be initiated when auto-sync is enabled"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    if deployment is None:
        text = f"application {app.id.qualified} does not have deployment with id {request.id}"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    require_permitted(backend, app, deployment.sources or filter(None, (deployment.source,)))
    operation = _return_to(caller, app, request, deployment)
    permit = Permit(caller=caller, actions=(action,), document=document)
    written = await _start(backend, permit, operation)
    _record(backend, caller, app, "OperationStarted", f"initiated rollback to {request.id}")
    return msgspec.Raw(written.json)


async def terminate(backend: Backend, caller: Caller, request: ApplicationRef) -> dict[str, Any]:
    """Ask the controller to end the running operation."""
    document = lookup.find_for(
        backend, caller, "sync", request.name, namespace=request.app_namespace, project=request.project
    )

    def end(obj: dict[str, Any]) -> None:
        state = obj.get("status", {}).get("operationState")
        if not obj.get("operation") or not state:
            text = "Unable to terminate operation. No operation is in progress"
            raise RefusalError(Code.INVALID_ARGUMENT, text)
        state["phase"] = "Terminating"

    written = await amend(backend, Permit(caller=caller, actions=("sync",), document=document), end)
    app = lookup.application(written)
    _record(backend, caller, app, "ResourceUpdated", "terminated running operation")
    return {}


async def _start(backend: Backend, permit: Permit, operation: Operation) -> ApplicationDocument:
    body = to_object(operation)

    def start(obj: dict[str, Any]) -> None:
        if obj.get("operation"):
            text = "another operation is already in progress"
            raise RefusalError(Code.FAILED_PRECONDITION, text)
        obj["operation"] = body
        obj.get("status", {}).pop("operationState", None)

    return await amend(backend, permit, start)


def _operation(caller: Caller, app: Application, request: SyncRequest, resolved: _Resolved) -> Operation:
    many = app.spec.has_multiple_sources
    options = _options(app, request)
    sources = app.spec.effective_sources()
    return Operation(
        initiated_by=OperationInitiator(username=caller.known_as),
        info=request.infos,
        retry=_retry(app, request.retry_strategy),
        sync=SyncOperation(
            revision="" if many or not resolved.commits else resolved.commits[0],
            revisions=resolved.commits if many else (),
            source=None if many or not sources else sources[0],
            sources=sources if many else (),
            manifests=request.manifests,
            resources=request.resources,
            sync_options=options,
            sync_strategy=request.strategy,
            prune=request.prune,
            dry_run=request.dry_run,
        ),
    )


def _options(app: Application, request: SyncRequest) -> tuple[str, ...]:
    """The options of the operation: the request's, or else the application's. That dependencies are ignored
    says nothing of how a sync is made, so it leaves the application's as they are."""
    policy = app.spec.sync_policy
    asked = request.sync_options.items if request.sync_options is not None else None
    own = policy.sync_options if policy else ()
    if asked is None or tuple(asked) == (IGNORE_DEPENDENCIES,):
        return tuple(dict.fromkeys((*own, *(asked or ()))))
    return tuple(asked)


def _require_ready(backend: Backend, app: Application, request: SyncRequest, resolved: _Resolved) -> None:
    """What the application depends on is ready, or the request says that it need not be."""
    if request.dry_run or IGNORE_DEPENDENCIES in _options(app, request):
        return
    revisions = () if _is_elsewhere(app, request) else resolved.commits
    refusal = dependencies.unready_of(backend, app, revisions)
    if refusal:
        raise RefusalError(Code.FAILED_PRECONDITION, refusal)


def _return_to(
    caller: Caller, app: Application, request: RollbackRequest, deployment: RevisionHistory
) -> Operation:
    if deployment.source is None and not deployment.sources:
        text = f"deployment {deployment.id} does not say what it was made of"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    policy = app.spec.sync_policy
    return Operation(
        initiated_by=OperationInitiator(username=caller.known_as),
        retry=RetryStrategy(),
        sync=SyncOperation(
            revision=deployment.revision,
            revisions=deployment.revisions,
            source=deployment.source,
            sources=deployment.sources,
            sync_options=policy.sync_options if policy else (),
            sync_strategy=SyncStrategy(apply=SyncStrategyApply()),
            prune=request.prune,
            dry_run=request.dry_run,
        ),
    )


def _is_pinned_to(app: Application, deployment: RevisionHistory | None) -> bool:
    """Whether what is synced by itself stays at a deployment, so that nothing undoes a return to it."""
    pin = pin_of(app)
    if pin is None or pin.problem or deployment is None:
        return False
    return pin.revisions == (deployment.revisions or (deployment.revision,))


def _retry(app: Application, asked: RetryStrategy | None) -> RetryStrategy:
    policy = app.spec.sync_policy
    return asked or (policy.retry if policy else None) or RetryStrategy()


async def _resolved(backend: Backend, app: Application, request: SyncRequest) -> _Resolved:
    """The commit of every source; local manifests need none."""
    wanted = wish.revisions(app, request.revision, request.revisions, request.source_positions)
    sources = app.spec.effective_sources()
    _require_followed(app, request, wanted)
    if request.manifests:
        return _Resolved((), "")
    if not sources:
        text = "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    commits = [
        await _commit(backend, app, source, revision)
        for source, revision in zip(sources, wanted, strict=True)
    ]
    shown = [_shown(revision, commit) for revision, commit in zip(wanted, commits, strict=True)]
    return _Resolved(tuple(commits), ",".join(shown))


def _require_followed(app: Application, request: SyncRequest, wanted: tuple[str, ...]) -> None:
    """With automated sync, another revision than the one that is followed would be undone at once."""
    if not app.spec.is_automated or request.dry_run:
        return
    sources = followed_sources(app)
    for position, revision in enumerate(wanted, 1):
        source = source_at(sources, position)
        followed = (source.target_revision if source else "") or HEAD
        if (revision or HEAD) != followed:
            what = "Cannot sync"
            if app.spec.has_multiple_sources and source is not None:
                what = f"Cannot sync source {without_password(source.repo_url)}"
            text = f"{what} to {revision}: auto-sync currently set to {followed}"
            raise RefusalError(Code.FAILED_PRECONDITION, text)


async def _commit(backend: Backend, app: Application, source: Source, revision: str) -> str:
    if len(revision) in _SHA_LENGTHS and all(c in "0123456789abcdef" for c in revision):
        return revision
    question = repo.TestRepository(
        repo_url=source.repo_url,
        project=app.spec.project,
        revision=revision or HEAD,
        chart=source.chart,
        pass_credentials=bool(source.helm and source.helm.pass_credentials),
    )
    tested = await backend.ask.test(question)
    if tested.problem or not tested.revision:
        text = tested.problem or f"unable to resolve '{revision or HEAD}' to a commit SHA"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    return tested.revision


def _shown(revision: str, commit: str) -> str:
    return commit if revision in ("", commit) else f"{revision} ({commit})"


def _is_elsewhere(app: Application, request: SyncRequest) -> bool:
    """Whether a sync is asked to another revision than the application's own."""
    targets = [source.target_revision for source in followed_sources(app)]
    wanted = wish.revisions(app, request.revision, request.revisions, request.source_positions)
    return any(
        (revision or HEAD) != (target or HEAD) for revision, target in zip(wanted, targets, strict=True)
    )


def _require_alive(app: Application) -> None:
    if app.is_deleting:
        raise RefusalError(Code.FAILED_PRECONDITION, "application is deleting")


def _require(caller: Caller, action: str, document: ApplicationDocument) -> None:
    authorize.require(caller, lookup.RESOURCE, action, lookup.object_of(document))


def _record_sync(
    backend: Backend, caller: Caller, app: Application, request: SyncRequest, resolved: _Resolved
) -> None:
    partial = "partial " if request.resources else ""
    where = "locally" if request.manifests else f"to {resolved.shown}"
    _record(backend, caller, app, "OperationStarted", f"initiated {partial}sync {where}")


def _record(backend: Backend, caller: Caller, app: Application, reason: str, action: str) -> None:
    backend.recorder.record(lookup.subject(app), reason, user=caller.known_as, action=action)
    log.info("api.operation.changed", app=app.id.qualified, action=action, user=caller.known_as)
