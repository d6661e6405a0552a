"""Freezes: pauses that keep people from syncing, too, of an application, its project, its cluster or of all.

Invariant: they are read as the app-controller reads them, and hold until the moment that they name.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.cluster.registered import RegisteredCluster, registered
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.pauses import active, pause_of, words


class Freezes:
    """Tells of many applications whether they are frozen at one moment."""

    def __init__(self, backend: Backend, now: datetime) -> None:
        self._backend = backend
        self._now = now
        self._clusters: dict[str, RegisteredCluster] | None = None

    def of(self, document: ApplicationDocument) -> str:
        """Why nobody may sync the application, or ""."""
        project = find_project(self._backend, document.project)
        cluster = self._cluster(document.destination)
        annotations = project.metadata.annotations if project is not None else {}
        found = active(
            (
                pause_of(document.annotations, "application", document.name),
                pause_of(annotations, "project", document.project),
                None if cluster is None else pause_of(cluster.annotations, "cluster", cluster.name),
                self._backend.control.settings.paused,
            ),
            self._now,
        )
        said = words(one for one in found if one.frozen)
        return f"cannot sync: {said}" if said else ""

    def _cluster(self, named: str) -> RegisteredCluster | None:
        if self._clusters is None:
            clusters = registered(self._backend)
            self._clusters = {each.name: each for each in clusters} | {each.server: each for each in clusters}
        return self._clusters.get(named.rstrip("/"))


def require_unfrozen(backend: Backend, document: ApplicationDocument) -> None:
    """Raises RefusalError while nobody may sync the application."""
    refusal = Freezes(backend, datetime.now(UTC)).of(document)
    if refusal:
        raise RefusalError(Code.PERMISSION_DENIED, refusal)
