"""Warns of orphans where a project asks for it (contract 2.3, OrphanedResourceWarning).

Invariant: whoever is warned of them is looked at again when one comes or goes.
"""

from __future__ import annotations

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.comparing.orphans import count_orphans
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.model.status import ConditionType


class Orphaned:
    """Counts for one look at an application."""

    def __init__(self, book: Book, checks: Checks) -> None:
        self._book = book
        self._checks = checks

    def __call__(self, record: Record, cluster: Cluster) -> tuple[Remark, ...]:
        """The warning, if there is one to be given."""
        app = record.app
        project, namespace = self._checks.project_of(app), app.spec.destination.namespace
        rules = project.spec.orphaned_resources if project is not None else None
        if rules is None or not rules.warn or not namespace:
            self._book.orphanages.forget(record.id)
            return ()
        self._book.orphanages.note(record.id, cluster.server, namespace)
        permitted = self._checks.permits(app, cluster.entry)
        count = count_orphans(cluster, namespace, permitted, rules.ignore, self._book.has_instance)
        if not count:
            return ()
        text = f"Application has {count} orphaned resources"
        return (Remark(ConditionType.ORPHANED_RESOURCE_WARNING, text),)
