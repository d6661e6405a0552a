"""Creating, changing and deleting applications.

The invariant: a request never brings a status or an operation along; both are others' to write.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import structlog

from fairlead.api_server.documents import LAST_APPLIED, ApplicationDocument
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.amend import Permit, amend, remove, seen
from fairlead.api_server.operations.application.requests import (
    CreateRequest,
    DeleteRequest,
    UpdateRequest,
    UpdateSpecRequest,
)
from fairlead.api_server.operations.application.validate import require_sound
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.errors import AlreadyExistsError
from fairlead.matching.pauses import attributed
from fairlead.model.application import DEFAULT_PROJECT, Application, ApplicationSpec
from fairlead.model.decode import from_object, to_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import ObjectMeta
from fairlead.model.noted import NOTED

log = structlog.get_logger(__name__)

FINALIZER = "resources-finalizer.argocd.argoproj.io"
OTHERS = (LAST_APPLIED, *NOTED)
"""Annotations that nobody writes through the API."""
POLICY_FINALIZERS = {
    "": FINALIZER,
    "foreground": f"{FINALIZER}/foreground",
    "background": f"{FINALIZER}/background",
}


async def create(backend: Backend, caller: Caller, request: CreateRequest) -> msgspec.Raw:
    """Create an application, or with `upsert` change one that is there."""
    app = read_application(backend, request.application)
    project = app.spec.project or DEFAULT_PROJECT
    place = lookup.outside(backend, app.metadata.namespace)
    _require(caller, "create", project, app.metadata.name, place)
    await require_sound(backend, app, validate=request.validate)
    annotations = dict(attributed({}, app.metadata.annotations, caller.known_as))
    app = msgspec.structs.replace(
        app, metadata=msgspec.structs.replace(app.metadata, annotations=annotations)
    )
    try:
        raw = await backend.kube.create(APPLICATIONS, _fresh(app), app.metadata.namespace)
    except AlreadyExistsError:
        return await _upserted(backend, caller, app, upsert=request.upsert)
    document = await seen(backend, raw)
    _record(backend, caller, document, "ResourceCreated", "created application")
    return msgspec.Raw(document.json)


async def update(backend: Backend, caller: Caller, request: UpdateRequest) -> msgspec.Raw:
    """Replace spec, labels, annotations and finalizers."""
    app = read_application(backend, request.application)
    name, namespace = app.metadata.name, app.metadata.namespace
    document = lookup.find_for(backend, caller, "update", name, namespace=namespace, project=request.project)
    await require_change(backend, caller, document, app, validate=request.validate)
    change = partial(replace, app)
    written = await write(backend, caller, document, change, version=request.if_match)
    return msgspec.Raw(written.json)


async def update_spec(backend: Backend, caller: Caller, request: UpdateSpecRequest) -> dict[str, Any]:
    """Replace the spec; the spec as written."""
    document = lookup.find_for(
        backend, caller, "update", request.name, namespace=request.app_namespace, project=request.project
    )
    before = lookup.application(document)
    app = msgspec.structs.replace(before, spec=_spec(request.spec))
    await require_change(backend, caller, document, app, validate=request.validate)
    change = partial(_replace_spec, app)
    written = await write(backend, caller, document, change, version=request.if_match)
    return to_object(lookup.application(written).spec)


async def delete(backend: Backend, caller: Caller, request: DeleteRequest) -> dict[str, Any]:
    """Delete an application; what it manages goes with it by a finalizer, unless `cascade` is false."""
    document = lookup.find_for(
        backend, caller, "delete", request.name, namespace=request.app_namespace, project=request.project
    )
    if not request.cascade and request.propagation_policy:
        text = "cannot set propagation policy when cascading is disabled"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    finalizer = POLICY_FINALIZERS.get(request.propagation_policy)
    if finalizer is None:
        text = f"invalid propagation policy: {request.propagation_policy}"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    permit = Permit(caller=caller, actions=("delete",), document=document)
    await _set_finalizer(backend, permit, finalizer if request.cascade else "")
    await remove(backend, permit)
    await backend.mirrors.applications.until(lambda: _is_leaving(backend, document.key), seconds=CATCH_UP)
    _record(backend, caller, document, "ResourceDeleted", "deleted application")
    return {}


def _is_leaving(backend: Backend, key: str) -> bool:
    found = backend.mirrors.applications.get(key)
    return found is None or lookup.application(found).is_deleting


async def _set_finalizer(backend: Backend, permit: Permit, finalizer: str) -> None:
    """Have the wanted resources finalizer, or with "" none of them."""
    app = lookup.application(permit.document)
    present = app.metadata.finalizers
    resources = set(POLICY_FINALIZERS.values())
    settled = finalizer in present if finalizer else not resources & set(present)
    if settled or (app.is_deleting and finalizer):
        return

    def finalize(obj: dict[str, Any]) -> None:
        kept = [each for each in obj["metadata"].get("finalizers", []) if finalizer or each not in resources]
        obj["metadata"]["finalizers"] = [*kept, finalizer] if finalizer and finalizer not in kept else kept

    await amend(backend, permit, finalize)


async def _upserted(backend: Backend, caller: Caller, app: Application, *, upsert: bool) -> msgspec.Raw:
    name = app.metadata.name
    document = lookup.find(backend, caller, name, namespace=app.metadata.namespace)
    before = lookup.application(document)
    if _is_same(before, app):
        return msgspec.Raw(document.json)
    if not upsert:
        text = "existing application spec is different, use upsert flag to force update"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    _require(caller, "update", document.project, name, document.outside)
    if app.spec.project != document.project:
        _require(caller, "update", app.spec.project, name, document.outside)
    written = await write(backend, caller, document, partial(_merge, app))
    return msgspec.Raw(written.json)


async def require_change(
    backend: Backend, caller: Caller, document: ApplicationDocument, app: Application, *, validate: bool
) -> None:
    """Raises RefusalError unless it may become so; moving between projects needs rights in both."""
    if app.spec.project != document.project:
        _require(caller, "create", app.spec.project, document.name, document.outside)
        _require(caller, "update", app.spec.project, document.name, document.outside)
    await require_sound(backend, app, validate=validate)


async def write(
    backend: Backend,
    caller: Caller,
    document: ApplicationDocument,
    change: Callable[[dict[str, Any]], None],
    *,
    version: str = "",
) -> ApplicationDocument:
    """Have the newest object, or that of a version alone, changed, and say so."""
    permit = Permit(caller=caller, actions=("update",), document=document)

    def attribute(obj: dict[str, Any]) -> None:
        before = dict(obj["metadata"].get("annotations") or {})
        change(obj)
        after = obj["metadata"].get("annotations") or {}
        obj["metadata"]["annotations"] = dict(attributed(before, after, caller.known_as))

    written = await amend(backend, permit, attribute, version=version)
    _record(backend, caller, written, "ResourceUpdated", "updated application spec")
    return written


def replace(app: Application, obj: dict[str, Any]) -> None:
    """Give an object an application's spec, labels, annotations and finalizers. What `kubectl apply` and the
    controller wrote down for themselves stays: whoever sends an application tells what they read of it."""
    _replace_spec(app, obj)
    metadata = obj["metadata"]
    present = metadata.get("annotations") or {}
    kept = {name: present[name] for name in OTHERS if name in present}
    metadata["labels"] = dict(app.metadata.labels)
    metadata["annotations"] = {**app.metadata.annotations, **kept}
    metadata["finalizers"] = list(app.metadata.finalizers)


def _replace_spec(app: Application, obj: dict[str, Any]) -> None:
    obj["spec"] = to_object(app.spec)


def _merge(app: Application, obj: dict[str, Any]) -> None:
    """As an upsert means it: labels and annotations that it does not name stay, and so do finalizers when it
    names none."""
    _replace_spec(app, obj)
    given, metadata = app.metadata, obj["metadata"]
    metadata["labels"] = {**(metadata.get("labels") or {}), **given.labels}
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **given.annotations}
    if given.finalizers:
        metadata["finalizers"] = list(given.finalizers)


def read_application(backend: Backend, obj: dict[str, Any]) -> Application:
    """The application of a request, in a namespace that is served. Raises RefusalError."""
    try:
        app = from_object({"metadata": {}, "spec": {}, **obj, "status": {}, "operation": None}, Application)
    except MalformedObjectError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from None
    lookup.require_namespace(backend, app.metadata.namespace)
    placed = msgspec.structs.replace(app.metadata, namespace=app.metadata.namespace or backend.namespace)
    return msgspec.structs.replace(app, metadata=placed, spec=app.spec.normalized())


def _spec(obj: dict[str, Any]) -> ApplicationSpec:
    try:
        return from_object(obj, ApplicationSpec).normalized()
    except MalformedObjectError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from None


def _fresh(app: Application) -> dict[str, object]:
    """The object to create: what the user may decide, and nothing else."""
    given = app.metadata
    metadata = ObjectMeta(
        name=given.name,
        namespace=given.namespace,
        labels=given.labels,
        annotations=given.annotations,
        finalizers=given.finalizers,
        owner_references=given.owner_references,
    )
    return {
        "apiVersion": APPLICATIONS.api_version,
        "kind": APPLICATIONS.kind,
        "metadata": to_object(metadata),
        "spec": to_object(app.spec),
    }


def _is_same(before: Application, after: Application) -> bool:
    old, new = before.metadata, after.metadata
    return (
        before.spec.normalized() == after.spec
        and old.labels == new.labels
        and old.annotations == new.annotations
        and set(old.finalizers) == set(new.finalizers)
    )


def _require(caller: Caller, action: str, project: str, name: str, outside: str) -> None:
    obj = authorize.application_object(project, name, outside)
    authorize.require(caller, lookup.RESOURCE, action, obj)


def _record(
    backend: Backend, caller: Caller, document: ApplicationDocument, reason: str, action: str
) -> None:
    app = lookup.application(document)
    backend.recorder.record(lookup.subject(app), reason, user=caller.known_as, action=action)
    log.info("api.application.changed", app=app.id.qualified, action=action, user=caller.known_as)
