"""The connection to NATS: made once, made again for ever, and what must be there on the other side.

Invariant: after every reconnection the owner of each stream and bucket sees to it that it exists, the others
await it; when one was made anew, whoever keeps state in it is told.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Self

import msgspec
import nats.errors
import structlog
from nats.js import JetStreamContext

from fairlead.bus.calls import cancellable
from fairlead.bus.client import QuickClient
from fairlead.bus.copies import Copies, settle
from fairlead.bus.errors import NoRoomError
from fairlead.bus.permissions import inbox_prefix
from fairlead.bus.streams import ABSENT, Maker, birth_of, retire
from fairlead.bus.topology import (
    BUCKETS,
    CONTROLLER,
    STREAMS,
    Bucket,
    Stream,
    buckets_of,
    grant_of,
    retired_of,
    streams_of,
)
from fairlead.metrics import Counter
from fairlead.secret.seal import Seal, derive

log = structlog.get_logger(__name__)

VIOLATIONS = Counter(
    "fairlead_bus_permission_violations", "Subjects that NATS refused this process to publish or subscribe"
)
_VIOLATION = "permissions violation"

ANSWER_TIMEOUT = 2.0
"""Seconds to wait for JetStream's answer to one request."""
CONNECT_WAIT = 0.25
"""Seconds between attempts to connect again."""
REPAIR_WAIT = 2.0
"""Seconds between attempts to make streams that the server refused."""
LOOK_EVERY = 60.0
"""Seconds between looks whether a stream was made anew although the connection stood all the while."""
AWAIT_EVERY = 0.5
"""Seconds between looks for a stream that its owner is to make."""
PING_EVERY, PINGS_MISSED = 4, 2
"""Seconds between signs of life, and how many may be missed: a server that fell silent, with its machine or
its network, is left after three times that, for another of its cluster."""
PENDING_BYTES = 16 << 20
"""What is kept for sending while there is no connection."""


class BusConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where NATS is and who we are there. `service` names a grant of the topology.

    With `ca`, a PEM file, the connection is encrypted, and the server has a certificate of that authority.

    `url` may be several, with commas: any of a cluster's servers. `copies` is what its streams should have.

    With `secret` the values of sealed buckets are sealed: addresses in them may hold passwords.
    """

    url: str
    service: str
    user: str = ""
    password: str = ""
    secret: bytes = b""
    ca: str = ""
    copies: Copies = Copies()

    def __repr__(self) -> str:
        return f"BusConfig(url={self.address!r}, service={self.service!r}, user={self.user!r})"

    @property
    def address(self) -> str:
        """The servers' addresses without user information."""
        return ",".join(_without_user(url) for url in self.url.split(","))


class Connection:
    """One connection of one process. Only this package looks at `client` and `jetstream`."""

    def __init__(self, client: QuickClient, config: BusConfig) -> None:
        self.client = client
        self.jetstream: JetStreamContext = client.jetstream(timeout=ANSWER_TIMEOUT)
        self.grant = grant_of(config.service)
        self.seal = Seal(derive(config.secret, "buckets")) if config.secret else None
        self._config = config
        self._maker = Maker(client, self.jetstream, config.copies)
        self._tls = ssl.create_default_context(cafile=config.ca) if config.ca else None
        self._reconnected = asyncio.Event()
        self._births: dict[str, str] = {}
        self.is_incomplete = False
        """Whether a stream or bucket that we use was missing when last looked for."""
        self._awaiting: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._repairing = asyncio.Lock()
        self._on_wipe: list[Callable[[], None]] = []
        self._background: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(cls, config: BusConfig) -> Self:
        """Connect, waiting for the server as long as it takes, and make what is ours and missing."""
        connection = cls(QuickClient(), config)
        await connection._open()
        return connection

    @classmethod
    async def opening(cls, config: BusConfig) -> Self:
        """A connection that is being made: until it stands, what needs it is told that NATS is away."""
        connection = cls(QuickClient(), config)
        connection.own(asyncio.create_task(connection._open()))
        await asyncio.sleep(0)  # the client has its options before anybody asks it for something
        return connection

    async def _open(self) -> None:
        config = self._config
        await self.client.connect(
            config.url.split(","),
            name=config.service,
            user=config.user or None,
            password=config.password or None,
            tls=self._tls,
            inbox_prefix=inbox_prefix(config.service).encode(),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=CONNECT_WAIT,  # type: ignore[arg-type]  # it is only slept for
            pending_size=PENDING_BYTES,
            ping_interval=PING_EVERY,
            max_outstanding_pings=PINGS_MISSED,
            reconnected_cb=self._after_reconnect,
            disconnected_cb=self._after_disconnect,
            error_cb=self._after_error,
        )
        while True:
            try:
                await self.repair()
            except (nats.errors.Error, NoRoomError, TimeoutError) as error:
                log.error("bus.streams.missing", error=str(error) or type(error).__name__)  # noqa: TRY400 - no fault of ours
                await asyncio.sleep(REPAIR_WAIT)
            else:
                break
        self.own(asyncio.create_task(self._look_for_wipes()))

    async def close(self) -> None:
        """Send what is pending and disconnect."""
        for task in self._background:
            task.cancel()
        with contextlib.suppress(nats.errors.Error, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(1):
                await cancellable(self.client.flush())
        await self.client.close()

    @property
    def is_connected(self) -> bool:
        """Whether the server is reachable at this moment."""
        return self.client.is_connected

    def on_wipe(self, callback: Callable[[], None]) -> None:
        """Call back when the server came back without its streams: whoever keeps state there rebuilds it."""
        self._on_wipe.append(callback)

    async def repair(self) -> None:
        """Make what is ours and missing, look for the rest, and tell of a wipe when something is younger."""
        async with self._repairing:
            for name in retired_of(self.grant):
                await cancellable(retire(self.jetstream, name))
            births = {}
            kept: tuple[Stream | Bucket, ...] = (*streams_of(self.grant), *buckets_of(self.grant))
            for one in kept:
                births[_stream_name(one)] = await cancellable(self._birth(one))
            wiped = any(self._births.get(name, birth) != birth for name, birth in births.items() if birth)
            self._births |= {name: birth for name, birth in births.items() if birth}
        self.look_at_copies()
        self.is_incomplete = ABSENT in births.values()
        if self.is_incomplete and (self._awaiting is None or self._awaiting.done()):
            self._awaiting = asyncio.create_task(self._await_owners())
            self.own(self._awaiting)
        if wiped:
            log.warning("bus.wiped", detail="streams were made anew; state in buckets is rebuilt")
            for callback in self._on_wipe:
                callback()
            self._begin_anew()

    async def _look_for_wipes(self) -> None:
        """What was deleted and made again while we were connected is not told by anybody."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if self.is_connected and await self._is_any_anew():
                    await self.repair_quietly()
                elif self.is_connected:
                    self.look_at_copies()
            except (nats.errors.Error, TimeoutError) as error:
                log.debug("bus.look.failed", error=str(error))
            except Exception:
                log.exception("bus.look.broke")

    async def _is_any_anew(self) -> bool:
        """Whether a stream that was there is gone, or another of its name."""
        for name, birth in list(self._births.items()):
            if await cancellable(birth_of(self.jetstream, name)) != birth:
                return True
        return False

    def _begin_anew(self) -> None:
        """Whoever reads does so from the beginning."""
        before, self._reconnected = self._reconnected, asyncio.Event()
        before.set()

    async def _birth(self, kept: Stream | Bucket) -> str:
        if kept.owner != self.grant.service:
            return await birth_of(self.jetstream, _stream_name(kept))
        return await self._maker.ensure(kept)

    def look_at_copies(self) -> None:
        """The controller sees to the copies of all, its own streams or not; nobody waits for that."""
        if self.grant.service == CONTROLLER and (self._settling is None or self._settling.done()):
            names = tuple(_stream_name(kept) for kept in (*STREAMS, *BUCKETS))
            copying = settle(self.client, names, self._config.copies, seconds=ANSWER_TIMEOUT)
            self._settling = asyncio.create_task(copying)
            self.own(self._settling)

    def _trust_anew(self) -> None:
        """An authority may have been made anew since: what its file holds now is trusted, too."""
        if self._tls is not None:
            with contextlib.suppress(OSError, ssl.SSLError):
                self._tls.load_verify_locations(cafile=self._config.ca)

    async def _await_owners(self) -> None:
        log.info("bus.streams.awaited", detail="their owners have not made them yet")
        while self.is_incomplete:
            await asyncio.sleep(AWAIT_EVERY)
            await self.repair_quietly()

    async def next_reconnect(self) -> None:
        """Return when the connection has been made again, or what is read by it was."""
        await self._reconnected.wait()

    def own(self, task: asyncio.Task[None]) -> None:
        """Cancel a task when the connection is closed."""
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def repair_quietly(self) -> None:
        """`repair`, but a server that does not answer is only logged and waited for a moment."""
        try:
            await self.repair()
        except (nats.errors.Error, NoRoomError, TimeoutError) as error:
            log.warning("bus.repair.failed", error=str(error))
            await asyncio.sleep(CONNECT_WAIT)

    async def _after_reconnect(self) -> None:
        log.info("bus.reconnected", url=self._config.address)
        await self.repair_quietly()
        self._begin_anew()

    async def _after_disconnect(self) -> None:
        log.warning("bus.disconnected", url=self._config.address)
        self._trust_anew()

    async def _after_error(self, error: Exception) -> None:
        if isinstance(error, ssl.SSLError):
            self._trust_anew()
        if _VIOLATION in str(error).lower():
            VIOLATIONS.inc()
            log.error("bus.permission.violated", service=self._config.service, error=str(error), security=3)
        else:
            log.debug("bus.error", error=str(error) or type(error).__name__)


def _stream_name(kept: Stream | Bucket) -> str:
    return kept.name if isinstance(kept, Stream) else kept.stream


def _without_user(url: str) -> str:
    scheme, mark, rest = url.strip().rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
