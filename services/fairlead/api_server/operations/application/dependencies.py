"""Whether what an application depends on is ready for a sync that a person asks for.

Invariant: it is judged as the app-controller does, from the Applications as they are seen here.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.api_server.documents import key_of
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.matching.circles import circles
from fairlead.matching.dependencies import ANNOTATION, UNKNOWN, declared, is_permitted, unready
from fairlead.model.application import AppId, Application
from fairlead.sync.options import IGNORE_DEPENDENCIES

MOST = 1000
"""Applications that are looked at for a circle; behind so many there is none."""


def unready_of(backend: Backend, app: Application, revisions: Sequence[str]) -> str:
    """What is not ready for a deployment at these revisions, in words, or "". Without any, only the states of
    the dependencies count."""
    said = declared(app)
    if not said.dependencies and not said.problems:
        return ""
    circle = _circle(backend, app)
    found = [f"what it depends on is to be said anew: {problem}" for problem in said.problems]
    for one in said.dependencies:
        if one.app in circle:
            continue
        on = _application(backend, one.app)
        if on is None or not is_permitted(
            app, on, backend.mirrors.projects.get(on.spec.project or "default")
        ):
            why = UNKNOWN
        else:
            why = unready(app, revisions, one.accepted, on, backend.moved.histories)
        if why:
            is_near = one.app.namespace == app.metadata.namespace
            found.append(f"{one.app.name if is_near else one.app.qualified}: {why}")
    if not found:
        return ""
    return (
        f"cannot sync: what it depends on is not ready: {'; '.join(found)}. "
        f"To go on all the same, sync with the option {IGNORE_DEPENDENCIES} "
        "(fairlead app sync --ignore-dependencies)"
    )


def _circle(backend: Backend, app: Application) -> tuple[AppId, ...]:
    """Those with which the application stands in a circle, whose edges count for nothing."""
    edges: dict[AppId, list[AppId]] = {}
    ahead = [app.id]
    while ahead and len(edges) < MOST:
        app_id = ahead.pop()
        if app_id in edges:
            continue
        document = backend.mirrors.applications.get(_key(backend, app_id))
        is_asked = document is not None and ANNOTATION in document.annotations
        found = _application(backend, app_id) if is_asked else None
        edges[app_id] = [one.app for one in declared(found).dependencies] if found is not None else []
        ahead += edges[app_id]
    return circles(edges).get(app.id, ())


def _application(backend: Backend, app_id: AppId) -> Application | None:
    document = backend.mirrors.applications.get(_key(backend, app_id))
    return None if document is None else lookup.application(document)


def _key(backend: Backend, app_id: AppId) -> str:
    return key_of(lookup.outside(backend, app_id.namespace), app_id.name)
