"""What a question about an application names: its record, its cluster, one of its live objects.

Invariant: only objects of the application that was named are found, by a mark of their own and within what
the project lets it manage, or below such an object; and only for applications whose cluster is ours.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster, Clusters, DestinationError, Owned
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.bus import NotOursError, RemoteError
from fairlead.kube.fence import WriteFencedError
from fairlead.kube.live_object import LiveObject
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import self_referenced
from fairlead.model.application import AppId
from fairlead.rpc import ApplicationQuery


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One live object of an application, where it is, and as whom it is written."""

    record: Record
    cluster: Cluster
    live: LiveObject
    resource: Resource
    writer: ClusterWriter


class Named:
    """Finds what is named. Raises NotOursError, which keeps silent, and RemoteError, which is told."""

    def __init__(
        self,
        book: Book,
        clusters: Clusters,
        *,
        checks: Checks,
        owned: Owned,
        is_alone: Callable[[], bool],
    ) -> None:
        self._book = book
        self._clusters = clusters
        self._checks = checks
        self._owned = owned
        self._is_alone = is_alone

    def record(self, namespace: str, name: str) -> Record:
        """The application, when its cluster is ours: every replica hears every question, one answers."""
        record = self._book.get(AppId(namespace, name))
        if not self._is_ours(record):
            raise NotOursError
        if record is None:
            raise RemoteError("NotFound", f"application {namespace}/{name} is not known")
        return record

    def project(self, instance: str) -> str | None:
        """The project of the application that marks its objects so; None when there is none."""
        record = self._book.by_instance(instance)
        return record.app.spec.project if record is not None else None

    def place(self, query: ApplicationQuery) -> tuple[Record, Cluster]:
        """The application and its open cluster."""
        record = self.record(query.namespace, query.name)
        try:
            return record, self._clusters.resolve(record.app.spec.destination)
        except WriteFencedError as error:
            raise NotOursError from error
        except DestinationError as error:
            raise RemoteError("FailedPrecondition", str(error)) from error

    def live(self, query: ApplicationQuery) -> tuple[Record, Cluster, LiveObject]:
        """The live object of the application that the query names."""
        record, cluster = self.place(query)
        key = ResourceKey(query.group, query.kind, query.resource_namespace, query.resource_name)
        live = cluster.live.get(key)
        if live is None or not self.belongs(live, record, cluster):
            raise RemoteError("NotFound", f"{key} is not part of application {record.id.name}")
        return record, cluster, live

    def writable(self, query: ApplicationQuery) -> Found:
        """The same, with what is needed to write it."""
        record, cluster, live = self.live(query)
        resource = cluster.discovery.resource_for(*live.group_kind, live.version)
        if resource is None:
            raise RemoteError("FailedPrecondition", f"{live.api_version} {live.key.kind} is not served now")
        try:
            writer = self._checks.below(
                record.app, cluster, live.key, lambda: self.belongs(live, record, cluster)
            )
        except ImpersonationError as error:
            raise RemoteError("FailedPrecondition", str(error)) from error
        return Found(record=record, cluster=cluster, live=live, resource=resource, writer=writer)

    def belongs(self, live: LiveObject, record: Record, cluster: Cluster) -> bool:
        """Whether the object, or an object above it, is the application's: by a mark of its own, not one that
        was copied, and within what the project lets it manage. Whoever writes an object says who is above it:
        beyond the namespace of that one the project has to permit the object itself."""
        tracking, permitted = self._checks.tracking, self._checks.permits(record.app, cluster.entry)

        def is_ours(root: LiveObject) -> bool:
            return (
                root.instance == record.instance
                and self_referenced(root.brief(), tracking.method)
                and permitted(*root.key, bool(root.key.namespace))
            )

        def is_near(root: LiveObject) -> bool:
            near = live.key.namespace == root.key.namespace
            return near or permitted(*live.key, bool(live.key.namespace))

        if is_ours(live):
            return True
        return any(is_ours(root) and is_near(root) for root in cluster.live.index.roots_of(live))

    def _is_ours(self, record: Record | None) -> bool:
        if record is None:
            return self._is_alone()
        return self._owned.owns(self._clusters.key_of(record.app.spec.destination))
