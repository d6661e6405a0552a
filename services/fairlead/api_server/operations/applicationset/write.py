"""Making and deleting ApplicationSets.

The invariant: a request never brings a status along, and a set is written only with the right to the project
that its Applications go to, which has to be named, not generated.
"""

from typing import Any

import msgspec
import structlog

from fairlead.api_server.kinds import APPLICATION_SETS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application.lookup import outside, require_namespace
from fairlead.api_server.operations.applicationset import lookup
from fairlead.api_server.operations.applicationset.generate import (
    generated,
    projects_of,
    require_named_project,
    require_project,
    status_of,
)
from fairlead.api_server.operations.applicationset.requests import CreateSet, GenerateSet, SetRef
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.record import Subject
from fairlead.api_server.set_documents import SetDocument, read_set
from fairlead.kube.errors import AlreadyExistsError, ConflictError
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object, to_object
from fairlead.model.errors import MalformedObjectError

log = structlog.get_logger(__name__)

ATTEMPTS = 5
"""Races with other writers that one change may lose."""
Object = dict[str, Any]


async def create(backend: Backend, caller: Caller, request: CreateSet) -> msgspec.Raw:
    """Create a set, or with `upsert` change one that is there."""
    wanted = permitted(backend, caller, request.applicationset)
    metadata = wanted.metadata
    namespace = metadata.namespace or backend.namespace
    require_named_project(wanted)
    if not metadata.name:
        raise RefusalError(Code.UNKNOWN, "resource name may not be empty")
    require_project(backend, wanted)
    body = _fresh(wanted, namespace)
    if request.dry_run:
        applications, _ = await generated(backend, caller, wanted)
        return msgspec.Raw(msgspec.json.encode({**body, "status": status_of(applications, namespace)}))
    try:
        raw = await backend.kube.create(APPLICATION_SETS, body, namespace)
    except AlreadyExistsError:
        return await _upserted(backend, caller, wanted, body, upsert=request.upsert)
    return await _written(backend, caller, raw, "ResourceCreated", "created ApplicationSet")


async def generate(backend: Backend, caller: Caller, request: GenerateSet) -> Object:
    """The Applications of a set that is not made."""
    wanted = permitted(backend, caller, request.application_set)
    require_named_project(wanted)
    require_project(backend, wanted)
    applications, _ = await generated(backend, caller, wanted)
    return {"applications": applications}


async def delete(backend: Backend, caller: Caller, query: SetRef) -> Object:
    """Delete the very set that was found."""
    document = lookup.find(backend, caller, query.name, query.appset_namespace)
    lookup.require(caller, "delete", document)
    exactly = {"preconditions": {"uid": document.uid}}
    await backend.kube.delete(APPLICATION_SETS, document.name, document.namespace, options=exactly)
    sets = backend.mirrors.sets
    await sets.until(lambda: _is_gone(sets.get(document.key), document), seconds=CATCH_UP)
    _record(backend, caller, document, "ResourceDeleted", "deleted ApplicationSets")
    return {}


async def _upserted(
    backend: Backend, caller: Caller, wanted: ApplicationSet, body: Object, *, upsert: bool
) -> msgspec.Raw:
    name, namespace = wanted.metadata.name, str(body["metadata"]["namespace"])
    for _ in range(ATTEMPTS):
        raw = await backend.kube.get(APPLICATION_SETS, name, namespace)
        found = read_set(raw, control=backend.namespace)
        if not lookup.may(caller, "get", found):
            raise authorize.hidden()
        obj = msgspec.json.decode(raw)
        if _is_same(obj, wanted):
            return msgspec.Raw(found.json)
        if not upsert:
            text = "existing ApplicationSet spec is different, use upsert flag to force update"
            raise RefusalError(Code.INVALID_ARGUMENT, text)
        lookup.require(caller, "update", found)
        _require(caller, "update", wanted, name, found.outside)
        obj["spec"] = body["spec"]
        for field in ("labels", "annotations"):
            obj["metadata"][field] = {
                **(obj["metadata"].get(field) or {}),
                **(body["metadata"].get(field) or {}),
            }
        try:
            raw = await backend.kube.update(APPLICATION_SETS, name, obj, namespace)
        except ConflictError:
            continue
        return await _written(backend, caller, raw, "ResourceUpdated", "updated ApplicationSets spec")
    raise RefusalError(Code.ABORTED, f"ApplicationSet {name} is being changed by others; try again")


async def _written(backend: Backend, caller: Caller, raw: bytes, reason: str, did: str) -> msgspec.Raw:
    """The set as written, once the mirror shows it or two seconds have passed."""
    document = read_set(raw, control=backend.namespace)
    sets = backend.mirrors.sets
    await sets.until(lambda: _is_shown(sets.get(document.key), document), seconds=CATCH_UP)
    _record(backend, caller, document, reason, did)
    return msgspec.Raw(document.json)


def _is_shown(found: SetDocument | None, written: SetDocument) -> bool:
    return found is not None and int(found.resource_version) >= int(written.resource_version)


def _is_gone(found: SetDocument | None, deleted: SetDocument) -> bool:
    return found is None or found.uid != deleted.uid or found.resource_version != deleted.resource_version


def read(obj: Object) -> ApplicationSet:
    """The set of a request. Raises INVALID_ARGUMENT."""
    try:
        return from_object({"metadata": {}, "spec": {}, **obj, "status": {}}, ApplicationSet)
    except MalformedObjectError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from None


def permitted(backend: Backend, caller: Caller, obj: Object, action: str = "create") -> ApplicationSet:
    """The set of a request, if the caller may do `action` to it."""
    wanted = read(obj)
    metadata = wanted.metadata
    place = outside(backend, metadata.namespace)
    _require(caller, action, wanted, metadata.name, place)
    require_namespace(backend, metadata.namespace)
    return wanted


def _fresh(wanted: ApplicationSet, namespace: str) -> Object:
    """The object to create: what the user may decide, and nothing else."""
    given = to_object(wanted.metadata)
    kept = ("name", "labels", "annotations", "finalizers", "ownerReferences")
    metadata = {key: given[key] for key in kept if given.get(key)}
    return {
        "apiVersion": APPLICATION_SETS.api_version,
        "kind": APPLICATION_SETS.kind,
        "metadata": {**metadata, "namespace": namespace},
        "spec": to_object(wanted.spec),
    }


def _is_same(obj: Object, wanted: ApplicationSet) -> bool:
    before = read(obj)
    old, new = before.metadata, wanted.metadata
    return (
        before.spec == wanted.spec
        and new.labels.items() <= old.labels.items()
        and new.annotations.items() <= old.annotations.items()
    )


def _require(caller: Caller, action: str, wanted: ApplicationSet, name: str, place: str) -> None:
    """In every project that Applications of the set may go to."""
    for project in projects_of(wanted):
        obj = authorize.application_object(project, name, place)
        authorize.require(caller, lookup.RESOURCE, action, obj)


def _record(backend: Backend, caller: Caller, document: SetDocument, reason: str, did: str) -> None:
    subject = Subject(
        kind=APPLICATION_SETS.kind,
        name=document.name,
        namespace=document.namespace,
        uid=document.uid,
        resource_version=document.resource_version,
    )
    backend.recorder.record(subject, reason, user=caller.known_as, action=did)
    log.info("api.applicationset.changed", name=document.key, action=did, user=caller.known_as)
