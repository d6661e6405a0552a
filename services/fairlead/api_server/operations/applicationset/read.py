"""Listing sets, getting one, what belongs to it, and what happened to it."""

from collections.abc import Callable
from typing import Any

import msgspec

from fairlead.api_server.documents import cleaned
from fairlead.api_server.kinds import EVENTS
from fairlead.api_server.operations.application.lookup import require_namespace
from fairlead.api_server.operations.application.resources import MAX_EVENTS
from fairlead.api_server.operations.application.select import label_matcher
from fairlead.api_server.operations.applicationset import lookup
from fairlead.api_server.operations.applicationset.requests import SetQuery, SetRef
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.set_documents import SetDocument, resources_of


def matcher(projects: tuple[str, ...], selector: str, namespace: str) -> Callable[[SetDocument], bool]:
    """A test for one query. Raises INVALID_ARGUMENT for an unreadable selector."""
    labels = label_matcher(selector)
    wanted = set(filter(None, projects))
    return lambda document: (
        (not wanted or document.project in wanted)
        and namespace in ("", document.namespace)
        and labels(document.labels)
    )


async def list_all(backend: Backend, caller: Caller, query: SetQuery) -> msgspec.Raw:
    """ApplicationSetList: those the query means and the caller may see, by name."""
    require_namespace(backend, query.appset_namespace)
    matches = matcher(query.projects, query.selector, query.appset_namespace)
    mirror = lookup.mirror(backend)
    seen = [doc for doc in mirror.all() if matches(doc) and lookup.may(caller, "get", doc)]
    versions = [doc.resource_version for doc in mirror.all()]
    version = max((*versions, mirror.resource_version), key=_number)
    metadata = msgspec.json.encode({"resourceVersion": version})
    items = b",".join(document.json for document in seen)
    return msgspec.Raw(b'{"metadata":' + metadata + b',"items":[' + items + b"]}")


async def get(backend: Backend, caller: Caller, query: SetRef) -> msgspec.Raw:
    """One set."""
    return msgspec.Raw(lookup.find(backend, caller, query.name, query.appset_namespace).json)


async def tree(backend: Backend, caller: Caller, query: SetRef) -> dict[str, Any]:
    """ApplicationSetTree: the Applications that its status names, below it."""
    document = lookup.find(backend, caller, query.name, query.appset_namespace)
    parent = {
        "group": "argoproj.io",
        "version": "v1alpha1",
        "kind": "ApplicationSet",
        "name": document.name,
        "namespace": document.namespace,
        "uid": document.uid,
    }
    fields = ("group", "version", "kind", "namespace", "name", "health")
    nodes = [
        {**{key: item[key] for key in fields if item.get(key)}, "parentRefs": [parent]}
        for item in resources_of(document)
    ]
    return {"nodes": nodes} if nodes else {}


async def events(backend: Backend, caller: Caller, query: SetRef) -> dict[str, Any]:
    """Kubernetes Events about the set."""
    document = lookup.find(backend, caller, query.name, query.appset_namespace)
    selector = ",".join(
        (
            f"involvedObject.name={document.name}",
            f"involvedObject.namespace={document.namespace}",
            f"involvedObject.uid={document.uid}",
        )
    )
    found = await backend.kube.list_all(EVENTS, document.namespace, field_selector=selector)
    return {"metadata": {}, "items": [msgspec.Raw(cleaned(raw)) for raw in found[-MAX_EVENTS:]]}


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0
