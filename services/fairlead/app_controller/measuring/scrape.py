"""What a scrape reads from memory: applications and clusters as they are now (contract 17).

Invariant: of applications that did not change since the last scrape nothing is made anew, and no path that a
change takes knows of any of this.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.orphans import count_orphans
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster, Clusters, Owned
from fairlead.app_controller.destination.entry import Entry
from fairlead.app_controller.measuring.measured import exposed, measure
from fairlead.app_controller.measuring.tally import Tally
from fairlead.metrics import header, labelled
from fairlead.settings import MetricsOptions

ORPHANS_AT_ONCE = 100
"""Applications whose orphans are counted anew at one scrape, those first whose count is oldest."""

_INFO = header("argocd_app_info", "gauge", "1 for each application, with its state")
_LABELS = header("argocd_app_labels", "gauge", "1 for each application, with labels of it")
_CONDITIONS = header("argocd_app_condition", "gauge", "Conditions of applications")
_ORPHANS = header("argocd_app_orphaned_resources_count", "gauge", "Objects that no application owns")
_CLUSTER = {
    "argocd_cluster_info": "1 for each cluster",
    "argocd_cluster_connection_status": "1 for a cluster that can be read",
    "argocd_cluster_api_resources": "Kinds that a cluster serves",
    "argocd_cluster_api_resource_objects": "Objects of a cluster that are followed",
    "argocd_cluster_cache_age_seconds": "Seconds since a cluster was read whole",
    "argocd_cluster_labels": "1 for each cluster, with labels of it",
}


class Scrape:
    """The parts of a scrape that belong to one controller: its own applications and clusters."""

    def __init__(
        self,
        book: Book,
        clusters: Clusters,
        checks: Checks,
        tally: Tally,
        *,
        owned: Owned,
        owns: Callable[[Record], bool],
        options: MetricsOptions,
    ) -> None:
        self._book = book
        self._clusters = clusters
        self._checks = checks
        self._tally = tally
        self._owned = owned
        self._owns = owns
        self._options = options
        self._orphans: dict[Record, tuple[float, bytes]] = {}

    def applications(self) -> Iterator[bytes]:
        """Each application's lines."""
        labels, conditions = [_LABELS], [_CONDITIONS]
        yield _INFO
        for record in self._book:
            if not self._owns(record):
                continue
            server, found = self._clusters.server_of(record.app.spec.destination), record.measured
            if found is None or not found.is_of(record.app, server):
                found = record.measured = measure(record.app, server, self._options)
            labels.append(found.labels)
            conditions.append(found.conditions)
            yield found.info
        yield from filter(None, labels)
        yield from filter(None, conditions)

    def orphans(self) -> Iterator[bytes]:
        """The applications whose projects look for orphans."""
        yield _ORPHANS
        watching = [record for record in self._book if self._watches(record)]
        known = {record: self._orphans[record] for record in watching if record in self._orphans}
        for record in sorted(watching, key=lambda record: known.get(record, (0.0, b""))[0])[:ORPHANS_AT_ONCE]:
            known[record] = (time.monotonic(), self._counted(record))
            yield b""
        self._orphans = known
        yield from (piece for _, piece in known.values())

    def clusters(self) -> Iterator[bytes]:
        """Each cluster's lines, metric by metric."""
        entries = [entry for entry in self._clusters.entries() if self._owned.owns(entry.server)]
        self._tally.keep({entry.server for entry in entries})
        found: dict[str, list[str]] = {name: [] for name in _CLUSTER}
        for entry in entries:
            for name, line in self._of(entry):
                found[name].append(f"{name}{line}\n")
        for name, about in _CLUSTER.items():
            yield header(name, "gauge", about)
            yield "".join(found[name]).encode()

    def _of(self, entry: Entry) -> Iterator[tuple[str, str]]:
        cluster = self._clusters.registered(entry.server)[1]
        version = _version(cluster)
        named = labelled(server=entry.server)
        readable = cluster is not None and cluster.is_readable
        yield (
            "argocd_cluster_info",
            labelled(server=entry.server, k8s_version=version, name=entry.name) + " 1",
        )
        status = labelled(server=entry.server, k8s_version=version)
        yield "argocd_cluster_connection_status", f"{status} {int(readable)}"
        kinds = len(cluster.capabilities.api_versions) if cluster is not None else 0
        yield "argocd_cluster_api_resources", f"{named} {kinds}"
        objects = len(cluster.live.index) if cluster is not None else 0
        yield "argocd_cluster_api_resource_objects", f"{named} {objects}"
        age = -1.0
        if cluster is not None and cluster.live.is_synced:
            age = round(time.monotonic() - cluster.opened_at, 1)
        yield "argocd_cluster_cache_age_seconds", f"{named} {age}"
        if self._options.cluster_labels:
            shown = exposed(self._options.cluster_labels, dict(entry.labels))
            labels = labelled(server=entry.server, name=entry.name, **shown)
            yield "argocd_cluster_labels", f"{labels} 1"

    def _watches(self, record: Record) -> bool:
        project = self._checks.project_of(record.app)
        return (
            project is not None
            and project.spec.orphaned_resources is not None
            and bool(record.app.spec.destination.namespace)
            and self._owns(record)
        )

    def _counted(self, record: Record) -> bytes:
        app = record.app
        project = self._checks.project_of(app)
        entry, cluster = self._clusters.registered(self._clusters.server_of(app.spec.destination))
        if project is None or entry is None or cluster is None or not cluster.live.is_synced:
            return b""
        rules = project.spec.orphaned_resources
        count = count_orphans(
            cluster,
            app.spec.destination.namespace,
            self._checks.permits(app, entry),
            rules.ignore if rules is not None else (),
            self._book.has_instance,
        )
        named = labelled(
            namespace=record.id.namespace, name=record.id.name, project=app.spec.project or "default"
        )
        return f"argocd_app_orphaned_resources_count{named} {count}\n".encode()


def _version(cluster: Cluster | None) -> str:
    if cluster is None or not cluster.live.is_synced:
        return ""
    return cluster.capabilities.kube_version.removeprefix("v").partition("+")[0].partition("-")[0]
