"""Creating, changing and deleting projects.

The invariant: nobody widens a project beyond what they may themselves give, and no application that was
permitted ceases to be by accident.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.kinds import PROJECTS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup as applications
from fairlead.api_server.operations.application.amend import require_version
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.registered import RegisteredCluster, registered
from fairlead.api_server.operations.differences import different, differing, fields
from fairlead.api_server.operations.project.check import normalized_line, require_sound
from fairlead.api_server.operations.project.lookup import RESOURCE, subject
from fairlead.api_server.operations.project.read import shown
from fairlead.api_server.operations.project.requests import ProjectCreate, ProjectQuery, ProjectUpdate
from fairlead.api_server.operations.project.tokens import synchronised
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import Nothing
from fairlead.kube.errors import AlreadyExistsError
from fairlead.matching.pauses import attributed
from fairlead.matching.project import is_destination_permitted, is_source_permitted
from fairlead.model.application import DEFAULT_PROJECT, Application
from fairlead.model.appproject import AppProject, AppProjectSpec
from fairlead.model.decode import decode_app_project, from_object, to_object
from fairlead.model.errors import MalformedObjectError

log = structlog.get_logger(__name__)

_ROLE = fields(
    "name description policies jwtTokens=JWTTokens groups",
    {"jwtTokens": fields("iat=IssuedAt exp=ExpiresAt id=ID")},
)
_SPEC = fields(
    "sourceRepos destinations description roles clusterResourceWhitelist namespaceResourceBlacklist "
    "orphanedResources syncWindows namespaceResourceWhitelist signatureKeys clusterResourceBlacklist "
    "sourceNamespaces permitOnlyProjectScopedClusters destinationServiceAccounts sourceIntegrity",
    {
        "destinations": fields("server namespace name"),
        "roles": _ROLE,
        "clusterResourceWhitelist": fields("group kind name"),
        "clusterResourceBlacklist": fields("group kind name"),
        "namespaceResourceBlacklist": fields("group kind"),
        "namespaceResourceWhitelist": fields("group kind"),
        "orphanedResources": fields("warn ignore", {"ignore": fields("group kind name")}),
        "syncWindows": fields(
            "kind schedule duration applications namespaces clusters manualSync timeZone "
            "andOperator=UseAndOperator description syncOverrun"
        ),
        "signatureKeys": fields("keyID=KeyID"),
        "destinationServiceAccounts": fields("server namespace defaultServiceAccount"),
    },
)


async def create(backend: Backend, caller: Caller, request: ProjectCreate) -> dict[str, Any]:
    """Create a project, or with `upsert` change one that is there."""
    project = _read(request.project)
    name = project.metadata.name
    authorize.require(caller, RESOURCE, "create", name)
    require_sound(name, project.spec)
    try:
        raw = await backend.kube.create(PROJECTS, _object(backend, synchronised(project)), backend.namespace)
    except AlreadyExistsError:
        return await _upserted(backend, caller, project, upsert=request.upsert)
    return await _done(backend, caller, raw, "ResourceCreated", "created project")


async def update(backend: Backend, caller: Caller, request: ProjectUpdate) -> dict[str, Any]:
    """Replace spec, labels, annotations and finalizers."""
    project = _read(request.project)
    name = project.metadata.name
    require_sound(name, project.spec)
    authorize.require(caller, RESOURCE, "update", name)
    before = decode_app_project(await backend.kube.get(PROJECTS, name, backend.namespace))
    require_version(f"project {name}", request.if_match, before.metadata.resource_version)
    _require_rights(caller, before.spec, project.spec)
    await _require_applications(backend, before, project)
    version = request.if_match or project.metadata.resource_version or before.metadata.resource_version
    annotations = attributed(before.metadata.annotations, project.metadata.annotations, caller.known_as)
    metadata = msgspec.structs.replace(
        project.metadata, resource_version=version, annotations=dict(annotations)
    )
    body = _object(backend, synchronised(msgspec.structs.replace(project, metadata=metadata)))
    raw = await backend.kube.update(PROJECTS, name, body, backend.namespace)
    return await _done(backend, caller, raw, "ResourceUpdated", "updated project")


async def delete(backend: Backend, caller: Caller, request: ProjectQuery) -> Nothing:
    """Delete a project that no application is in."""
    name = request.name
    if name == DEFAULT_PROJECT:
        text = f"name '{DEFAULT_PROJECT}' is reserved and cannot be deleted"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    authorize.require(caller, RESOURCE, "delete", name)
    project = decode_app_project(await backend.kube.get(PROJECTS, name, backend.namespace))
    users = len(_of_project(backend, name))
    if users:
        raise RefusalError(Code.INVALID_ARGUMENT, f"project is referenced by {users} applications")
    exactly = {"uid": project.metadata.uid}
    await backend.kube.delete(PROJECTS, name, backend.namespace, options={"preconditions": exactly})
    await backend.mirrors.projects.until(lambda: _is_leaving(backend, name), seconds=CATCH_UP)
    backend.recorder.record(
        subject(project), "ResourceDeleted", user=caller.known_as, action="deleted project"
    )
    return Nothing()


async def _upserted(backend: Backend, caller: Caller, project: AppProject, *, upsert: bool) -> dict[str, Any]:
    name = project.metadata.name
    before = decode_app_project(await backend.kube.get(PROJECTS, name, backend.namespace))
    if before.spec == project.spec:
        return shown(before)
    if not upsert:
        keys = differing(to_object(before.spec), to_object(project.spec), _SPEC)
        raise different("project", keys)
    authorize.require(caller, RESOURCE, "update", name)
    _require_rights(caller, before.spec, project.spec)
    await _require_applications(backend, before, project)
    changed = synchronised(msgspec.structs.replace(before, spec=project.spec))
    raw = await backend.kube.update(PROJECTS, name, _object(backend, changed), backend.namespace)
    return await _done(backend, caller, raw, "ResourceUpdated", "updated project")


def _require_rights(caller: Caller, before: AppProjectSpec, after: AppProjectSpec) -> None:
    """Whoever gives a project a cluster or repository, or takes it away, may update that one; whoever changes
    which kinds it may have, all of its clusters."""
    servers = {entry.server for entry in after.destinations if entry.server}
    for server in sorted(servers ^ {entry.server for entry in before.destinations if entry.server}):
        authorize.require(caller, "clusters", "update", server)
    for url in sorted({*after.source_repos} ^ {*before.source_repos}):
        authorize.require(caller, "repositories", "update", url)
    if _kinds(before) != _kinds(after):
        for server in sorted(servers):
            authorize.require(caller, "clusters", "update", server)


def _kinds(spec: AppProjectSpec) -> tuple[object, ...]:
    return (
        spec.cluster_resource_whitelist,
        spec.cluster_resource_blacklist,
        spec.namespace_resource_whitelist,
        spec.namespace_resource_blacklist,
    )


async def _require_applications(backend: Backend, before: AppProject, after: AppProject) -> None:
    """What applications of the project have now, they may have afterwards.

    Thousands of applications take seconds, so the loop does not wait for them.
    """
    documents = _of_project(backend, after.metadata.name)
    clusters = registered(backend)
    inherit = backend.control.with_inherited
    lost = await asyncio.to_thread(_lost, documents, clusters, inherit(before), inherit(after))
    if lost:
        text = f"as a result of project update {' and '.join(lost)}"
        raise RefusalError(Code.INVALID_ARGUMENT, text)


def _lost(
    documents: list[ApplicationDocument],
    clusters: list[RegisteredCluster],
    before: AppProject,
    after: AppProject,
) -> list[str]:
    """What applications lose, in words."""
    apps = [applications.application(document) for document in documents]
    counts = (
        (_losing_source(apps, before, after), "source"),
        (_losing_destination(apps, clusters, before, after), "destination"),
    )
    return [f"{count} applications {what} became invalid" for count, what in counts if count]


def _losing_source(apps: Iterable[Application], before: AppProject, after: AppProject) -> int:
    return sum(
        any(
            is_source_permitted(before, source.repo_url) and not is_source_permitted(after, source.repo_url)
            for source in app.spec.effective_sources()
        )
        for app in apps
    )


def _losing_destination(
    apps: Iterable[Application],
    clusters: list[RegisteredCluster],
    before: AppProject,
    after: AppProject,
) -> int:
    found = {cluster.name: cluster for cluster in clusters} | {
        cluster.server: cluster for cluster in clusters
    }

    def permits(project: AppProject, app: Application) -> bool:
        destination = app.spec.destination
        cluster = found.get(destination.server.rstrip("/") or destination.name)
        return is_destination_permitted(
            project,
            server=cluster.server if cluster else destination.server,
            cluster_name=cluster.name if cluster else destination.name,
            namespace=destination.namespace,
        )

    return sum(permits(before, app) and not permits(after, app) for app in apps)


def _of_project(backend: Backend, project: str) -> list[ApplicationDocument]:
    return [document for document in backend.mirrors.applications.all() if document.project == project]


def _read(obj: dict[str, Any]) -> AppProject:
    try:
        project = from_object({"metadata": {}, "spec": {}, **obj}, AppProject)
    except MalformedObjectError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from None
    if not project.metadata.name:
        raise RefusalError(Code.INVALID_ARGUMENT, "a project needs a name")
    roles = tuple(
        msgspec.structs.replace(role, policies=tuple(normalized_line(line) for line in role.policies))
        for role in project.spec.roles
    )
    return msgspec.structs.replace(project, spec=msgspec.structs.replace(project.spec, roles=roles))


def _object(backend: Backend, project: AppProject) -> dict[str, Any]:
    """The object to write: what the user may decide, and nothing else of its metadata."""
    given = project.metadata
    metadata = {
        "name": given.name,
        "namespace": backend.namespace,
        "labels": given.labels,
        "annotations": given.annotations,
        "finalizers": list(given.finalizers),
        "ownerReferences": [to_object(owner) for owner in given.owner_references],
    }
    if given.resource_version:
        metadata["resourceVersion"] = given.resource_version
    return {
        "apiVersion": PROJECTS.api_version,
        "kind": PROJECTS.kind,
        "metadata": metadata,
        "spec": to_object(project.spec),
        "status": to_object(project.status),
    }


async def _done(backend: Backend, caller: Caller, raw: bytes, reason: str, action: str) -> dict[str, Any]:
    """What was written, once the mirror shows it."""
    project = decode_app_project(raw)
    metadata = project.metadata
    mirror = backend.mirrors.projects

    def is_shown() -> bool:
        found = mirror.get(metadata.name)
        return found is not None and int(found.metadata.resource_version) >= int(metadata.resource_version)

    await mirror.until(is_shown, seconds=CATCH_UP)
    backend.recorder.record(subject(project), reason, user=caller.known_as, action=action)
    log.info("api.project.written", project=metadata.name, reason=reason, user=caller.known_as)
    return shown(project)


def _is_leaving(backend: Backend, name: str) -> bool:
    found = backend.mirrors.projects.get(name)
    return found is None or found.metadata.deletion_timestamp is not None
