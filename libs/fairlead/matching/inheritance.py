"""Projects that give their rules to others (`globalProjects` of argocd-cm, contract 3).

Invariant: what the giver denies, the heir denies; while a giver cannot be read, its heirs permit nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

import msgspec

from fairlead.matching.labels import selects
from fairlead.model.appproject import AppProject, AppProjectSpec, NamespaceResource
from fairlead.model.metadata import LabelSelector


class GlobalProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project by name, and the labels of those that inherit from it."""

    name: str
    heirs: LabelSelector


class Inheritance:
    """Projects with what they inherit. `find` has a project by name as it is written."""

    def __init__(
        self,
        rules: Callable[[], Sequence[GlobalProject]],
        find: Callable[[str], AppProject | None],
        unreadable: Container[str],
    ) -> None:
        self._rules = rules
        self._find = find
        self._unreadable = unreadable
        self._known: dict[str, tuple[tuple[AppProject, ...], AppProject]] = {}

    def givers_of(self, project: AppProject) -> list[AppProject]:
        """The projects that it inherits from, as they are written."""
        found = (self._find(name) for name in self._names(project))
        return [giver for giver in found if giver is not None]

    def heirs_of(self, name: str, projects: Iterable[AppProject]) -> list[str]:
        """The names of those that inherit from a project."""
        if all(rule.name != name for rule in self._rules()):
            return []
        return [project.metadata.name for project in projects if name in self._names(project)]

    def of(self, project: AppProject) -> AppProject:
        """The project with the rules of its givers behind its own."""
        names = self._names(project)
        if not names:
            return project
        if any(name in self._unreadable for name in names):
            return msgspec.structs.replace(project, spec=AppProjectSpec())
        sources = (project, *self.givers_of(project))
        name = project.metadata.name
        known = self._known.get(name)
        if (
            known is None
            or len(known[0]) != len(sources)
            or any(before is not now for before, now in zip(known[0], sources, strict=True))
        ):
            known = self._known[name] = (sources, _together(sources))
        return known[1]

    def _names(self, project: AppProject) -> list[str]:
        metadata = project.metadata
        return [
            rule.name
            for rule in self._rules()
            if rule.name != metadata.name and selects(rule.heirs, metadata.labels)
        ]


def _together(sources: Sequence[AppProject]) -> AppProject:
    project, *givers = sources
    spec = project.spec
    for giver in givers:
        spec = _added(spec, giver.spec)
    return msgspec.structs.replace(project, spec=spec)


def _added(own: AppProjectSpec, given: AppProjectSpec) -> AppProjectSpec:
    return msgspec.structs.replace(
        own,
        source_repos=own.source_repos + given.source_repos,
        destinations=own.destinations + given.destinations,
        destination_service_accounts=own.destination_service_accounts + given.destination_service_accounts,
        cluster_resource_whitelist=own.cluster_resource_whitelist + given.cluster_resource_whitelist,
        cluster_resource_blacklist=own.cluster_resource_blacklist + given.cluster_resource_blacklist,
        namespace_resource_whitelist=_whitelists(
            own.namespace_resource_whitelist, given.namespace_resource_whitelist
        ),
        namespace_resource_blacklist=own.namespace_resource_blacklist + given.namespace_resource_blacklist,
        sync_windows=own.sync_windows + given.sync_windows,
    )


def _whitelists(
    own: tuple[NamespaceResource, ...] | None, given: tuple[NamespaceResource, ...] | None
) -> tuple[NamespaceResource, ...] | None:
    """Absent allows everything, so a list beside an absent one is what there is."""
    if own is None or given is None:
        return given if own is None else own
    return own + given
