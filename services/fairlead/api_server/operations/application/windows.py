"""Sync windows of an application's project, for people who sync by hand (contract 3)."""

from datetime import UTC, datetime
from typing import Any

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.requests import ApplicationRef
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.registered import RegisteredCluster, registered
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.matching.errors import MatchingError
from fairlead.matching.windows import Target, is_active, may_sync, selects
from fairlead.model.application import Application
from fairlead.model.appproject import SyncWindow
from fairlead.model.duration import DurationError

BLOCKED = "cannot sync: blocked by sync window"


class Windows:
    """Tells of many applications whether a person may sync them at one moment."""

    def __init__(self, backend: Backend, now: datetime) -> None:
        self._backend = backend
        self._now = now
        self._projects: dict[str, tuple[SyncWindow, ...]] = {}
        self._clusters: list[RegisteredCluster] | None = None

    def allow(self, document: ApplicationDocument) -> bool:
        """Whether a person may sync the application."""
        windows = self._projects.get(document.project)
        if windows is None:
            project = find_project(self._backend, document.project)
            windows = tuple(project.spec.sync_windows) if project is not None else ()
            self._projects[document.project] = windows
        return not windows or may_sync(windows, self._target(document), manual=True, now=self._now).allowed

    def _target(self, document: ApplicationDocument) -> Target:
        if self._clusters is None:
            self._clusters = registered(self._backend)
        said = document.destination
        found = next((each for each in self._clusters if said in (each.server, each.name)), None)
        return Target(
            application=document.name,
            namespace=document.destination_namespace,
            server=found.server if found is not None else said,
            cluster_name=found.name if found is not None else said,
        )


def allows_manual_sync(backend: Backend, app: Application) -> bool:
    """Whether a person may sync the application now."""
    project = find_project(backend, app.spec.project)
    if project is None or not project.spec.sync_windows:
        return True
    target = _target(backend, app)
    return may_sync(project.spec.sync_windows, target, manual=True, now=datetime.now(UTC)).allowed


async def get(backend: Backend, caller: Caller, query: ApplicationRef) -> dict[str, Any]:
    """The windows of an application, and whether a person may sync now."""
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    app = lookup.application(document)
    project = find_project(backend, app.spec.project)
    target = _target(backend, app)
    windows = [w for w in (project.spec.sync_windows if project else ()) if selects(w, target)]
    shown: dict[str, Any] = {"canSync": allows_manual_sync(backend, app)}
    if windows:
        shown["assignedWindows"] = [_described(window) for window in windows]
    active = [_described(window) for window in windows if _is_open(window)]
    if active:
        shown["activeWindows"] = active
    return shown


def _target(backend: Backend, app: Application) -> Target:
    """The application as windows see it: its cluster by address and by name."""
    destination = app.spec.destination
    server, name = destination.server.rstrip("/"), destination.name
    for cluster in registered(backend):
        if cluster.server == server or (name and cluster.name == name):
            server, name = cluster.server, cluster.name
            break
    return Target(
        application=app.metadata.name, namespace=destination.namespace, server=server, cluster_name=name
    )


def _is_open(window: SyncWindow) -> bool:
    try:
        return is_active(window, datetime.now(UTC))
    except (MatchingError, DurationError):
        return False


def _described(window: SyncWindow) -> dict[str, object]:
    described: dict[str, object] = {
        "kind": window.kind,
        "schedule": window.schedule,
        "duration": window.duration,
    }
    return {**described, "manualSync": True} if window.manual_sync else described
