"""An independent look at the cluster: one watch of one kind, of which the time of each event is known.

Why: Fairlead's own word is no measurement. Invariant: a time given is when the event's bytes were read here.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import aclosing, suppress
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec

from fairlead.kube.errors import KubeError
from fairlead.kube.lines import LineSplitter
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from tests.bench.errors import BenchError

WATCH_SECONDS = 4 * 3600
SILENCE_SECONDS = 180.0

Key = tuple[str, str]
"""Namespace and name."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What tells one object from another."""

    name: str = ""
    namespace: str = ""
    resource_version: str = ""


class Observed(Protocol):
    """Any struct that decodes part of an object."""

    @property
    def metadata(self) -> Metadata:
        """Its name and namespace."""


Thing = TypeVar("Thing", bound=Observed)


class _Event(msgspec.Struct, frozen=True):
    type: str
    object: msgspec.Raw


_EVENT = msgspec.json.Decoder(_Event)


class _Wait(Generic[Thing]):
    """Objects that are not yet as wished."""

    def __init__(
        self, keys: Iterable[Key], is_true: Callable[[Thing], bool], known: dict[Key, Thing]
    ) -> None:
        self.keys = frozenset(keys)
        self.came_true: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._is_true = is_true
        self.pending = {key for key in self.keys if key not in known or not is_true(known[key])}
        self._look(time.monotonic())

    def take(self, key: Key, thing: Thing | None, at: float) -> None:
        """One object as it is since `at`, None when it is gone."""
        if key not in self.keys:
            return
        if thing is not None and self._is_true(thing):
            self.pending.discard(key)
            self._look(at)
        else:
            self.pending.add(key)

    def _look(self, at: float) -> None:
        if not self.pending and not self.came_true.done():
            self.came_true.set_result(at)


class Observer(Generic[Thing]):
    """Follows one kind in all namespaces. Use `async with`."""

    def __init__(self, client: KubeClient, resource: Resource, shape: type[Thing]) -> None:
        self.known: dict[Key, Thing] = {}
        self._client = client
        self._resource = resource
        self._shape = msgspec.json.Decoder(shape)
        self._waits: set[_Wait[Thing]] = set()
        self._following: asyncio.Task[None] | None = None
        self._listed = asyncio.Event()
        self.interruptions = 0

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._run())
        listed = asyncio.create_task(self._listed.wait())
        await asyncio.wait({self._following, listed}, return_when=asyncio.FIRST_COMPLETED)
        listed.cancel()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def until(
        self, keys: Iterable[Key], is_true: Callable[[Thing], bool], *, seconds: float, what: str
    ) -> float:
        """Wait until all these objects are so at one moment; that moment, by the monotonic clock.

        Raises BenchError after `seconds`, with what one of those that are not so looks like.
        """
        wait = _Wait(keys, is_true, self.known)
        self._waits.add(wait)
        try:
            ends: list[asyncio.Future[Any]] = [wait.came_true]
            if self._following is not None:
                ends.append(self._following)
            await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not wait.came_true.done():
                raise BenchError(self._explain(wait, what, seconds))
            return wait.came_true.result()
        finally:
            self._waits.discard(wait)

    def _explain(self, wait: _Wait[Thing], what: str, seconds: float) -> str:
        if self._following is not None and self._following.done():
            return f"{what}: the watch of {self._resource.plural} ended: {self._following.exception()}"
        example = min(wait.pending)
        return (
            f"{what}: not so after {seconds:.0f} s for {len(wait.pending)} of {len(wait.keys)}, "
            f"such as {'/'.join(example)}: {self.known.get(example)}"
        )

    async def _run(self) -> None:
        """List and watch, again whenever the server ends the watch, as it does with one that reads slowly."""
        while True:
            version = await self._list()
            self._listed.set()
            with suppress(KubeError):
                await self._follow(version)
            self.interruptions += 1

    async def _list(self) -> str:
        version, seen = "", set()
        async for page in self._client.pages(self._resource):
            version = version or page.resource_version
            at = time.monotonic()
            for item in page.items or ():
                seen.add(self._take(self._shape.decode(item), at))
        for key in self.known.keys() - seen:
            self._forget(key, time.monotonic())
        return version

    async def _follow(self, version: str) -> None:
        lines = LineSplitter()
        stream = self._client.watch(
            self._resource,
            resource_version=version,
            timeout_seconds=WATCH_SECONDS,
            silence_seconds=SILENCE_SECONDS,
        )
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                at = time.monotonic()
                for line in lines.feed(chunk):
                    event = _EVENT.decode(line)
                    if event.type == "ERROR":
                        return
                    if event.type != "BOOKMARK":
                        self._see(event, at)

    def _see(self, event: _Event, at: float) -> None:
        thing = self._shape.decode(event.object)
        if event.type == "DELETED":
            self._forget(_key(thing), at)
        else:
            self._take(thing, at)

    def _take(self, thing: Thing, at: float) -> Key:
        key = _key(thing)
        self.known[key] = thing
        for wait in self._waits:
            wait.take(key, thing, at)
        return key

    def _forget(self, key: Key, at: float) -> None:
        self.known.pop(key, None)
        for wait in self._waits:
            wait.take(key, None, at)


def _key(thing: Observed) -> Key:
    return (thing.metadata.namespace, thing.metadata.name)
