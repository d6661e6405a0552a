"""What an application consists of: manifests, managed objects, the tree, live objects, events, revisions."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument, cleaned
from fairlead.api_server.kinds import EVENTS
from fairlead.api_server.operations.application import events_of, lookup, one, wish
from fairlead.api_server.operations.application.requests import (
    EventsQuery,
    ManifestQuery,
    ResourceQuery,
    ResourcesQuery,
    RevisionQuery,
    source_at,
)
from fairlead.api_server.operations.application.validate import require_permitted
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.diff.mask import masked_one
from fairlead.events.sources import UNVERIFIED
from fairlead.manifest import tracking
from fairlead.manifest.stated import as_stated
from fairlead.model.application import Application
from fairlead.rpc import controller, repo

MAX_EVENTS = 500
"""Events of one application in an answer; the newest."""


async def manifests(backend: Backend, caller: Caller, query: ManifestQuery) -> dict[str, Any]:
    """The manifests Git asks for, marked as ours, Secrets masked."""
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    app = lookup.application(document)
    require_permitted(backend, app, app.spec.effective_sources())
    wanted = await wish.of_application(backend, app)
    revisions = wish.revisions(app, query.revision, query.revisions, query.source_positions)
    question = repo.GenerateManifests(wanted=wanted, revisions=revisions, no_cache=query.no_cache)
    _, rendered = await backend.ask.generate(question)
    return {"manifests": as_shown(backend, app, rendered.objects())}


def as_shown(backend: Backend, app: Application, objects: Iterable[Mapping[str, Any]]) -> list[str]:
    """Rendered objects as JSON texts: with the application's mark, Secrets masked."""
    instance = app.id.instance(backend.namespace)
    tracking_of, hidden = backend.control.settings.tracking, backend.control.settings.masked_annotations
    texts = []
    for obj in objects:
        marked = tracking.stamp(as_stated(obj), instance, app.spec.destination.namespace, *tracking_of)
        texts.append(msgspec.json.encode(masked_one(marked, annotations=hidden), order="sorted").decode())
    return texts


async def managed(backend: Backend, caller: Caller, query: ResourcesQuery) -> dict[str, Any]:
    """The managed objects with desired and live state."""
    document = _found(backend, caller, query)
    answer = await backend.ask.managed(await wish.shard(backend, document), _question(document, query))
    return {"items": [_shown(item) for item in answer.items if not item.hook]} if answer.items else {}


def _shown(item: controller.ManagedResource) -> dict[str, Any]:
    """ResourceDiff. A state that is not there is the JSON `null`, which clients read, and not left out."""
    states = {
        "targetState": item.target_state,
        "liveState": item.live_state,
        "normalizedLiveState": item.normalized_live_state,
        "predictedLiveState": item.predicted_live_state,
    }
    return {**msgspec.to_builtins(item), **states}


async def tree(backend: Backend, caller: Caller, query: ResourcesQuery) -> dict[str, Any]:
    """The managed objects with everything that descends from them."""
    document = _found(backend, caller, query)
    return shown_tree(await backend.ask.tree(await wish.shard(backend, document), _question(document, query)))


def shown_tree(answer: controller.ResourceTree) -> dict[str, Any]:
    """ApplicationTree, without what is empty."""
    parts = {"nodes": answer.nodes, "orphanedNodes": answer.orphaned_nodes, "hosts": answer.hosts}
    return {name: part for name, part in parts.items() if part}


async def live(backend: Backend, caller: Caller, query: ResourceQuery) -> dict[str, str]:
    """One live object of the application."""
    document = one.find(backend, caller, query)
    try:
        answer = await backend.ask.live(await wish.shard(backend, document), one.question(document, query))
    except RefusalError as error:
        raise one.not_part(query, document, error) from error
    return {"manifest": answer.manifest}


async def events(backend: Backend, caller: Caller, query: EventsQuery) -> dict[str, Any]:
    """Kubernetes Events about the application."""
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    if query.resource_name or query.resource_uid:
        return await events_of.resource(backend, document, query)
    selector = ",".join(
        (
            f"involvedObject.name={document.name}",
            f"involvedObject.namespace={document.namespace}",
            f"involvedObject.uid={document.uid}",
        )
    )
    found = await backend.kube.list_all(EVENTS, document.namespace, field_selector=selector)
    return {"metadata": {}, "items": [msgspec.Raw(cleaned(raw)) for raw in found[-MAX_EVENTS:]]}


async def revision_metadata(backend: Backend, caller: Caller, query: RevisionQuery) -> dict[str, Any]:
    """Who made a commit, when and why."""
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    app = lookup.application(document)
    source = source_at(app.spec.effective_sources(), query.source_index + 1)
    if source is None:
        raise RefusalError(Code.UNKNOWN, "source position is out of range")
    require_permitted(backend, app, (source,))
    question = repo.DescribeRevision(
        repo_url=source.repo_url,
        project=document.project,
        revision=query.revision,
        signatures=await wish.demanded(backend, document, query.source_index),
    )
    found = await backend.ask.describe(question)
    described: dict[str, Any] = {"author": found.author, "date": found.date, "message": found.message}
    if found.tags:
        described["tags"] = list(found.tags)
    if found.problems is not None:
        described["signatureInfo"] = found.signature
        check = {"Name": UNVERIFIED.rstrip(": "), "Problems": list(found.problems)}
        described["sourceIntegrityResult"] = {"Checks": [check]}
    return described


async def told_to_all(backend: Backend, document: ApplicationDocument) -> ApplicationDocument:
    """The application with its resources' health, as every stream is told of one change of it."""
    if not document.has_tree_health:
        return document
    return await backend.tree_health.shared(document, lambda: with_tree_health(backend, document))


async def with_tree_health(backend: Backend, document: ApplicationDocument) -> ApplicationDocument:
    """The application with each resource's health, from the tree when the status leaves it there."""
    if not document.has_tree_health:
        return document
    question = controller.TreeQuery(namespace=document.namespace, name=document.name, brief=True)
    try:
        answer = await backend.ask.tree(await wish.shard(backend, document), question)
    except RefusalError:
        return document
    health = {(node.group, node.kind, node.namespace, node.name): node.health for node in answer.nodes}
    app = msgspec.json.decode(document.json)
    for entry in app["status"].get("resources", []):
        key = (entry.get("group", ""), entry["kind"], entry.get("namespace", ""), entry["name"])
        found = health.get(key)
        if found and "health" not in entry:
            entry["health"] = found
    return msgspec.structs.replace(document, json=msgspec.json.encode(app))


def _found(backend: Backend, caller: Caller, query: ResourcesQuery) -> ApplicationDocument:
    name, namespace = query.application_name, query.app_namespace
    return lookup.find(backend, caller, name, namespace=namespace, project=query.project)


def _question(document: ApplicationDocument, query: ResourcesQuery) -> controller.ApplicationQuery:
    return controller.ApplicationQuery(
        namespace=document.namespace,
        name=document.name,
        resource_namespace=query.namespace,
        resource_name=query.name,
        group=query.group,
        kind=query.kind,
        version=query.version,
    )
