"""Follows the AppProjects: which there are, and what they say of repositories.

Invariant: only a project that comes or goes wakes anybody; one that cannot be read gives nobody any right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import structlog

from fairlead.applicationset_controller.following.settings import Settings
from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.generating.sources import Rights
from fairlead.events import SignaturesDemanded
from fairlead.kube.collection import APP_PROJECTS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.matching.inheritance import Inheritance
from fairlead.matching.project import is_namespace_permitted_for_apps
from fairlead.model.appproject import AppProject, AppProjectSpec
from fairlead.model.decode import decode_app_project
from fairlead.model.errors import MalformedObjectError
from fairlead.model.source import Source

log = structlog.get_logger(__name__)


class Projects:
    """The projects of the control plane. `on_change` is told of one that came or went."""

    def __init__(
        self, client: KubeClient, namespace: str, settings: Settings, *, on_change: Callable[[str], None]
    ) -> None:
        self._namespace = namespace
        self._settings = settings
        self._on_change = on_change
        self._projects: dict[str, AppProject] = {}
        self._unreadable: dict[str, str] = {}
        self._inheritance = Inheritance(
            lambda: settings.global_projects, self._projects.get, self._unreadable
        )
        self.collection = Collection(
            client, APP_PROJECTS, namespace=namespace, on_put=self._take, on_gone=self._drop
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def has(self, name: str) -> bool:
        """Whether there is a project of that name."""
        return name in self._projects or name in self._unreadable

    def rights(self, name: str, namespace: str, repo_url: str) -> Rights:
        """What a project says of a repository, for sets of a namespace; "" is what every project may see.

        Raises SourceError.
        """
        if not name:
            return Rights()
        if name in self._unreadable:
            raise SourceError(f"project {name} cannot be read: {self._unreadable[name]}")
        project = self._projects.get(name)
        if project is None:
            raise SourceError(f"application references project {name} which does not exist")
        if not is_namespace_permitted_for_apps(project, namespace, self._namespace):
            raise SourceError(
                f"project {name} does not permit applications of namespace {namespace}, so nothing is read "
                "with its credentials"
            )
        spec = self._inheritance.of(project).spec
        is_demanding = spec.signature_keys or spec.source_integrity is not None
        signatures = None
        if is_demanding and self._settings.verifies_signatures:
            signatures = self._demanded(spec, repo_url)
        return Rights(signatures=signatures, source_repos=spec.source_repos)

    def _demanded(self, spec: AppProjectSpec, repo_url: str) -> SignaturesDemanded | None:
        from fairlead.matching.integrity import demanded  # noqa: PLC0415 - few demand any; it costs memory
        from fairlead.signatures import Keyring  # noqa: PLC0415

        (found,) = demanded(spec, [Source(repo_url=repo_url)], Keyring.of(self._settings.signing_keys))
        return found

    def _take(self, head: Head, raw: bytes) -> None:
        name = head.metadata.name
        is_new = not self.has(name)
        try:
            self._projects[name] = decode_app_project(raw)
            self._unreadable.pop(name, None)
        except MalformedObjectError as error:
            log.warning("project.unreadable", project=name, error=str(error))
            self._projects.pop(name, None)
            self._unreadable[name] = str(error)
        if is_new:
            self._on_change(name)

    def _drop(self, name: Name) -> None:
        self._projects.pop(name[1], None)
        self._unreadable.pop(name[1], None)
        self._on_change(name[1])
