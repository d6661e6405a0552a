"""Whom a change concerns: the applications that are looked at because of it, and no others.

Invariant: nothing is looked at here; keys are put into the queue, which forgets none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.looking.updates import Updates
from fairlead.app_controller.rendering.wants import is_sensitive
from fairlead.kube.live_index import LiveChange
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.application import AppId
from fairlead.process.work_queue import WorkQueue
from fairlead.settings import ControllerSettings

ORPHANS_SETTLE = 2.0
"""Seconds in which what comes and goes in a namespace is gathered before who looks for orphans looks."""
KINDS_SETTLE = 0.5
"""Seconds in which several kinds of a cluster that change their state are one reason to look."""


class Wakes:
    """Puts applications into the queue. `noted` is told of each change that makes one look."""

    def __init__(
        self,
        book: Book,
        queue: WorkQueue[AppId],
        settings: Callable[[], ControllerSettings],
        updates: Updates,
        *,
        noted: Callable[[Record, LiveChange], None] = lambda *_: None,
    ) -> None:
        self._book = book
        self._queue = queue
        self._settings = settings
        self._updates = updates
        self._noted = noted

    def live(self, cluster: Cluster, change: LiveChange) -> None:
        """Only the application whose mark the object carries (or carried) is looked at."""
        versions = [live for live in (change.new, change.old) if live is not None]
        for instance in dict.fromkeys(live.instance for live in versions):
            record = self._book.by_instance(instance) if instance is not None else None
            if record is None:
                continue
            record.ledger.mark_change(change)
            if change.initial or record.server not in ("", cluster.server):
                continue
            if all(live.owner_uids for live in versions) and record.ledger.line(change.key) is None:
                continue  # a child with a copy of the mark, which nobody has in Git
            look = partial(self._look, record, change)
            if record.execution is not None:
                look()
            else:
                self._updates.take(change, cluster.health, look)
        if (change.old is None or change.new is None) and not change.initial:
            for app_id in self._book.orphanages.at(cluster.server, change.key.namespace):
                self._queue.add_after(app_id, ORPHANS_SETTLE)
        if change.key.group_kind == CUSTOM_RESOURCE_DEFINITION and not change.initial:
            cluster.list_keys.expire()
            self._definition(change.key)

    def _look(self, record: Record, change: LiveChange) -> None:
        self._noted(record, change)
        self._queue.add(record.id)

    def kind(self, cluster: Cluster, kind: GroupKind) -> None:
        """A kind became known or fell into doubt; many do at once, so their applications wait a little."""
        for app_id in self._book.interests.in_kind(kind):
            record = self._book.get(app_id)
            if record is not None and record.server == cluster.server:
                self._queue.add_after(app_id, KINDS_SETTLE)

    def serving(self, server: str) -> None:
        """Charts may be rendered otherwise for what the cluster serves now; that is not urgent."""
        inflates = self._settings().inflates_charts
        for record in self._book.at(server):
            if is_sensitive(record, inflates=inflates):
                self._queue.add(record.id, background=True)

    def cluster(self, server: str) -> None:
        """A cluster was registered, changed or went."""
        for record in self._book.at("", server):
            self._queue.add(record.id)

    def project(self, name: str) -> None:
        """A project changed."""
        for record in self._book:
            if (record.app.spec.project or "default") == name:
                self._queue.add(record.id)

    def everybody(self) -> None:
        """The settings changed."""
        for record in self._book:
            self._queue.add(record.id)

    def signed(self) -> None:
        """The keys that may sign are others: those are looked at of whom signatures are demanded."""
        for record in self._book:
            wish = record.wanted.wish
            if wish is not None and any(source.signatures for source in wish.sources):
                self._queue.add(record.id)

    def _definition(self, key: ResourceKey) -> None:
        """Definitions carry no mark: those who want this very one are looked at."""
        for app_id in self._book.interests.in_definition(key):
            self._queue.add(app_id)
