"""Counts what happens to applications and clusters, for Prometheus (contract 17).

Invariant: counting costs a few microseconds where it happens and never fails it; what is gone is forgotten.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache

from fairlead.app_controller.book import Record
from fairlead.kube.live_index import LiveChange
from fairlead.kube.sent import Sent, told
from fairlead.metrics import Family, Gauge, Histogram, labelled
from fairlead.model.application import AppId
from fairlead.model.sync import OperationState
from fairlead.model.times import parsed

KINDS = 4096
"""Kinds of clusters whose labels are at hand."""
SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

_RECONCILE = Histogram(
    "argocd_app_reconcile", "Seconds of looks at applications", ["namespace", "dest_server"], buckets=SECONDS
)
_PROCESSING = Histogram(
    "argocd_resource_events_processing", "Seconds of batches of resource events", ["server"], buckets=SECONDS
)
_BATCH = Gauge("argocd_resource_events_processed_in_batch", "Resource events of the last batch", ["server"])


class Tally:
    """What is counted by application and by cluster. `server_of` gives an application's cluster, "" if none;
    of one that no more `is_there` nothing is counted.

    With `expiration`, in seconds, the counts of applications begin anew that often.
    """

    def __init__(
        self,
        server_of: Callable[[Record], str],
        *,
        expiration: float = 0.0,
        is_there: Callable[[Record], bool] = lambda _: True,
    ) -> None:
        self._server_of = server_of
        self._is_there = is_there
        self._expiration = expiration
        self._since = time.monotonic()
        self._syncs = Family("argocd_app_sync_total", "counter", "Finished operations by phase")
        self._sync_seconds = Family(
            "argocd_app_sync_duration_seconds_total", "counter", "Seconds that operations took"
        )
        self._requests = Family(
            "argocd_app_k8s_request_total", "counter", "Requests to clusters for an application"
        )
        self._events = Family("argocd_cluster_events_total", "counter", "Watch events by kind")
        self._batches: dict[str, _Batch] = {}

    def written(self) -> Iterator[bytes]:
        """All of it, for a scrape."""
        by_application = (self._syncs, self._sync_seconds, self._requests)
        if self._expiration and time.monotonic() - self._since >= self._expiration:
            self._since = time.monotonic()
            for family in by_application:
                family.clear()
        for family in (*by_application, self._events):
            yield from family.written()

    def keep(self, servers: Collection[str]) -> None:
        """These are the clusters there are."""
        for server in self._batches.keys() - set(servers):
            self._events.forget(server)
            self._batches.pop(server).close()

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        for family in (self._syncs, self._sync_seconds, self._requests):
            family.forget(app_id)

    @contextmanager
    def look(self, record: Record) -> Iterator[None]:
        """A look at an application, and the requests made for it."""
        server, started = self._server_of(record), time.perf_counter()
        with told(lambda sent: self._requested(record, server, sent)):
            try:
                yield
            finally:
                seconds = time.perf_counter() - started
                _RECONCILE.labels(record.id.namespace, server).observe(seconds)

    def ended(self, record: Record, state: OperationState) -> None:
        """An operation is over."""
        if not self._is_there(record):
            return
        named, server = _named(record), self._server_of(record)
        sync = state.operation.sync
        trial = str(bool(sync and sync.dry_run)).lower()
        labels = labelled(**named, dest_server=server, phase=state.phase.value, dry_run=trial)
        self._syncs.add(record.id, labels)
        started, finished = parsed(state.started_at), parsed(state.finished_at)
        if started is not None and finished is not None:
            seconds = max(0.0, (finished - started).total_seconds())
            self._sync_seconds.add(record.id, labelled(**named, dest_server=server), seconds)

    def changed(self, server: str, change: LiveChange) -> None:
        """An object of a cluster changed; its first list is none of that."""
        if change.initial:
            return
        self._events.add(server, _kind_labels(server, *change.key.group_kind))
        batch = self._batches.get(server)
        if batch is None:
            batch = self._batches[server] = _Batch(server)
        batch.grow()

    def _requested(self, record: Record, server: str, sent: Sent) -> None:
        """What is written to the Application itself is no request to its cluster."""
        if not self._is_there(record):
            return
        target = sent.target
        if target.kind == "applications" and (target.namespace, target.name) == record.id:
            return
        labels = labelled(
            **_named(record),
            server=server,
            response_code=str(sent.status),
            verb=target.verb,
            resource_kind=target.kind,
            resource_namespace=target.namespace,
            dry_run=str(target.is_trial).lower(),
        )
        self._requests.add(record.id, labels)


@lru_cache(maxsize=KINDS)
def _kind_labels(server: str, group: str, kind: str) -> str:
    return labelled(server=server, group=group, kind=kind)


class _Batch:
    """Events of a cluster that are taken in one turn of the loop."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._size = 0
        self._began = 0.0
        self._processing = _PROCESSING.labels(server)
        self._processed = _BATCH.labels(server)

    def grow(self) -> None:
        if not self._size:
            self._began = time.perf_counter()
            asyncio.get_running_loop().call_soon(self._end)
        self._size += 1

    def close(self) -> None:
        """The cluster is gone."""
        _PROCESSING.remove(self._server)
        _BATCH.remove(self._server)

    def _end(self) -> None:
        self._processing.observe(time.perf_counter() - self._began)
        self._processed.set(self._size)
        self._size = 0


def _named(record: Record) -> dict[str, str]:
    return {
        "namespace": record.id.namespace,
        "name": record.id.name,
        "project": record.app.spec.project or "default",
    }
