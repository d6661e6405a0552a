"""Follows AppProjects and the controller's ConfigMap, and says whom a change concerns.

Invariant: until the first list is whole nothing is said to be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import NoReturn

import msgspec
import structlog

from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.matching.inheritance import GlobalProject, Inheritance
from fairlead.matching.scoped import Scoped, ScopedProjects
from fairlead.model.appproject import AppProject, AppProjectSpec
from fairlead.model.decode import decode_app_project
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import ObjectMeta
from fairlead.settings import ControllerSettings, controller_settings
from fairlead.settings.effects import Surface, without_effect

log = structlog.get_logger(__name__)

CONFIG_MAP = "argocd-cm"
PART_OF = "app.kubernetes.io/part-of"
OWN = "fairlead.dev/"
"""What annotations begin with that act here."""


class Projects:
    """The projects by name.

    `own` says what belongs to a project. Invariant: one that cannot be read permits nothing; what it said
    before is not believed any more.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        *,
        on_change: Callable[[str], None],
        global_projects: Callable[[], Sequence[GlobalProject]] = tuple,
        own: Callable[[str], Scoped] = lambda _: Scoped(),
    ) -> None:
        self._own = own
        self._scoped = ScopedProjects()
        self._projects: dict[str, AppProject] = {}
        self._ending: dict[str, Head] = {}
        self.unreadable: dict[str, str] = {}
        self._inheritance = Inheritance(global_projects, self._projects.get, self.unreadable)
        self._on_change = on_change
        self.collection = Collection(
            client, APP_PROJECTS, namespace=namespace, on_put=self._take, on_gone=self._drop
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def get(self, name: str) -> AppProject | None:
        """The project with what is its own and what it inherits, or None when there is none of that name."""
        project = self._projects.get(name)
        if project is None:
            return None
        if name not in self.unreadable:
            project = self._scoped.of(project, self._own(name))
        return self._inheritance.of(project)

    def source_repos(self, name: str) -> tuple[str, ...]:
        """The repositories that a project permits; none where there is no project."""
        project = self.get(name)
        return project.spec.source_repos if project is not None else ()

    def ending(self) -> list[Head]:
        """Projects that are being deleted and are held by finalizers; they serve their applications on."""
        return list(self._ending.values())

    def _take(self, head: Head, raw: bytes) -> None:
        name = head.metadata.name
        is_ending = head.metadata.deletion_timestamp is not None
        if is_ending:
            self._ending[name] = head
        try:
            project = decode_app_project(raw)
        except MalformedObjectError as error:
            log.warning("project.unreadable", project=name, error=str(error))
            self.unreadable[name] = str(error)
            self._projects[name] = AppProject(metadata=ObjectMeta(name=name), spec=AppProjectSpec())
            self._changed(name)
            return
        before = None if self.unreadable.pop(name, None) else self._projects.get(name)
        self._projects[name] = project
        if before is None or before.spec != project.spec:
            fields = {"roles": project.spec.roles, "orphanedResources": project.spec.orphaned_resources}
            for text in without_effect(Surface.PROJECT, (field for field, value in fields.items() if value)):
                log.warning("project.without_effect", project=name, detail=text)
        is_other = before is None or _acting(before) != _acting(project)
        if is_other or is_ending:
            self._changed(name)

    def _drop(self, name: Name) -> None:
        self._ending.pop(name[1], None)
        self.unreadable.pop(name[1], None)
        if self._projects.pop(name[1], None) is not None:
            self._changed(name[1])

    def _changed(self, name: str) -> None:
        """Tell of it and of those that inherit from it."""
        self._on_change(name)
        for heir in self._inheritance.heirs_of(name, list(self._projects.values())):
            self._on_change(heir)


def _acting(project: AppProject) -> tuple[object, ...]:
    """What of a project means anything to its applications."""
    metadata = project.metadata
    own = {name: text for name, text in metadata.annotations.items() if name.startswith(OWN)}
    return project.spec, metadata.labels, own


class SettingsWatch:
    """argocd-cm, which takes effect at once; without the part-of label it is invisible (contract 11).

    `on_map` is told of every ConfigMap with the label, by name; of one that is gone, that it is empty.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        *,
        on_change: Callable[[ControllerSettings, ControllerSettings], None],
        on_map: Callable[[str, Mapping[str, str]], None] = lambda _name, _data: None,
    ) -> None:
        self.current = ControllerSettings()
        self._on_map = on_map
        self._keys: Set[str] = frozenset()
        self._on_change = on_change
        self.collection = Collection(
            client,
            CONFIG_MAPS,
            namespace=namespace,
            on_put=self._take,
            on_gone=self._drop,
            label_selector=f"{PART_OF}=argocd",
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def _take(self, head: Head, raw: bytes) -> None:
        data = data_of(raw)
        self._on_map(head.metadata.name, data)
        if head.metadata.name != CONFIG_MAP:
            return
        if data.keys() != self._keys:
            self._keys = data.keys()
            for text in without_effect(Surface.SETTINGS, data):
                log.warning("settings.without_effect", source=CONFIG_MAP, detail=text)
        self._set(controller_settings(data))

    def _drop(self, name: Name) -> None:
        self._on_map(name[1], {})
        if name[1] == CONFIG_MAP:
            self._set(ControllerSettings())

    def _set(self, settings: ControllerSettings) -> None:
        before, self.current = self.current, settings
        if settings == before:
            return
        for problem in settings.problems:
            if problem in before.problems:
                continue
            log.warning("settings.value.refused", problem=problem)
        self._on_change(before, settings)


def data_of(raw: bytes) -> dict[str, str]:
    """The `data` of a ConfigMap."""
    return msgspec.json.decode(raw, type=_ConfigMap).data or {}


class _ConfigMap(msgspec.Struct):
    data: dict[str, str] | None = None
