"""What is written into a set beside its status: a refresh that was done, deletions that were let go
or went unasked.

Invariant: only the very set that was looked at is written, and only these annotations of it.
"""

from __future__ import annotations

import msgspec
import structlog

from fairlead.applicationset_controller.following.sets import REFRESH, KnownSet, Sets
from fairlead.applicationset_controller.writers import Writers
from fairlead.kube import write
from fairlead.kube.collection import APPLICATION_SETS
from fairlead.kube.errors import InvalidError, NotFoundError
from fairlead.model.noted import DELETED_LATELY, LET_GO

log = structlog.get_logger(__name__)


class Marks:
    """The annotations of sets that are ours to write."""

    def __init__(self, sets: Sets, writers: Writers) -> None:
        self._sets = sets
        self._writers = writers

    async def clear_refresh(self, known: KnownSet) -> None:
        """The set is about to be generated anew. Raises KubeError."""
        await self._annotate(known, REFRESH, None)

    async def let_go(self, known: KnownSet, text: str) -> None:
        """These deletions were confirmed. Raises KubeError."""
        await self._annotate(known, LET_GO, text)

    async def deleted_lately(self, known: KnownSet, text: str) -> None:
        """These deletions are about to be made, and nobody was asked. Raises KubeError."""
        await self._annotate(known, DELETED_LATELY, text)

    async def clear_let_go(self, known: KnownSet) -> None:
        """Nothing waits to be deleted, so what was confirmed is over. Raises KubeError."""
        now = self._sets.get(known.key)
        if now is not None and LET_GO in now.set.metadata.annotations:
            await self._annotate(known, LET_GO, None)

    async def _annotate(self, known: KnownSet, key: str, text: str | None) -> None:
        metadata = known.set.metadata
        body = msgspec.json.encode({"metadata": {"uid": metadata.uid, "annotations": {key: text}}})
        try:
            raw = await write.merge_patch(
                self._writers.sets(known.key), APPLICATION_SETS, metadata.name, body, metadata.namespace
            )
        except (InvalidError, NotFoundError) as error:
            log.debug("application_set.made_anew", set="/".join(known.key), error=error.message[:200])
        else:
            self._sets.take_written(raw)
