"""A set that is deleted: what becomes of its Applications (contract 4, ownership; 5.3).

Kubernetes takes the Applications of a set that is gone along. Where that is not wanted, or not at once, a
finalizer holds the set back. Invariant: the finalizer goes only when nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.carry_out import CarryOut
from fairlead.applicationset_controller.applying.ignoring import Jq
from fairlead.applicationset_controller.applying.ownership import Whose, whose
from fairlead.applicationset_controller.applying.validate import summed_up
from fairlead.applicationset_controller.drawing import Draftsman
from fairlead.applicationset_controller.following.child import Child, read_child
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.applicationset_controller.rolling import progressive
from fairlead.applicationset_controller.writers import Writers
from fairlead.kube import write
from fairlead.kube.collection import APPLICATION_SETS, APPLICATIONS
from fairlead.kube.errors import ConflictError, InvalidError, NotFoundError
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient

log = structlog.get_logger(__name__)

AGAIN: Final = 5.0
"""Seconds until what failed of a deletion is tried again."""
RACED: Final = 0.5
"""Seconds until a write is tried again that lost a race."""


class Leaving:
    """Holds sets back where their Applications are to outlive them, or to go in an order."""

    def __init__(
        self,
        draftsman: Draftsman,
        *,
        client: KubeClient,
        writers: Writers,
        sets: Sets,
        children: Children,
        clusters: Clusters,
        events: Events,
        jq: Jq,
        is_dry: bool,
    ) -> None:
        self._draftsman = draftsman
        self._client = client
        self._writers = writers
        self._sets = sets
        self._children = children
        self._clusters = clusters
        self._events = events
        self._jq = jq
        self._is_dry = is_dry

    async def prepare(self, known: KnownSet) -> float | None:
        """Put the finalizer on a set that will have to be held back; None once that is so, else the seconds
        until it is tried again. Raises KubeError."""
        finalizers = known.set.metadata.finalizers
        if kept.CASCADE in finalizers or self._is_dry or not self._is_held_back(known):
            return None
        return await self._set_finalizers(known, (*finalizers, kept.CASCADE))

    async def look(self, known: KnownSet) -> float | None:
        """Go on with the deletion of a set; seconds until the next look, None for none. Raises KubeError."""
        finalizers = known.set.metadata.finalizers
        if kept.CASCADE not in finalizers or self._is_dry:
            return None
        own = [
            it for it in self._children.of(known.key).values() if whose(it, known.set.metadata) is Whose.OURS
        ]
        again: float | None = None
        if not self._draftsman.policy(known.set).deletes:
            again = self._told(known, await self._writes(known).release(own)) or await self._released(known)
        elif self._is_ordered(known):
            again = await self._in_order(known, own)
        if again is not None:
            return again
        return await self._set_finalizers(known, [it for it in finalizers if it != kept.CASCADE])

    async def _released(self, known: KnownSet) -> float | None:
        """Those too that were made a moment ago, maybe by another replica, and that the watch has not told of
        yet. None once a consistent list has none of the set's, else the seconds until the next look."""
        metadata, found = known.set.metadata, []
        async for page in self._client.pages(APPLICATIONS, metadata.namespace):
            for raw in page.items or ():
                if whose(child := read_child(decode_head(raw), raw), metadata) is Whose.OURS:
                    found.append(child)
        if not found:
            return None
        return self._told(known, await self._writes(known).release(found)) or RACED

    async def _in_order(self, known: KnownSet, own: list[Child]) -> float | None:
        found = progressive.order_of_deletion(
            known.set, {child.name: child for child in own}, datetime.now(UTC)
        )
        if found.error:
            log.warning("application_set.deletion_waits", set="/".join(known.key), detail=found.error)
            self._events.note(known.set, "DeletionError", found.error, warning=True)
        going = [child for child in own if child.name in found.now and not child.is_deleting]
        failed = self._told(known, await self._writes(known).delete(going, self._clusters.problem))
        return found.again if failed is None else failed

    def _told(self, known: KnownSet, failed: dict[str, str]) -> float | None:
        if not failed:
            return None
        text = summed_up(failed)
        log.warning("application_set.deletion_failed", set="/".join(known.key), detail=text)
        self._events.note(known.set, "DeletionError", text, warning=True)
        return AGAIN

    def _is_held_back(self, known: KnownSet) -> bool:
        return not self._draftsman.policy(known.set).deletes or self._is_ordered(known)

    def _is_ordered(self, known: KnownSet) -> bool:
        return progressive.asks_for_order(known.set) and self._draftsman.rolls(known.set)

    def _writes(self, known: KnownSet) -> CarryOut:
        return CarryOut(
            known.set,
            self._client,
            self._writers.applications(known.key),
            children=self._children,
            events=self._events,
            jq=self._jq,
            preserved=self._draftsman.preserved,
            updates=True,
        )

    async def _set_finalizers(self, known: KnownSet, finalizers: Iterable[str]) -> float | None:
        """Over the version that was looked at only: others may have put some beside ours, or a label that
        wakes nobody. None once it is written, else the seconds until it is tried again."""
        metadata = known.set.metadata
        body = {
            "metadata": {
                "uid": metadata.uid,
                "resourceVersion": metadata.resource_version,
                "finalizers": list(finalizers),
            }
        }
        try:
            raw = await write.merge_patch(
                self._writers.sets(known.key),
                APPLICATION_SETS,
                metadata.name,
                msgspec.json.encode(body),
                metadata.namespace,
            )
        except (NotFoundError, ConflictError) as error:
            log.debug("application_set.raced", set="/".join(known.key), error=error.message[:200])
            return RACED
        except InvalidError as error:
            log.info("application_set.finalizer_refused", set="/".join(known.key), error=error.message[:200])
            return AGAIN
        self._sets.take_written(raw)
        return None
