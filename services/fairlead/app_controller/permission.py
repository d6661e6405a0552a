"""What a project lets an application write: one function for every object of every phase.

It is asked when a plan is made, so that people read it before anything happens, and by the writer when a
request is about to leave, of the project as it is then. Invariant: nothing is permitted without a project
that can be read and that permits the application itself; of an application whose project is gone objects may
be deleted, and nothing else. Only what we hold by our own finalizer is let go whatever a project says.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fairlead.kube.resource import Resource
from fairlead.manifest.identity import ResourceKey
from fairlead.matching.project import is_resource_permitted
from fairlead.model.appproject import AppProject
from fairlead.sync import messages

ENDING = frozenset({"delete"})
"""What may be done for an application that is being deleted and whose project is gone."""
RELEASE = "release"
"""Taking our own finalizer off: a project that no longer permits a hook does not have us hold it for ever."""


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """What a project allows in one cluster; nothing without a project. `problem` is why nothing of the
    application is permitted at all, "" for none; `home` is the namespace of its destination."""

    project: AppProject | None
    server: str
    cluster_name: str
    problem: str = ""
    home: str = ""

    def __call__(self, group: str, kind: str, namespace: str, name: str, namespaced: bool) -> bool:
        """Whether an object may be there."""
        if self.project is None or self.problem:
            return False
        return is_resource_permitted(
            self.project,
            group=group,
            kind=kind,
            namespace=namespace,
            name=name,
            namespaced=namespaced,
            server=self.server,
            cluster_name=self.cluster_name,
        )

    def refusal(self, key: ResourceKey, namespaced: bool) -> str:
        """Why an object may not be there, or "": its kind, or its namespace where that of the destination
        would do."""
        if self(*key, namespaced):
            return ""
        if self.problem:
            return self.problem
        project = self.project.metadata.name if self.project is not None else ""
        if self(key.group, key.kind, self.home, key.name, namespaced):
            return messages.namespace_not_permitted(key.namespace, project)
        return messages.kind_not_permitted(key.group, key.kind, project)


class Standing:
    """The gate of one application in one cluster.

    `permission` is what its project permits at this moment, None for anything (see `ENDING`); `problem` is
    why nothing can be written just now, or "", whatever the object.
    """

    def __init__(self, permission: Callable[[], Permission | None], *, problem: Callable[[], str]) -> None:
        self.problem = problem
        self._permission = permission

    def __call__(self, verb: str, resource: Resource, namespace: str, name: str) -> str:
        """Why it may not be written, or ""."""
        problem = self.problem()
        if problem:
            return problem
        if verb == RELEASE:
            return ""
        permission = self._permission()
        if permission is None:
            return "" if verb in ENDING else f"{verb} of {resource.kind} {name}: its project is gone"
        key = ResourceKey(resource.group, resource.kind, namespace, name)
        return permission.refusal(key, resource.namespaced)


class Below:
    """The gate for one object that may belong to an application by what is above it: a deployment's pod, say.

    `belongs` says whether it does at this moment; every other object is for the application's own gate.
    """

    def __init__(self, standing: Standing, key: ResourceKey, belongs: Callable[[], bool]) -> None:
        self._standing = standing
        self._key = key
        self._belongs = belongs

    def __call__(self, verb: str, resource: Resource, namespace: str, name: str) -> str:
        """Why it may not be written, or ""."""
        refused = self._standing(verb, resource, namespace, name)
        is_meant = (resource.group, resource.kind, namespace, name) == tuple(self._key)
        belongs = refused and is_meant and not self._standing.problem() and self._belongs()
        return "" if belongs else refused
