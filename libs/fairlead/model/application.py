"""The Application: what is wanted, where, and under which policy.

Invariant: an application is identified by namespace and name (`AppId`) everywhere inside; the short
`instance` spelling exists only in marks on objects and in what people read.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import msgspec
from msgspec import field

from fairlead.model.metadata import API_VERSION, ObjectMeta, Record
from fairlead.model.source import Directory, Helm, Kustomize, Source, SourceHydrator
from fairlead.model.status import ApplicationStatus, Destination, ResourceIgnoreDifferences
from fairlead.model.sync import Info, ManagedNamespaceMetadata, Operation, RetryStrategy

__all__ = [
    "AppId",
    "Application",
    "ApplicationSpec",
    "ApplicationStatus",
    "Automated",
    "Destination",
    "ResourceIgnoreDifferences",
    "SyncPolicy",
]

DEFAULT_PROJECT = "default"
DEFAULT_HISTORY_LIMIT = 10


class AppId(NamedTuple):
    """Which application: its namespace and name."""

    namespace: str
    name: str

    @property
    def qualified(self) -> str:
        """ "namespace/name"."""
        return f"{self.namespace}/{self.name}"

    def instance(self, control_namespace: str) -> str:
        """The spelling in tracking marks: the bare name at home, "namespace_name" elsewhere."""
        if self.namespace in ("", control_namespace):
            return self.name
        return f"{self.namespace}_{self.name}"

    @classmethod
    def from_qualified(cls, text: str, default_namespace: str = "") -> Self:
        """Read "namespace/name", or a bare name of the default namespace."""
        namespace, slash, name = text.partition("/")
        return cls(namespace, name) if slash else cls(default_namespace, text)

    @classmethod
    def from_instance(cls, text: str, control_namespace: str) -> Self:
        """Undo `instance`. A name holds no underscore, so the first one is the separator."""
        namespace, underscore, name = text.partition("_")
        return cls(namespace, name) if underscore else cls(control_namespace, text)


class Automated(Record, frozen=True, kw_only=True):
    """When to sync without being asked."""

    enabled: bool | None = None
    prune: bool = False
    self_heal: bool = False
    allow_empty: bool = False


class SyncPolicy(Record, frozen=True, kw_only=True):
    """How and when an application is synced."""

    automated: Automated | None = None
    sync_options: tuple[str, ...] = ()
    managed_namespace_metadata: ManagedNamespaceMetadata | None = None
    retry: RetryStrategy | None = None

    @property
    def is_automated(self) -> bool:
        """Whether syncs start by themselves; a block with enabled false is kept but off."""
        return self.automated is not None and self.automated.enabled is not False


class ApplicationSpec(Record, frozen=True, kw_only=True):
    """The desired state as the user describes it."""

    project: str = field(default_factory=str)
    destination: Destination = field(default_factory=Destination)
    source: Source | None = None
    sources: tuple[Source, ...] = ()
    source_hydrator: SourceHydrator | None = None
    sync_policy: SyncPolicy | None = None
    ignore_differences: tuple[ResourceIgnoreDifferences, ...] = ()
    info: tuple[Info, ...] = ()
    revision_history_limit: int | None = None

    def effective_sources(self) -> tuple[Source, ...]:
        """What is deployed: the hydrated place, else `sources`, else `source`, else nothing."""
        if self.source_hydrator is not None:
            return (self.source_hydrator.deployed_source(),)
        if self.sources:
            return self.sources
        return (self.source,) if self.source is not None else ()

    @property
    def has_multiple_sources(self) -> bool:
        """Whether revisions and history are written in the plural: `sources` is in force."""
        return self.source_hydrator is None and bool(self.sources)

    @property
    def is_automated(self) -> bool:
        """Whether syncs start by themselves."""
        return self.sync_policy is not None and self.sync_policy.is_automated

    @property
    def history_limit(self) -> int:
        """How many deployments are kept; zero keeps none."""
        limit = self.revision_history_limit
        return DEFAULT_HISTORY_LIMIT if limit is None else limit

    def normalized(self) -> ApplicationSpec:
        """The spec as the controller writes it back: a named project and no blocks that say nothing."""
        return msgspec.structs.replace(
            self,
            project=self.project or DEFAULT_PROJECT,
            source=_without_empty_tools(self.source) if self.source is not None else None,
            sources=tuple(_without_empty_tools(source) for source in self.sources),
            sync_policy=None if self.sync_policy == SyncPolicy() else self.sync_policy,
        )


class Application(Record, frozen=True, kw_only=True):
    """Desired state from Git, kept in a cluster."""

    api_version: str = field(default_factory=lambda: API_VERSION)
    kind: str = field(default_factory=lambda: "Application")
    metadata: ObjectMeta
    spec: ApplicationSpec
    operation: Operation | None = None
    status: ApplicationStatus = ApplicationStatus()

    @property
    def id(self) -> AppId:
        """Which application this is."""
        return AppId(self.metadata.namespace, self.metadata.name)

    @property
    def is_deleting(self) -> bool:
        """Whether deletion has begun and waits for finalizers."""
        return self.metadata.deletion_timestamp is not None


def _without_empty_tools(source: Source) -> Source:
    return msgspec.structs.replace(
        source,
        helm=None if source.helm == Helm() else source.helm,
        kustomize=None if source.kustomize == Kustomize() else source.kustomize,
        directory=None if source.directory == Directory() else source.directory,
    )
