"""Which keys this replica owns, agreed upon by Leases in Kubernetes.

Each replica renews one Lease that carries its view: the members it sees. It owns a key if its own published
view gives it the key and no other live replica's published view gives that one the key. It publishes, then
reads the others, then acts: of two replicas with differing views at least one has read the other's claim, so
never both act. A replica that does not renew for `DURATION` on the clock of an observer that reads the Leases
all the while is gone; its own fence has closed `MARGIN` before. Who could not read them knows nothing of the
others' age, so that while Kubernetes is away nobody is gone.

Invariant: `may_act(key)` is true in at most one replica at any time, with clocks that run equally fast and
whatever time they show, also in one that was stopped and goes on.
"""

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog

from fairlead.kube.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError
from fairlead.kube.list_watch import Reflector
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Added, Event, Modified
from fairlead.process.lease import LEASES, Lease, Leases, decode_lease
from fairlead.process.origin import has_ended, origin
from fairlead.process.shard import View
from fairlead.process.supervise import supervise

log = structlog.get_logger(__name__)

DURATION: Final = 10.0
"""Seconds without renewal after which the others take a replica for gone."""
RENEW: Final = 2.0
"""Seconds between renewals."""
CALM: Final = 2.0
"""Seconds more between them for a group whose work may wait a little: half of what being a member costs."""
MARGIN: Final = 2.5
"""Seconds before that at which a replica takes itself for gone: a request may be on its way so long."""
ANSWER_WITHIN: Final = 3.0
"""Seconds for one renewal, and for one list."""
PAUSE: Final = 0.5
"""Seconds before a failed renewal is tried again."""
BLIND: Final = RENEW + 2 * ANSWER_WITHIN
"""Seconds without reading the others' Leases after which nothing is known of how old these are."""
LEAVE_WITHIN: Final = 1.0


class _Peer(msgspec.Struct, kw_only=True):
    """Another replica's Lease, and when its version was first seen here (`time.monotonic()`), or, once, when
    we saw again.
    """

    lease: Lease
    seen_at: float
    was_spared: bool = False


class Membership:
    """One replica among those of its group. `on_change` is told when what it owns may have changed.

    One that is `calm` renews so many seconds later each time.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        group: str,
        *,
        shard: int = 0,
        on_change: Callable[[], None],
        process: str | None = None,
        calm: float = 0.0,
    ) -> None:
        self._calm = calm
        self.id = f"{socket.gethostname().lower()[:40]}-{secrets.token_hex(4)}"
        self._leases = Leases(client, namespace, group)
        self._client = client
        self._shard = shard
        self._on_change = on_change
        self._origin = origin() if process is None else process
        self._pins: Mapping[str, int] = {}
        self._peers: dict[str, _Peer] = {}
        self._own: Lease | None = None
        self._acting: View | None = None
        self._coming: View | None = None
        self._until = 0.0
        self._read_at = 0.0
        self._owned: dict[str, bool] = {}
        self._basis: object = None
        self._poked = asyncio.Event()
        self._joined = asyncio.Event()

    @property
    def is_valid(self) -> bool:
        """Whether our Lease holds at this moment."""
        return self._acting is not None and time.monotonic() < self._until

    @property
    def is_alone(self) -> bool:
        """Whether there is no other replica."""
        return not self._peers

    def owns(self, key: str) -> bool:
        """Whether the key is ours as far as was read last; a lapsed Lease does not change that."""
        known = self._owned.get(key)
        if known is None:
            known = self._owned[key] = self._judged(key)
        return known

    def may_act(self, key: str) -> bool:
        """Whether the key is ours at this moment: the fence of every write for it."""
        return self.owns(key) and self.is_valid

    def pin(self, pins: Mapping[str, int]) -> None:
        """Which keys belong to which shard number from now on."""
        if pins != self._pins:
            self._pins = dict(pins)
            self._poked.set()

    async def joined(self) -> None:
        """Return once our Lease stands and the others' were read."""
        await self._joined.wait()

    async def run(self) -> None:
        """Be a member until cancelled; the Lease is given back then."""
        following = asyncio.create_task(supervise("watch of leases", self._follow))
        try:
            await self._see()
            while True:
                await asyncio.sleep(await self._renewed())
        finally:
            following.cancel()
            self._give_up()
            await self._leave()

    async def _renewed(self) -> float:
        """One renewal; the seconds until the next, less when somebody comes or goes meanwhile."""
        self._poked.clear()
        try:
            await self._renew()
        except (KubeError, TimeoutError) as error:
            log.warning("membership.not_renewed", member=self.id, error=str(error)[:200])
            return PAUSE
        if self._wanted() != self._acting:
            return 0.0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RENEW + self._calm):
                await self._poked.wait()
        return 0.0

    async def _renew(self) -> None:
        """Publish, then read the others, then act."""
        begun = time.monotonic()
        view = self._wanted()
        if view != self._acting:
            self._coming = view
            self._changed()
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._put(view)
        except (ConflictError, AlreadyExistsError, NotFoundError) as error:
            await self._look_at_own(error)
            raise
        async with asyncio.timeout(ANSWER_WITHIN):
            await self._read()
        is_new, self._until = not self.is_valid, begun + DURATION - MARGIN
        if self._acting != view or is_new:
            log.info("membership.view", member=self.id, members=sorted(view.members))
        self._acting, self._coming = view, None
        self._joined.set()
        self._changed()

    async def _look_at_own(self, error: KubeError) -> None:
        """An answer of ours was lost, or the others took us for gone and we begin anew."""
        async with asyncio.timeout(ANSWER_WITHIN):
            self._own = await self._leases.find(self.id)
        if self._own is None:
            log.warning("membership.lost", member=self.id, error=error.message[:200])
            self._give_up()

    def _give_up(self) -> None:
        self._acting, self._coming, self._until = None, None, 0.0
        self._changed()

    async def _see(self) -> None:
        """The others before we say anything, so that the first view is no claim to everything."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    return await self._read()
            except (KubeError, TimeoutError) as error:
                log.warning("membership.unread", member=self.id, error=str(error)[:200])
            await asyncio.sleep(PAUSE)

    async def _read(self) -> None:
        """The others' Leases. One that vanished without a word counts while its holder may trust it."""
        found = {lease.holder: lease for lease in await self._leases.all() if lease.holder != self.id}
        now = time.monotonic()
        if now - self._read_at > BLIND + self._calm:
            for peer in self._peers.values():
                peer.seen_at, peer.was_spared = (peer.seen_at if peer.was_spared else now), True
        self._read_at = now
        peers = {holder: peer for holder, peer in self._peers.items() if self._is_live(peer, now)}
        for holder, lease in found.items():
            known = self._peers.get(holder)
            if known is None or known.lease.version != lease.version:
                peers[holder] = known = _Peer(lease=lease, seen_at=now)
            if self._is_live(known, now):
                continue
            peers.pop(holder, None)
            if await self._leases.end(lease):
                log.info("membership.gone", member=self.id, gone=holder)
            else:
                peers[holder] = _Peer(lease=lease, seen_at=time.monotonic())
        self._peers = peers

    def _is_live(self, peer: _Peer, now: float) -> bool:
        has_left = peer.lease.view is not None and not peer.lease.view.members
        if has_left or has_ended(peer.lease.origin, self._origin):
            return False
        return now - peer.seen_at < max(float(peer.lease.spec.lease_duration_seconds), DURATION)

    def _wanted(self) -> View:
        members = {holder: peer.lease.shard for holder, peer in self._peers.items()}
        return View(members={**members, self.id: self._shard}, pins=self._pins)

    def _judged(self, key: str) -> bool:
        views = [view for view in (self._acting, self._coming) if view is not None]
        if self._acting is None or any(view.owner(key) != self.id for view in views):
            return False
        return not any(self._claims(peer, key) for peer in self._peers.values())

    def _claims(self, peer: _Peer, key: str) -> bool:
        view = peer.lease.view
        return view is None or view.owner(key) == peer.lease.holder

    def _changed(self) -> None:
        self._owned = {}
        views = tuple((holder, peer.lease.view) for holder, peer in sorted(self._peers.items()))
        basis = (self._acting, self._coming, views)
        if basis != self._basis:
            self._basis = basis
            self._on_change()

    async def _follow(self) -> None:
        """A watch of the Leases, which wakes us when somebody comes, goes or changes its view."""
        reflector = Reflector(
            self._client,
            LEASES,
            self._heard,
            gate=asyncio.Semaphore(1),
            namespace=self._leases.namespace,
            label_selector=self._leases.selector,
        )
        await reflector.run()

    def _heard(self, event: Event) -> None:
        match event:
            case Added(_, raw) | Modified(_, raw):
                lease = decode_lease(raw)
                known = self._peers.get(lease.holder)
                if lease.holder != self.id and (known is None or known.lease.view != lease.view):
                    self._poked.set()
            case _:
                pass

    async def _leave(self) -> None:
        if self._own is None:
            return
        with contextlib.suppress(KubeError, TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN):
                await self._put(View(members={}))
                log.info("membership.left", member=self.id)
        self._own = None

    async def _put(self, view: View) -> None:
        self._own = await self._leases.put(
            self.id, view, origin=self._origin, shard=self._shard, seconds=DURATION, known=self._own
        )
