"""The AppProjects: who hears of all that is in one, and what texts see of it.

Invariant: an Application names its project by itself; one whose namespace the project does not permit is told
nothing of it, nor are the project's people told of that Application.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import msgspec

from fairlead.kube.collection import APP_PROJECTS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.matching.project import is_namespace_permitted_for_apps
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project
from fairlead.model.errors import MalformedObjectError
from fairlead.notices.judging.subscriptions import Wishes, wishes_of
from fairlead.notifications.following.applications import lean

NONE = b"{}"
"""What texts see of a project that is not there."""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """One of them; `read` is None where it cannot be read."""

    version: str = ""
    wishes: Wishes = Wishes()
    content: bytes = NONE
    read: AppProject | None = None


class Projects:
    """Those of the control plane's namespace, by name."""

    def __init__(self, client: KubeClient, namespace: str, *, on_change: Callable[[str], None]) -> None:
        self._control = namespace
        self._on_change = on_change
        self._known: dict[str, Project] = {}
        self.collection = Collection(
            client, APP_PROJECTS, namespace=namespace, on_put=self._take, on_gone=self._drop
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def get(self, name: str, namespace: str) -> Project:
        """The project of an Application in a namespace; an empty one where none of that name permits it."""
        found = self._known.get(name, Project())
        if namespace == self._control:
            return found
        read = found.read
        permits = read is not None and is_namespace_permitted_for_apps(read, namespace, self._control)
        return found if permits else Project()

    def read(self, name: str, namespace: str) -> AppProject | None:
        """The same itself; None where there is none that can be read."""
        return self.get(name, namespace).read

    def _take(self, head: Head, raw: bytes) -> None:
        self._known[head.metadata.name] = Project(
            version=head.metadata.resource_version,
            wishes=wishes_of(head.metadata.annotations or {}),
            content=lean(raw),
            read=_read(raw),
        )
        self._on_change(head.metadata.name)

    def _drop(self, name: Name) -> None:
        if self._known.pop(name[1], None) is not None:
            self._on_change(name[1])


def _read(raw: bytes) -> AppProject | None:
    try:
        return decode_app_project(raw)
    except MalformedObjectError:
        return None
