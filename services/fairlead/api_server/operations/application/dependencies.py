"""Whether what an application depends on is ready for a sync that a person asks for.

Invariant: it is judged as the app-controller does, from the Applications as they are seen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairlead.api_server.documents import key_of
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.matching.circles import circle_of
from fairlead.matching.dependencies import ANNOTATION, UNKNOWN, declared, is_permitted, unready
from fairlead.model.application import AppId, Application
from fairlead.sync.options import IGNORE_DEPENDENCIES


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
        on = _permitted(backend, app, one.app)
        why = UNKNOWN if on is None else unready(app, revisions, one.accepted, on, backend.moved.histories)
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

    def edges(app_id: AppId) -> Iterator[AppId]:
        document = backend.mirrors.applications.get(_key(backend, app_id))
        is_asked = document is not None and ANNOTATION in document.annotations
        found = _application(backend, app_id) if is_asked else None
        for one in declared(found).dependencies if found is not None else ():
            if found is not None and _permitted(backend, found, one.app) is not None:
                yield one.app

    return circle_of(app.id, edges)


def _permitted(backend: Backend, app: Application, on: AppId) -> Application | None:
    """An application that another may depend on."""
    found = _application(backend, on)
    project = None if found is None else backend.mirrors.projects.get(found.spec.project or "default")
    return found if found is not None and is_permitted(app, found, project) else None


def _application(backend: Backend, app_id: AppId) -> Application | None:
    document = backend.mirrors.applications.get(_key(backend, app_id))
    return None if document is None else lookup.application(document)


def _key(backend: Backend, app_id: AppId) -> str:
    return key_of(lookup.outside(backend, app_id.namespace), app_id.name)
