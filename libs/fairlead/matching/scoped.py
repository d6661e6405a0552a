"""What belongs to one project is permitted in it without being named (contract 3, 12.2, 12.3).

Invariant: exactly what is declared is permitted, nothing that it would match: who may declare a repository
for a project may not open the project to all others. A deny rule wins all the same.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from fairlead.model.appproject import AppProject
from fairlead.model.status import Destination

_SPECIAL = frozenset("*?[]{}\\!")


class Scoped(NamedTuple):
    """The addresses of the repositories and clusters that are one project's own, sorted."""

    repositories: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()


class ScopedProjects:
    """Projects with what is their own; the same parts give the same project."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[AppProject, Scoped, AppProject]] = {}

    def of(self, project: AppProject, scoped: Scoped) -> AppProject:
        """The project, its own repositories and clusters permitted."""
        if not scoped.repositories and not scoped.servers:
            return project
        name = project.metadata.name
        known = self._known.get(name)
        if known is None or known[0] is not project or known[1] != scoped:
            known = self._known[name] = (project, scoped, with_scoped(project, scoped))
        return known[2]


def with_scoped(project: AppProject, scoped: Scoped) -> AppProject:
    """The project with what is its own behind its rules."""
    spec = project.spec
    repositories = tuple(url for url in scoped.repositories if not _SPECIAL & set(url))
    destinations = tuple(
        Destination(server=server, namespace="*") for server in scoped.servers if not _SPECIAL & set(server)
    )
    spec = msgspec.structs.replace(
        spec,
        source_repos=(*spec.source_repos, *repositories),
        destinations=(*spec.destinations, *destinations),
    )
    return msgspec.structs.replace(project, spec=spec)
