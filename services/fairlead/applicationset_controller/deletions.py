"""Deletes what a set generates no more, once `applying/doubt.py` says that it may.

Invariant: what was confirmed, or goes unasked, is noted on the set before any of it is deleted, and nothing
is deleted for a set that is another one by now than was drawn.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import structlog

from fairlead.applicationset_controller.applying import doubt
from fairlead.applicationset_controller.applying.carry_out import CarryOut
from fairlead.applicationset_controller.applying.doubt import Doubt, Held, Verdict
from fairlead.applicationset_controller.applying.lately import lately, noted
from fairlead.applicationset_controller.applying.ownership import Whose, whose
from fairlead.applicationset_controller.applying.validate import summed_up
from fairlead.applicationset_controller.drawing import Drawing
from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.sets import KnownSet
from fairlead.applicationset_controller.marks import Marks
from fairlead.applicationset_controller.reporting import conditions
from fairlead.applicationset_controller.reporting.conditions import Failure
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.kube.collection import APPLICATION_SETS, Name
from fairlead.kube.errors import KubeError
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.times import parsed
from fairlead.sync.let_go import APPROVED, approval_of, let_go, read_let_go

log = structlog.get_logger(__name__)


class Deletions:
    """What the last generations of each set lacked, and the deletion of what all of them lacked."""

    def __init__(
        self, client: KubeClient, marks: Marks, *, children: Children, clusters: Clusters, events: Events
    ) -> None:
        self._client = client
        self._marks = marks
        self._children = children
        self._clusters = clusters
        self._events = events
        self._doubts: dict[Name, Doubt] = {}

    def forget(self, key: Name) -> None:
        """The set is gone, or another replica's."""
        self._doubts.pop(key, None)

    def failed(self, known: KnownSet) -> None:
        """A set could not be generated whole."""
        self._doubt(known).failed()

    def judge(self, known: KnownSet, drawing: Drawing) -> Verdict:
        """What of a complete generation's absences counts."""
        return self._doubt(known).generated(known.set, drawing.plan.absent, time.monotonic())

    async def carry_out(
        self, known: KnownSet, writes: CarryOut, drawing: Drawing, verdict: Verdict
    ) -> tuple[Held | None, Failure | None]:
        """Delete what may go; what waits for a person, and what failed."""
        going = verdict.may_go
        if not going:
            if not drawing.plan.absent:
                await self._marks.clear_let_go(known)
            return self.still_held(known, drawing), None
        try:
            if not await self._is_current(known):
                return self.still_held(known, drawing), None
        except KubeError as error:
            return self.still_held(known, drawing), Failure(reason=conditions.DELETING, message=error.message)
        held = await self._held(known, going)
        if held is not None:
            return held, None
        failed = await writes.delete(going, self._clusters.problem)
        return None, Failure(reason=conditions.DELETING, message=summed_up(failed)) if failed else None

    def still_held(self, known: KnownSet, drawing: Drawing) -> Held | None:
        """While a list is being looked at again, what was told of it stays told."""
        absent, shown = drawing.plan.absent, _shown(known.set)
        if not absent or not shown:
            return None
        found = doubt.listed(
            known.set,
            absent,
            own(self._children, known),
            shown=shown,
            before=None,
            moment=datetime.now(UTC),
            lately=lately(known.set.metadata, time.time()),
        )
        return found if found is not None and doubt.is_same_list(found, shown) else None

    async def _is_current(self, known: KnownSet) -> bool:
        """Whether the set is as it was drawn: a watch that lags must not delete what it wants by now."""
        metadata = known.set.metadata
        raw = await self._client.find(APPLICATION_SETS, metadata.name, metadata.namespace)
        if raw is None:
            return False
        now = decode_head(raw).metadata
        is_same = (now.uid, now.generation) == (metadata.uid, metadata.generation)
        return is_same and now.deletion_timestamp is None

    async def _held(self, known: KnownSet, going: tuple[Child, ...]) -> Held | None:
        """What of these waits for a person; what was confirmed, and what goes unasked, is noted before any of
        it is deleted. Raises KubeError."""
        aset, moment, now = known.set, datetime.now(UTC), time.time()
        annotations = aset.metadata.annotations
        before, shown = read_let_go(annotations), _shown(aset)
        found = doubt.listed(
            aset,
            going,
            own(self._children, known),
            shown=shown,
            before=before,
            moment=moment,
            lately=lately(aset.metadata, now),
        )
        if found is None:
            if uids := doubt.counting(aset, going):
                await self._marks.deleted_lately(known, noted(aset.metadata, uids, now))
            return None
        approval = approval_of(annotations, parsed(annotations.get(APPROVED)))
        held = doubt.unless_confirmed(found, approval, before, moment)
        if held is None and approval is not None:
            keys = [doubt.key_of(aset, name) for name in found.names]
            await self._marks.let_go(known, let_go(before, aset.metadata.uid, approval, keys).text())
        elif held is not None and not doubt.is_same_list(held, shown):
            log.warning("application_set.deletion_held", set="/".join(known.key), count=len(held.names))
            self._events.note(aset, conditions.HELD, held.message, warning=True)
        return held

    def _doubt(self, known: KnownSet) -> Doubt:
        return self._doubts.setdefault(known.key, Doubt())


def own(children: Children, known: KnownSet) -> list[Child]:
    """The Applications that a set owns."""
    metadata = known.set.metadata
    return [child for child in children.of(known.key).values() if whose(child, metadata) is Whose.OURS]


def _shown(aset: ApplicationSet) -> str:
    return next((item.message for item in aset.status.conditions if item.type == conditions.HELD), "")
