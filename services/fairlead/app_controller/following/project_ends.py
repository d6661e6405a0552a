"""Lets deleted AppProjects go: their finalizer is taken off once no Application names them any more.

Why: `resources-finalizer.argocd.argoproj.io` on a project means that it outlives the Applications it serves,
since they are deleted under its rules. While one is known here the API server is asked nothing. Invariant: it
is taken off only when the API server itself, just asked, knows no Application of the project; until then the
project serves on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, NoReturn

import msgspec
import structlog

from fairlead.app_controller.following.applications import UNREADABLE, project_of
from fairlead.app_controller.following.projects import Projects
from fairlead.kube import write
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.head import Head
from fairlead.kube.writer import ClusterWriter

log = structlog.get_logger(__name__)

FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
AGAIN: Final = 30.0
"""Seconds between lists for a project of which the API server knew more than was seen here."""


class ProjectEnds:
    """Sees projects that are being deleted to their end."""

    def __init__(
        self,
        control: ClusterWriter,
        projects: Projects,
        *,
        namespace: str,
        is_ours: Callable[[], bool],
        is_named: Callable[[str], bool],
        everywhere: bool,
    ) -> None:
        self._control = control
        self._projects = projects
        self._namespace = namespace
        self._is_ours = is_ours
        self._is_named = is_named
        self._everywhere = everywhere
        self._due = asyncio.Event()
        self._asked: dict[str, float] = {}

    def wake(self) -> None:
        """A project or an Application changed or ended, or a replica came or went."""
        self._due.set()

    async def run(self) -> NoReturn:
        """See to it until cancelled."""
        while True:
            self._due.clear()
            ending = [
                head for head in self._projects.ending() if FINALIZER in (head.metadata.finalizers or ())
            ]
            self._asked = {head.metadata.name: self._asked.get(head.metadata.name, -AGAIN) for head in ending}
            for head in ending if self._is_ours() else ():
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
        if self._is_named(name) or time.monotonic() - self._asked[name] < AGAIN:
            return
        if await self._is_known(name):
            self._asked[name] = time.monotonic()
            return
        kept = [finalizer for finalizer in head.metadata.finalizers or () if finalizer != FINALIZER]
        metadata = {"finalizers": kept or None, "resourceVersion": head.metadata.resource_version}
        body = msgspec.json.encode({"metadata": metadata})
        try:
            await write.merge_patch(self._control, APP_PROJECTS, name, body, self._namespace)
        except NotFoundError:
            return
        log.info("project.ended", project=name)

    async def _is_known(self, name: str) -> bool:
        """Whether the API server knows an Application of the project, of whichever controller."""
        namespace = None if self._everywhere else self._namespace
        async for page in self._control.client.pages(APPLICATIONS, namespace):
            if any(project_of(raw) in (UNREADABLE, name) for raw in page.items or ()):
                return True
        return False
