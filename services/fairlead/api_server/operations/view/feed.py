"""One application followed once for all who look at it: its tree as the controller tells it.

The invariant: nobody is asked while nobody looks; what is shown is the tree as it was told last, and why it
may be another by now.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.mirror import Mirror
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.operations.view.allowance import Allowance
from fairlead.api_server.operations.view.picture import LARGE, Picture, picture_of
from fairlead.rpc import ResourceTree

AGAIN = 1.0
"""Seconds until a controller that refused is asked again."""
ABSENT = 5.0
"""Seconds after which it is looked whether an application is there, unless its coming is announced."""

Ask = Callable[[ApplicationDocument, str], Awaitable[ResourceTree]]
"""The tree of an application as soon as it is another than that of a digest. Raises RefusalError."""


class Feed:
    """The application of a key. `changed` is set, and made anew, when it or its tree is another one."""

    def __init__(self, mirror: Mirror[ApplicationDocument], key: str, ask: Ask) -> None:
        self._mirror = mirror
        self._ask = ask
        self.key = key
        self.members = 0
        self.changed = asyncio.Event()
        self.problem = ""
        self.tree: ResourceTree | None = None
        self._uid = ""
        self._made: tuple[object, object, Picture] | None = None
        self._making = asyncio.Lock()
        self._tasks = [asyncio.create_task(part) for part in (self._follow_it(), self._follow_tree())]

    @property
    def document(self) -> ApplicationDocument | None:
        """The application as it is now."""
        return self._mirror.get(self.key)

    def close(self) -> None:
        """Nobody looks any more."""
        for task in self._tasks:
            task.cancel()

    def require(self) -> None:
        """Raises what ended a part of it."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def picture(self, document: ApplicationDocument) -> Picture | None:
        """The tree with what a version of the application says; made once for all. None before the first:
        that of another one that had its name is not its own."""
        async with self._making:
            tree, made = self.tree, self._made
            if tree is None or self._uid != document.uid:
                return None
            if made is not None and made[0] is tree and made[1] is document:
                return made[2]
            if len(tree.nodes) > LARGE:
                found = await asyncio.to_thread(picture_of, tree, document)
            else:
                found = picture_of(tree, document)
            self._made = (tree, document, found)
            return found

    def _wake(self) -> None:
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    async def _follow_it(self) -> None:
        with self._mirror.subscribed(lambda document: document.key == self.key) as subscription:
            while True:
                if await subscription.some(seconds=ABSENT):
                    self._wake()

    async def _follow_tree(self) -> None:
        loop = asyncio.get_running_loop()
        allowance = Allowance(loop.time())
        while True:
            document = self.document
            if document is None:
                self._take(None, "")
                await self._mirror.changes(seconds=ABSENT)
                continue
            try:
                tree = await self._ask(document, self._seen(document))
            except RefusalError as error:
                self._take(self.tree, error.message)
                await asyncio.sleep(AGAIN)
                continue
            self._take(self.tree if tree.is_same else tree, "")
            if not tree.is_same:
                await asyncio.sleep(allowance.take(loop.time()))

    def _seen(self, document: ApplicationDocument) -> str:
        if self._uid != document.uid:
            self._uid, self.tree = document.uid, None
        return self.tree.digest if self.tree is not None else ""

    def _take(self, tree: ResourceTree | None, problem: str) -> None:
        if tree is not self.tree or problem != self.problem:
            self.tree, self.problem = tree, problem
            self._wake()


class Feeds:
    """Those that are looked at, by the application's key."""

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}

    @contextmanager
    def joined(self, key: str, begin: Callable[[], Feed]) -> Iterator[Feed]:
        """Look at an application while the block runs, in the feed that `begin` makes for the first."""
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = begin()
        feed.members += 1
        try:
            yield feed
        finally:
            feed.members -= 1
            if not feed.members:
                feed.close()
                del self._feeds[key]
