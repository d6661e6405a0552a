"""Tells who waits when an application's tree has become another one.

Invariant: a change of an object wakes those who wait for a tree that it is in, or may be in, and nobody else;
who waits in vain is answered all the same, and asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.events.envelope import decode, encode
from fairlead.kube.live_index import LiveChange
from fairlead.model.application import AppId
from fairlead.rpc.controller import AwaitTree, ResourceTree

LONGEST: Final = 1.0
"""Seconds for which several changes are gathered at most, whatever is asked."""

Tree = Callable[[Record, Cluster], Awaitable[ResourceTree]]


class TreeWatch:
    """Answers `await-tree`."""

    def __init__(self, named: Named, book: Book, tree: Tree) -> None:
        self._named = named
        self._book = book
        self._tree = tree
        self._waiting: dict[AppId, set[asyncio.Event]] = {}

    def changed(self, cluster: Cluster, change: LiveChange) -> None:
        """An object changed; called for every one, so it is quick where nobody waits."""
        if not self._waiting or change.initial:
            return
        for root in cluster.live.index.roots_of(change.object):
            record = self._book.by_instance(root.instance) if root.instance is not None else None
            if record is not None:
                self.wake(record.id)

    def wake(self, app_id: AppId) -> None:
        """The application itself changed."""
        for event in self._waiting.get(app_id, ()):
            event.set()

    async def wait(self, _: str, payload: bytes) -> bytes:
        """AwaitTree -> ResourceTree: another tree than the one seen, or none (`is_same`) after the time."""
        query = decode(AwaitTree, payload)
        record, cluster = self._named.place(query)
        changed = asyncio.Event()
        waiting = self._waiting.setdefault(record.id, set())
        waiting.add(changed)
        try:
            async with asyncio.timeout(query.seconds):
                while True:
                    tree = await self._tree(record, cluster)
                    if tree.digest != query.seen:
                        return encode(tree)
                    await changed.wait()
                    await asyncio.sleep(max(0.0, min(query.settle, LONGEST)))
                    changed.clear()
                    record, cluster = self._named.place(query)
        except TimeoutError:
            return encode(ResourceTree(is_same=True, digest=query.seen))
        finally:
            waiting.discard(changed)
            if not waiting:
                self._waiting.pop(record.id, None)
