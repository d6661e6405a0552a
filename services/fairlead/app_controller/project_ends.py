"""Lets deleted AppProjects go: their finalizer is taken off once no Application names them any more.

Why: `resources-finalizer.argocd.argoproj.io` on a project means that it outlives the Applications it serves,
since they are deleted under its rules. Invariant: it is taken off only when the API server itself, just
asked, knows no Application of the project; until then the project serves on.
"""

from __future__ import annotations

import asyncio
from typing import Final, NoReturn

import msgspec
import structlog

from fairlead.app_controller.book import Book
from fairlead.app_controller.collection import APP_PROJECTS, APPLICATIONS
from fairlead.app_controller.projects import Projects
from fairlead.kube import write
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.head import Head
from fairlead.kube.writer import ClusterWriter

log = structlog.get_logger(__name__)

FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
AGAIN: Final = 30.0
"""Seconds between looks while a project waits for its Applications; what ends one wakes us at once."""


class _Spec(msgspec.Struct, frozen=True):
    project: str = ""


class _Application(msgspec.Struct, frozen=True):
    spec: _Spec = _Spec()


_APPLICATION = msgspec.json.Decoder(_Application)


class ProjectEnds:
    """Sees projects that are being deleted to their end."""

    def __init__(
        self, control: ClusterWriter, projects: Projects, book: Book, *, namespaces: tuple[str, ...]
    ) -> None:
        self._control = control
        self._projects = projects
        self._book = book
        self._everywhere = bool(namespaces)
        self._due = asyncio.Event()

    def wake(self) -> None:
        """A project or an Application changed or ended."""
        self._due.set()

    async def run(self) -> NoReturn:
        """See to it until cancelled."""
        while True:
            self._due.clear()
            ending = [
                head for head in self._projects.ending() if FINALIZER in (head.metadata.finalizers or ())
            ]
            for head in ending:
                try:
                    await self._end(head)
                except KubeError as error:
                    log.warning("project.end.failed", project=head.metadata.name, error=error.message[:200])
            try:
                async with asyncio.timeout(AGAIN if ending else None):
                    await self._due.wait()
            except TimeoutError:
                continue

    async def _end(self, head: Head) -> None:
        name = head.metadata.name
        if any((record.app.spec.project or "default") == name for record in self._book):
            return
        if await self._is_named(name):
            return
        kept = [finalizer for finalizer in head.metadata.finalizers or () if finalizer != FINALIZER]
        metadata = {"finalizers": kept or None, "resourceVersion": head.metadata.resource_version}
        body = msgspec.json.encode({"metadata": metadata})
        try:
            await write.merge_patch(self._control, APP_PROJECTS, name, body, self._book.control_namespace)
        except NotFoundError:
            return
        log.info("project.ended", project=name)

    async def _is_named(self, name: str) -> bool:
        """Whether the API server knows an Application of the project, of whichever controller."""
        namespace = None if self._everywhere else self._book.control_namespace
        async for page in self._control.client.pages(APPLICATIONS, namespace):
            for raw in page.items or ():
                try:
                    project = _APPLICATION.decode(raw).spec.project or "default"
                except (msgspec.DecodeError, RecursionError):
                    return True
                if project == name:
                    return True
        return False
