"""What generators may ask, and of whom.

Invariant: an answer is complete or it is a SourceError; what is not known yet is no empty answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from fairlead.applicationset_controller.generating.hosts.hosts import Hosts
from fairlead.events import SignaturesDemanded
from fairlead.model.generators import PathItem
from fairlead.model.metadata import LabelSelector
from fairlead.outbound import Outbound


class ClusterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A registered cluster with the labels and annotations of its Secret, or the local one without any."""

    name: str
    server: str
    project: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    has_secret: bool = True


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a project says of a repository: the signatures that it demands of commits, None for none, and the
    rules of its `sourceRepos`, which say whose credentials open submodules."""

    signatures: SignaturesDemanded | None = None
    source_repos: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A repository at a revision, as a project may see it; "" is what every project may see."""

    repo_url: str
    revision: str
    project: str = ""
    rights: Rights = Rights()


class Repositories(Protocol):
    """What is in repositories. All raise SourceError."""

    async def directories(self, place: Place, patterns: Sequence[PathItem]) -> Sequence[str]:
        """The directories that a pattern names and none excludes, in order."""
        ...

    async def files(self, place: Place, patterns: Sequence[PathItem]) -> Sequence[tuple[str, bytes]]:
        """The files that a pattern names and none excludes, in order, with their content."""
        ...


class Sources(Protocol):
    """The world as generators may see it. All raise SourceError."""

    @property
    def namespace(self) -> str:
        """Where the control plane runs: ConfigMaps of plugins, and the Secrets that they name, are there."""

    @property
    def http(self) -> Outbound:
        """What asks hosts that others named."""

    @property
    def hosts(self) -> Hosts:
        """What asks hosts of source code."""

    @property
    def repositories(self) -> Repositories:
        """What is in repositories."""

    def clusters(self) -> Sequence[ClusterFacts]:
        """All clusters, the local one without a Secret first, then by the names of their Secrets."""

    def rights(self, project: str, namespace: str, repo_url: str) -> Rights:
        """What a project says of a repository, for sets of a namespace; a project that is not there, or that
        permits no application of that namespace, is a SourceError."""

    async def secret(self, namespace: str, name: str, key: str, *, strict: bool) -> str:
        """A value of a Secret; a strict look takes only one that is labelled as a credential of an SCM."""
        ...

    async def secret_data(self, namespace: str, name: str) -> Mapping[str, str]:
        """All values of a Secret."""
        ...

    async def config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        """The data of a ConfigMap."""
        ...

    async def objects(
        self,
        api_version: str,
        kind: str,
        namespace: str,
        *,
        name: str = "",
        selector: LabelSelector | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """Objects of the cluster by name or labels; the kind may be written as its resource, too."""
        ...
