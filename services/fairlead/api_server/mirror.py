"""The objects of one kind in the control plane's namespace, kept in memory by a watch.

The invariant: what a mirror shows was true at one moment in the past, and it never shows half of a list.
A subscriber that does not keep up is dropped and told so, rather than slowing the others.
"""

import asyncio
from collections.abc import Callable, Iterator, ValuesView
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

import msgspec
import structlog

from fairlead.kube.head import Head
from fairlead.kube.list_watch import Reflector
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Added, Deleted, Event, Modified, Relisting, Synced
from fairlead.model.errors import MalformedObjectError

log = structlog.get_logger(__name__)

QUEUE = 1024
"""Changes a subscriber may be behind before it is dropped."""
CATCH_UP = 2.0
"""Seconds a write waits until the mirror shows it (contract 14)."""

T = TypeVar("T")


class Change(msgspec.Struct, Generic[T], frozen=True):
    """`ADDED`, `MODIFIED` or `DELETED`, and the object as it is or last was."""

    type: str
    value: T


class Subscription(Generic[T]):
    """Changes from now on of what is `wanted`, in order; `overrun` once some were missed."""

    def __init__(self, wanted: Callable[[T], bool] | None = None) -> None:
        self._wanted = wanted
        self._queue: asyncio.Queue[Change[T]] = asyncio.Queue(QUEUE)
        self.overrun = False

    def put(self, change: Change[T]) -> None:
        """Add a change if it is wanted, or note that there was no room."""
        if self._wanted is not None and not self._wanted(change.value):
            return
        try:
            self._queue.put_nowait(change)
        except asyncio.QueueFull:
            self.overrun = True

    async def next(self, *, seconds: float) -> Change[T] | None:
        """The next change, or None when there was none for so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await self._queue.get()
        except TimeoutError:
            return None

    async def some(self, *, seconds: float) -> list[Change[T]]:
        """All changes that are there once there is one; none when there was none for so many seconds."""
        first = await self.next(seconds=seconds)
        found = [] if first is None else [first]
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found


class Mirror(Generic[T]):
    """One kind, by name. `read` makes a value of an object's bytes.

    With `beside`, the kind is followed in every namespace for which that holds, and in `namespace`; what is
    outside of that one is found by `<namespace>/<name>`.

    `told` hears of each change before anybody else, and may not fail.

    An object that cannot be read counts as absent, whatever it said before: rights that somebody took away
    with a slip of the pen must not go on holding. `unreadable` says why, by name.
    """

    def __init__(
        self,
        client: KubeClient,
        resource: Resource,
        namespace: str,
        read: Callable[[bytes], T],
        *,
        beside: Callable[[str], bool] | None = None,
        told: Callable[[Change[T]], None] | None = None,
    ) -> None:
        self._told = told
        self._reflector = Reflector(
            client,
            resource,
            self._take,
            gate=asyncio.Semaphore(1),
            namespace=namespace if beside is None else None,
        )
        self._namespace = namespace
        self._beside = beside
        self._kind = resource.kind
        self._read = read
        self._values: dict[str, T] = {}
        self._versions: dict[str, str] = {}
        self.unreadable: dict[str, str] = {}
        self._listed: set[str] | None = None
        self._subscriptions: set[Subscription[T]] = set()
        self._changed = asyncio.Event()
        self._complete = asyncio.Event()
        self.resource_version = ""
        self.changed = 0
        """Rises with every change."""

    async def run(self) -> None:
        """Follow the kind until cancelled."""
        await self._reflector.run()

    async def ready(self) -> None:
        """Return once the first list was read whole."""
        await self._complete.wait()

    @property
    def is_ready(self) -> bool:
        """Whether the first list was read whole."""
        return self._complete.is_set()

    def get(self, name: str) -> T | None:
        """The object of a name, as last seen."""
        return self._values.get(name)

    def all(self) -> list[T]:
        """All objects, by name."""
        return [self._values[name] for name in sorted(self._values)]

    def unsorted(self) -> ValuesView[T]:
        """All objects, in no order, without the cost of one."""
        return self._values.values()

    @contextmanager
    def subscribed(self, wanted: Callable[[T], bool] | None = None) -> Iterator[Subscription[T]]:
        """Changes while the block runs. What is not `wanted` does not wake it: most streams are of one
        object, and a change must not cost a thousand times as much because a thousand of them are open."""
        subscription: Subscription[T] = Subscription(wanted)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def changes(self, *, seconds: float) -> None:
        """Return at the next change, or after so many seconds."""
        changed = self._changed
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await changed.wait()

    async def until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until a condition on the mirror holds; whether it did in time."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed = self._changed
                    await changed.wait()
        except TimeoutError:
            return False
        return True

    def _take(self, event: Event) -> None:
        match event:
            case Relisting():
                self._listed = set()
            case Synced(version):
                self._end_list(version)
            case Added(head, raw) | Modified(head, raw):
                if self._follows(head.metadata.namespace):
                    self._store(self._key(head), head.metadata.resource_version, raw)
            case Deleted(head, _):
                self._drop(self._key(head))
            case _:
                return
        self._announce()

    def _follows(self, namespace: str) -> bool:
        return self._beside is None or namespace == self._namespace or self._beside(namespace)

    def _key(self, head: Head) -> str:
        namespace = head.metadata.namespace
        is_outside = self._beside is not None and namespace != self._namespace
        return f"{namespace}/{head.metadata.name}" if is_outside else head.metadata.name

    def _store(self, name: str, version: str, raw: bytes) -> None:
        if self._listed is not None:
            self._listed.add(name)
        if self._versions.get(name) == version:
            return
        try:
            value = self._read(raw)
        except (ValueError, RecursionError, msgspec.MsgspecError, MalformedObjectError) as error:
            log.warning(
                "api.mirror.unreadable", kind=self._kind, name=name, error=str(error)[:200], security=2
            )
            self._drop(name)
            self._versions[name], self.unreadable[name] = version, str(error)[:200]
            return
        self.unreadable.pop(name, None)
        kind = "MODIFIED" if name in self._values else "ADDED"
        self._values[name], self._versions[name] = value, version
        self._tell(Change(kind, value))

    def _drop(self, name: str) -> None:
        self._versions.pop(name, None)
        self.unreadable.pop(name, None)
        value = self._values.pop(name, None)
        if value is not None:
            self._tell(Change("DELETED", value))

    def _end_list(self, version: str) -> None:
        listed, self._listed = self._listed or set(), None
        for name in (self._values.keys() | self.unreadable.keys()) - listed:
            self._drop(name)
        self.resource_version = version
        self._complete.set()

    def _tell(self, change: Change[T]) -> None:
        if self._told is not None:
            self._told(change)
        for subscription in self._subscriptions:
            subscription.put(change)

    def _announce(self) -> None:
        self.changed += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
