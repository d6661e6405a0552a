"""Listing and getting applications, with a refresh when asked."""

import asyncio
import time
from datetime import UTC, datetime

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.encoded import ApplicationAnswer, ApplicationListAnswer
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup, resources, select
from fairlead.api_server.operations.application.requests import ApplicationQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

REFRESH = "argocd.argoproj.io/refresh"
REFRESH_TIMESTAMP = "argocd.argoproj.io/refresh-timestamp"
HYDRATE = "argocd.argoproj.io/hydrate"
HYDRATE_TIMESTAMP = "argocd.argoproj.io/hydrate-timestamp"
REFRESH_SECONDS = 60.0
"""How long a refresh may take; a render may take as long (contract 21)."""


async def list_all(backend: Backend, caller: Caller, query: ApplicationQuery) -> ApplicationListAnswer:
    """ApplicationList: those the query means and the caller may see, by name."""
    lookup.require_namespace(backend, query.app_namespace)
    mirror = backend.mirrors.applications
    seen = [doc for doc in select.chosen(query, mirror.all()) if lookup.may(caller, "get", doc)]
    version = max(
        (doc.resource_version for doc in mirror.all()), key=_number, default=mirror.resource_version
    )
    return ApplicationListAnswer(version, [backend.moved.shown(document) for document in seen])


async def get(backend: Backend, caller: Caller, query: ApplicationQuery) -> ApplicationAnswer:
    """One application, compared anew first when `refresh` is `normal` or `hard`."""
    projects = query.wanted_projects
    if len(projects) > 1:
        text = "multiple projects specified - the get endpoint accepts either zero or one project"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    project = projects[0] if projects else ""
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=project)
    if query.refresh:
        authorize.require(caller, lookup.RESOURCE, "get", lookup.object_of(document))
        document = await refreshed(backend, document, level=query.refresh)
    return ApplicationAnswer(await resources.with_tree_health(backend, backend.moved.shown(document)))


async def refreshed(backend: Backend, document: ApplicationDocument, *, level: str) -> ApplicationDocument:
    """The application after the controller compared it anew. Raises RefusalError after REFRESH_SECONDS."""
    word, moment = "hard" if level == "hard" else "normal", _nanoseconds()
    annotations = {REFRESH: word, REFRESH_TIMESTAMP: moment}
    if document.is_hydrated and backend.control.presentation.hydrator_enabled:
        annotations |= {HYDRATE: word, HYDRATE_TIMESTAMP: moment}
    body = {"metadata": {"annotations": annotations}}
    raw = await backend.kube.merge_patch(APPLICATIONS, document.name, body, document.namespace)
    asked = _version(raw)
    mirror = backend.mirrors.applications

    def is_done() -> bool:
        now = mirror.get(document.key)
        return now is None or (_number(now.resource_version) > asked and REFRESH not in now.annotations)

    if not await mirror.until(is_done, seconds=REFRESH_SECONDS):
        raise RefusalError(Code.UNKNOWN, "application refresh deadline exceeded")
    await asyncio.sleep(0)
    found = mirror.get(document.key)
    if found is None:
        raise RefusalError(Code.NOT_FOUND, f'applications.argoproj.io "{document.name}" not found')
    return found


def _nanoseconds() -> str:
    nanoseconds = time.time_ns()
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds % 1_000_000_000:09d}Z"


def _version(raw: bytes) -> int:
    return _number(str(msgspec.json.decode(raw)["metadata"]["resourceVersion"]))


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0
