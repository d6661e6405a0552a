"""`LiveState`: everything a cluster holds, by list and watch of every kind it serves.

It follows discovery: a new kind is watched as soon as it is served, a removed one is dropped.
Invariant: a kind that could not be read whole is `unknown`, and nobody may prune on what it lacks.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, NoReturn

import structlog

from fairlead.kube.catalogue import Presence
from fairlead.kube.custom_resources import API_SERVICE, CRD, ServedKinds
from fairlead.kube.denied import Denied, Respect
from fairlead.kube.discovery import Discovery
from fairlead.kube.errors import KubeError, ProtocolError, UnavailableError
from fairlead.kube.followed_kinds import FollowedKinds
from fairlead.kube.head import decode_head
from fairlead.kube.keeping import Keeping, Keeps
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_index import LiveChange, LiveIndex
from fairlead.kube.live_object import Kept, LiveObject, OwnerOf
from fairlead.kube.pace import Pace, Revival
from fairlead.kube.reads import Reads
from fairlead.kube.resource import Resource
from fairlead.kube.resource_filter import ResourceFilter
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import GroupKind, ResourceKey, split_api_version

log = structlog.get_logger(__name__)

CONCURRENT_LISTS: Final = 10
REDISCOVER_SECONDS: Final = 600.0
REDISCOVER_DOUBTFUL_SECONDS: Final = 30.0
SETTLE_WAITS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 5.0)
"""Seconds between questions while discovery lags behind an established definition."""
ABSENCE_SETTLES: Final = 120.0
"""Seconds for which a followed kind that discovery lacks is in doubt where no definition can vouch for it: an
API server that has just started lists its own kinds before the custom ones."""
NAMESPACE: Final = GroupKind("", "Namespace")

Subscriber = Callable[[LiveChange], None]
Observer = Callable[[GroupKind | None], None]
"""Told which kind is known or in doubt as of now; None is the server as a whole."""


class LiveState:
    """The live objects of one cluster. `run()` keeps them current; everything else only reads memory.

    `keeps` says how much is kept of what nobody manages, and `is_wanted` of which kinds somebody may want
    objects whole: of others of which nothing is kept, only metadata is asked for.
    `namespaces` restricts the watch to these (contract 12.2), and then cluster-scoped kinds are followed only
    with `cluster_resources`. All methods belong to the event loop that `run()` runs on.
    """

    def __init__(
        self,
        client: KubeClient,
        discovery: Discovery,
        *,
        owner_of: OwnerOf,
        keeps: Keeps = lambda _: Kept.WHOLE,
        is_wanted: Callable[[GroupKind], bool] = lambda _: True,
        resource_filter: ResourceFilter | None = None,
        namespaces: tuple[str, ...] = (),
        cluster_resources: bool = True,
        respect: Respect = Respect.NONE,
        concurrent_lists: int = CONCURRENT_LISTS,
    ) -> None:
        self.discovery = discovery
        self.index = LiveIndex()
        self._client = client
        self._keeping = Keeping(owner_of, keeps)
        self._reads = Reads(client, self.index, self._keeping, self._observed)
        self._filter = resource_filter or ResourceFilter()
        self._cluster_resources = cluster_resources or not namespaces
        self._denied = Denied(client, respect, self._tell)
        self._revival = Revival()
        self._followed = FollowedKinds(
            client,
            self.index,
            self._keeping,
            is_wanted=is_wanted,
            namespaces=namespaces,
            selector_of=self._filter.selector_of,
            concurrent_lists=concurrent_lists,
            revival=self._revival,
            publish=self._publish,
            on_state=self._state_changed,
        )
        self._subscribers: list[Subscriber] = []
        self._observers: list[Observer] = []
        self._error: KubeError | None = None
        self._served = ServedKinds(lambda kind: self.discovery.catalogue.versions_of(*kind))
        self._missing: dict[GroupKind, float] = {}
        self._doubted: set[GroupKind] = set()
        self._ask_again = asyncio.Event()
        self._synced = asyncio.Event()

    async def run(self) -> NoReturn:
        """Follows the cluster until cancelled; survives any failure of the API server.

        May be called again after it raised: everything is read anew then, and in doubt until it was.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._followed.tasks = tasks
                await self._discover_for_ever()
        except Exception:
            self._followed.lose(UnavailableError("the cluster is not being followed"))
            raise
        raise AssertionError("discovery never ends")

    async def _discover_for_ever(self) -> NoReturn:
        pace = Pace()
        while True:
            pace.begin()
            try:
                await self._rediscover()
                self._followed.spare()
            except Exception as error:
                wait = pace.failed(error.retry_after if isinstance(error, KubeError) else None)
                self._discovery_failed(error, wait)
                await self._revival.wait(wait)
                continue
            pace = Pace()
            self._error = None
            await self._until_asked()

    def _discovery_failed(self, error: Exception, wait: float) -> None:
        if not isinstance(error, KubeError):
            log.exception("kube.discovery.broken")
            error = ProtocolError(f"discovery cannot be read: {type(error).__name__}: {error}")
        log.warning("kube.discovery.failed", error=error.message[:200], wait=round(wait, 2))
        is_news, self._error = self._error is None, error
        if is_news:
            self._tell(None)

    def revive(self) -> None:
        """The server, or the right to use it, may be back: whoever waits before asking again asks now."""
        self._revival.announce()
        self._ask_again.set()

    @property
    def doubt(self) -> str:
        """Why nothing of the cluster can be read now, or "". Single kinds in doubt are `unknown_kinds`."""
        if self._error is not None and not self._followed:
            return self._error.message
        if not self._followed or any(item.state is not KindState.UNKNOWN for _, item in self._followed):
            return ""
        return next((item.error.message for _, item in self._followed if item.error is not None), "")

    def observe_states(self, observer: Observer) -> None:
        """Calls `observer` whenever something becomes known or falls into doubt, on the loop: be quick."""
        self._observers.append(observer)

    def _tell(self, kind: GroupKind | None) -> None:
        for observer in self._observers:
            try:
                observer(kind)
            except Exception:
                log.exception("kube.observer.failed", kind=str(kind))

    async def wait_synced(self) -> None:
        """Returns once every kind was read whole, or has failed and is unknown."""
        await self._synced.wait()

    @property
    def is_synced(self) -> bool:
        return self._synced.is_set()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls `subscriber` for every change, in order, on the loop: be quick. The answer ends that."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def get(self, key: ResourceKey) -> LiveObject | None:
        return self.index.get(key)

    def owned_by(self, instance: str) -> list[LiveObject]:
        """The objects whose mark names the application; their children are found with `children_of`."""
        return self.index.owned_by(instance)

    def children_of(self, uid: str) -> list[LiveObject]:
        return self.index.children_of(uid)

    @property
    def namespaces(self) -> frozenset[str]:
        """The names of the live namespaces."""
        return frozenset(obj.key.name for obj in self.index.of_kind(NAMESPACE))

    def state_of(self, kind: GroupKind) -> KindState:
        """How much is known of a kind, also of one that is not followed."""
        followed, presence = self._followed.get(kind), self._presence(kind)
        if followed is not None:
            seen = KindState.UNWATCHABLE if kind in self._denied else followed.state
            return seen if presence is Presence.PRESENT else _unseen(presence)
        if self._filter.excludes(*kind):
            return KindState.EXCLUDED
        return KindState.UNWATCHABLE if presence is Presence.PRESENT else _unseen(presence)

    def _presence(self, kind: GroupKind) -> Presence:
        """Discovery's word, unless a live definition or a missing group's APIService says otherwise."""
        presence = self.discovery.presence(*kind)
        if presence is not Presence.ABSENT:
            self._missing.pop(kind, None)
            return presence
        lacks_group = not self.discovery.catalogue.has_group(kind.group)
        if kind in self._followed and not (self._knows(CRD) and self._knows(API_SERVICE)):
            since = self._missing.setdefault(kind, time.monotonic())
            if time.monotonic() - since < ABSENCE_SETTLES:
                return Presence.UNKNOWN
        is_promised = self._served.defines(kind) or (lacks_group and self._served.registers(kind.group))
        return Presence.UNKNOWN if is_promised else presence

    def _knows(self, vouching: GroupKind) -> bool:
        followed = self._followed.get(vouching)
        return followed is not None and followed.state is KindState.KNOWN

    def is_known(self, kind: GroupKind) -> bool:
        """Whether the state holds every object of this kind, so that what it lacks is not there."""
        return self.state_of(kind) is KindState.KNOWN

    def unknown_kinds(self) -> Mapping[GroupKind, str]:
        """The followed kinds that are in doubt, with the reason."""
        return {
            kind: followed.error.message if followed.error else "not read yet"
            for kind, followed in self._followed
            if self.state_of(kind) not in (KindState.KNOWN, KindState.UNWATCHABLE)
        }

    def observe(self, raw: bytes) -> bool:
        """Takes in the answer to one of our own writes, before the watch tells of it; whether it was newer.

        An answer in another API version than the watched one is left to the watch.
        """
        head = decode_head(raw)
        group, version = split_api_version(head.api_version)
        followed = self._followed.get(GroupKind(group, head.kind))
        if followed is None or followed.resource.version != version or not head.metadata.uid:
            return False
        return self._observed(self._keeping.object(followed.resource, head, raw))

    def _observed(self, obj: LiveObject) -> bool:
        change = self.index.put_observed(obj)
        if change is not None:
            self._publish(change, False)
        return change is not None

    async def whole(self, key: ResourceKey) -> LiveObject | None:
        """A live object with all of its text, which is read from the cluster where it is not kept.

        None when there is none. Raises KubeError.
        """
        return await self._reads.whole(key)

    async def decoded(self, live: LiveObject) -> dict[str, Any] | None:
        """All of an object, as it was where that is kept, else as it is now; None when it is gone.

        Raises KubeError.
        """
        read = live if live.is_whole else await self._reads.whole(live.key)
        return None if read is None else read.decoded()

    async def complete(self, keys: Iterable[ResourceKey]) -> dict[ResourceKey, str]:
        """Has these objects kept whole from now on; why that cannot be, for those for which it cannot.

        It costs a request for each that is not whole, and none where all are.
        """
        lacking = [key for key in keys if (live := self.index.get(key)) is not None and not live.is_whole]
        if not lacking:
            return {}
        self.read_whole({GroupKind(key.group, key.kind) for key in lacking})
        return await self._reads.complete(lacking)

    def read_whole(self, kinds: Iterable[GroupKind]) -> None:
        """Somebody wants objects of these kinds whole: those of which only metadata is followed are followed
        whole from where they are. What was seen already is whole once it changes, or is completed."""
        self._followed.read_whole(kinds)

    def is_followed_by_metadata(self, kind: GroupKind) -> bool:
        """Whether only the metadata of a kind's objects is asked for."""
        followed = self._followed.get(kind)
        return followed is not None and followed.is_partial

    def keep_otherwise(self) -> None:
        """What `keeps` answers may have changed: kinds of which more is to be kept are read again."""
        self._followed.keep_otherwise()

    async def _rediscover(self) -> None:
        """Asks discovery until it agrees with the definitions we see, or the waits are used up."""
        waits = iter(SETTLE_WAITS)
        while True:
            self._ask_again.clear()
            is_other = await self.discovery.refresh()
            await self._follow()
            self._tell_doubts()
            if is_other:
                self._tell(None)
            if self._served.agree():
                return
            wait = next(waits, None)
            if wait is None:
                return
            if await self._asked_within(wait):
                waits = iter(SETTLE_WAITS)

    def _tell_doubts(self) -> None:
        """Kinds that discovery, and not their watch, puts in doubt or no longer does."""
        doubted = {kind for kind, it in self._followed if self.state_of(kind) is not it.state}
        for kind in doubted ^ self._doubted:
            self._tell(kind)
        self._doubted = doubted

    async def _asked_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._ask_again.wait()
        return False

    async def _until_asked(self) -> None:
        doubtful = bool(self.discovery.catalogue.failures or self._missing) or not self._served.agree()
        seconds = REDISCOVER_DOUBTFUL_SECONDS if doubtful else REDISCOVER_SECONDS
        await self._asked_within(seconds)

    async def _follow(self) -> None:
        """Starts and stops reflectors so that they match the catalogue; kinds in doubt are kept."""
        wanted = {item.group_kind: item for item in self.discovery.catalogue.preferred() if self._wants(item)}
        for kind, followed in self._followed:
            resource = wanted.get(kind)
            if resource is None:
                if self.state_of(kind) is not KindState.UNKNOWN:
                    await self._stop(kind, drop=True)
            elif resource.path() != followed.resource.path():
                await self._stop(kind, drop=False)
        for kind, resource in wanted.items():
            followed_now = self._followed.get(kind)
            if followed_now is None or not followed_now.tasks:
                self._followed.start(resource)
        self._note_state()

    def _wants(self, resource: Resource) -> bool:
        if not resource.can_watch or self._filter.excludes(resource.group, resource.kind):
            return False
        return resource.namespaced or self._cluster_resources

    async def _stop(self, kind: GroupKind, *, drop: bool) -> None:
        self._missing.pop(kind, None)
        await self._followed.stop(kind)
        for obj in self.index.of_kind(kind) if drop else ():
            self._keeping.pinned.discard(obj.key)
            change = self.index.remove(obj.key)
            if change is not None:
                self._publish(change, False)

    def _publish(self, change: LiveChange, initial: bool) -> None:
        if initial:
            change = LiveChange(change.type, change.key, change.old, change.new, True)
        if self._served.note(change):
            self._ask_again.set()
        new = change.new
        if new is not None and new.instance is not None and not new.is_whole and new.owned_by is None:
            self.read_whole((new.group_kind,))
        for subscriber in self._subscribers:
            try:
                subscriber(change)
            except Exception:
                log.exception("kube.subscriber.failed", key=str(change.key))

    def _state_changed(self, kind: GroupKind) -> None:
        followed = self._followed.get(kind)
        if followed is not None:
            self._denied.note(followed, self._followed.tasks)
        self._note_state()
        self._tell(kind)

    def _note_state(self) -> None:
        if self._synced.is_set() or not self._followed:
            return
        if all(followed.state is not KindState.SYNCING for _, followed in self._followed):
            self._synced.set()


def _unseen(presence: Presence) -> KindState:
    return KindState.ABSENT if presence is Presence.ABSENT else KindState.UNKNOWN
