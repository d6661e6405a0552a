"""The stream of one page: the application, its tree, and what happens to it.

The invariant: a client that does as `ViewEvent` says has what is there now; whoever comes back is told all of
it again, and the events that it missed. With the right to see the application the stream ends, in words.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress

import msgspec

from fairlead.api_server.calls.told import Told
from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations import story
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.view.allowance import Allowance
from fairlead.api_server.operations.view.feed import Feed
from fairlead.api_server.operations.view.picture import Picture, difference, trouble, waiting, whole
from fairlead.api_server.operations.view.told import ViewQuery
from fairlead.rpc import ResourceTree, controller

BEAT = 5.0
"""Seconds after which a quiet page is looked at again, with its reader's rights."""
EVENTS = 256
"""Public events that wait to be told; beyond, the oldest are left out, and that is told."""
SECONDS = 8.0
"""Seconds that a controller waits for another tree: one that died meanwhile is missed soon after."""
SETTLE = 0.02
"""Seconds in which several changes of the tree are one."""
AGAIN = 1.0
"""Seconds until the public events are asked for again, when NATS does not hand them out."""
AWAY = "NATS is away, so nothing is heard of the cluster"
GONE = "you may not see this application any more"


async def follow(backend: Backend, caller: Caller, query: ViewQuery) -> AsyncGenerator[Told | None, None]:
    """ViewEvents; None first, and every BEAT seconds without one."""
    document = lookup.find(backend, caller, query.name, namespace=query.namespace, project=query.project)
    loop = asyncio.get_running_loop()
    allowance = Allowance(loop.time())
    with backend.feeds.joined(document.key, lambda: _feed(backend, document.key)) as feed:
        page = _Page(backend, caller, feed, document)
        happening = asyncio.create_task(page.hear(query.last_event_id))
        try:
            yield None
            while True:
                changed = feed.changed
                events = await page.news()
                for event in events:
                    yield event
                if events:
                    await asyncio.sleep(allowance.take(loop.time()))
                else:
                    yield None
                    await page.wait(changed)
        finally:
            happening.cancel()


def _feed(backend: Backend, key: str) -> Feed:
    async def ask(document: ApplicationDocument, seen: str) -> ResourceTree:
        namespace, name = document.namespace, document.name
        question = controller.AwaitTree(
            namespace=namespace, name=name, seen=seen, seconds=SECONDS, settle=SETTLE
        )
        return await backend.ask.other_tree(await wish.shard(backend, document), question)

    return Feed(backend.mirrors.applications, key, ask)


class _Page:
    """What one client was told, and what it is to be told now."""

    def __init__(self, backend: Backend, caller: Caller, feed: Feed, document: ApplicationDocument) -> None:
        self._backend = backend
        self._caller = caller
        self._feed = feed
        self._last = document
        self._shown: ApplicationDocument | None = None
        self._is_gone = False
        self._picture: Picture | None = None
        self._problem = ""
        self._is_cut = False
        self._heard: deque[Told] = deque(maxlen=EVENTS)
        self._place = ""
        self._woken = asyncio.Event()

    async def wait(self, changed: asyncio.Event) -> None:
        """Return when there may be news, or after BEAT seconds."""
        waiting = [asyncio.create_task(one.wait()) for one in (changed, self._woken)]
        try:
            await asyncio.wait(waiting, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def hear(self, last: str) -> None:
        """Note what happens, until cancelled; from behind an event, or from now on."""
        key = self._last
        query = story.StoryQuery(application=key.name, app_namespace=key.namespace)
        while True:
            query = msgspec.structs.replace(query, last_event_id=last)
            with suppress(RefusalError):
                async for told in story.follow(self._backend, self._caller, query, with_commits=True):
                    if told is not None:
                        last = told.id or last
                        self._is_cut = self._is_cut or len(self._heard) == EVENTS
                        self._heard.append(told)
                        self._woken.set()
            await asyncio.sleep(AGAIN)

    async def news(self) -> list[Told]:
        """What is to be told now. Raises PERMISSION_DENIED when nothing may be any more."""
        self._woken.clear()
        self._feed.require()
        return [*self._of_it(), *await self._of_its_tree(), *self._of_what_happened()]

    def _of_it(self) -> list[Told]:
        document = self._feed.document
        self._last = document or self._last
        if not lookup.may(self._caller, "get", self._last):
            raise RefusalError(Code.PERMISSION_DENIED, GONE)
        if document is None:
            was_gone, self._is_gone = self._is_gone, True
            self._shown = self._picture = None
            return [] if was_gone else [self._told(b'{"type":"DELETED"}')]
        self._is_gone = False
        shown = self._backend.moved.shown(document)
        if self._shown is not None and shown.json == self._shown.json:
            return []
        self._shown = shown
        return [self._told(b'{"type":"APPLICATION","application":%b}' % shown.json)]

    async def _of_its_tree(self) -> list[Told]:
        if self._is_gone:
            return []
        problem = self._feed.problem if self._backend.ask.is_connected else AWAY
        picture = await self._feed.picture(self._last)
        before, self._picture = self._picture, picture
        former, self._problem = self._problem, problem
        event = awaited = None
        if picture is not None and before is None:
            event = whole(picture, problem)
        elif picture is not None and before is not None and before is not picture:
            event = difference(before, picture, problem)
        if event is None and problem != former:
            event = trouble(problem)
        if picture is not None and picture is not before:
            awaited = waiting(before, picture)
        return [self._told(one) for one in (awaited, event) if one is not None]

    def _of_what_happened(self) -> list[Told]:
        events = []
        if self._is_cut:
            self._is_cut = False
            lost = story.gap(f"more than {EVENTS} events happened at once")
            events.append(Told("", b'{"type":"EVENT","event":%b}' % lost.data))
        while self._heard:
            told = self._heard.popleft()
            self._place = told.id or self._place
            events.append(Told(told.id, b'{"type":"EVENT","event":%b}' % told.data))
        return events

    def _told(self, data: bytes) -> Told:
        return Told(self._place, data)
