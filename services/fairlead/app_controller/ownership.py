"""Which applications are this replica's: those of the clusters whose Leases say so.

Invariant: work on an application is done under the fence of its cluster; what was another's, for however
short a time, is met anew, as answers for it were dropped meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.destination.clusters import Clusters
from fairlead.kube.fence import holding
from fairlead.model.application import AppId
from fairlead.process.membership import Membership
from fairlead.process.work_queue import WorkQueue


class Ownership:
    """Ours and the others' applications. `meet` is told of each that was another's."""

    def __init__(
        self,
        book: Book,
        queue: WorkQueue[AppId],
        clusters: Clusters,
        membership: Membership,
        *,
        meet: Callable[[Record], None],
    ) -> None:
        self._book = book
        self._queue = queue
        self._clusters = clusters
        self._membership = membership
        self._meet = meet
        self._others: set[AppId] = set()

    def owns(self, record: Record) -> bool:
        """Whether an application is ours as far as is known."""
        return self._membership.owns(self._clusters.key_of(record.app.spec.destination))

    async def work(self, app_id: AppId, look: Callable[[AppId], Awaitable[float | None]]) -> float | None:
        """Look at an application if it is ours; what was another's is met as after a start."""
        record = self._book.get(app_id)
        if record is None:
            return None
        if not self.owns(record):
            self._others.add(app_id)
            return None
        if app_id in self._others:
            self._others.discard(app_id)
            self._meet(record)
        with holding(lambda: self._may_write(app_id)):
            return await look(app_id)

    def _may_write(self, app_id: AppId) -> bool:
        """Whether the application is ours at this moment; its destination may have become another's since."""
        record = self._book.get(app_id)
        if record is None:
            return False
        return self._membership.may_act(self._clusters.key_of(record.app.spec.destination))

    def changed(self) -> None:
        """Replicas came or went: leave what is another's now, and look at what is ours since."""
        self._clusters.leave()
        for record in self._book:
            if not self.owns(record):
                self._others.add(record.id)
            elif record.id in self._others:
                self._queue.add(record.id)

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self._others.discard(app_id)
