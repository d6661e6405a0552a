"""What generators may read, joined: clusters, projects, objects of the cluster, repositories.

Invariant: an answer is complete or it is a SourceError; generation begins only once all of it was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.projects import Projects
from fairlead.applicationset_controller.generating.hosts.hosts import Hosts
from fairlead.applicationset_controller.generating.sources import ClusterFacts, Repositories, Rights
from fairlead.applicationset_controller.objects import Objects
from fairlead.model.metadata import LabelSelector
from fairlead.outbound import Outbound


class World:
    """The `Sources` of generators."""

    def __init__(
        self,
        namespace: str,
        *,
        clusters: Clusters,
        projects: Projects,
        objects: Objects,
        repositories: Repositories,
        http: Outbound,
        hosts: Hosts,
    ) -> None:
        self.namespace = namespace
        self.repositories = repositories
        self.http = http
        self.hosts = hosts
        self._clusters = clusters
        self._projects = projects
        self._objects = objects

    def clusters(self) -> Sequence[ClusterFacts]:
        """All clusters."""
        return self._clusters.all()

    def rights(self, project: str, namespace: str, repo_url: str) -> Rights:
        """What a project says of a repository. Raises SourceError."""
        return self._projects.rights(project, namespace, repo_url)

    async def secret(self, namespace: str, name: str, key: str, *, strict: bool) -> str:
        """A value of a Secret. Raises SourceError."""
        return await self._objects.secret(namespace, name, key, strict=strict)

    async def secret_data(self, namespace: str, name: str) -> Mapping[str, str]:
        """All values of a Secret. Raises SourceError."""
        return await self._objects.secret_data(namespace, name)

    async def config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        """The data of a ConfigMap. Raises SourceError."""
        return await self._objects.config_map(namespace, name)

    async def objects(
        self,
        api_version: str,
        kind: str,
        namespace: str,
        *,
        name: str = "",
        selector: LabelSelector | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """Objects by name or labels. Raises SourceError."""
        return await self._objects.objects(api_version, kind, namespace, name=name, selector=selector)
