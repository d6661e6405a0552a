"""One connection to NATS: reconnects for ever, repairs the topology, publishes, asks and answers."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import nats
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from fairlead.bus import consume as consuming
from fairlead.bus.calls import cancellable
from fairlead.bus.errors import BusUnavailableError, NoResponderError
from fairlead.bus.key_value import KeyValue
from fairlead.bus.permissions import inbox_prefix
from fairlead.bus.streams import ensure_bucket, ensure_stream
from fairlead.bus.topology import STREAMS, Consumer, buckets_of, grant_of
from fairlead.events import trace
from fairlead.events.envelope import Event, SchemaError, encode
from fairlead.events.public import Publication

log = structlog.get_logger(__name__)

PUBLISH_ATTEMPTS = 6
PUBLISH_TIMEOUT = 2.0
"""Seconds to wait for the stream's confirmation of one attempt."""
CONNECT_WAIT = 0.25
"""Seconds between attempts to connect again."""
PENDING_BYTES = 16 << 20
"""What is kept for sending while there is no connection."""

ERROR_HEADER = "Fairlead-Error"
E = TypeVar("E", bound=Event)


class BusConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where NATS is and who we are there. `service` names a grant of the topology."""

    url: str
    service: str
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"BusConfig(url={self.url!r}, service={self.service!r}, user={self.user!r})"


class RemoteError(Exception):
    """The other side refused a request; `code` is one of its error names."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Bus:
    """A process's access to NATS."""

    def __init__(self, client: Client, config: BusConfig) -> None:
        self._client = client
        self._config = config
        self._jetstream: JetStreamContext = client.jetstream(timeout=PUBLISH_TIMEOUT)
        self._reconnected = asyncio.Event()
        self._births: dict[str, str] = {}
        self._repairing = asyncio.Lock()
        self._on_wipe: list[Callable[[], None]] = []
        self._background: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(cls, config: BusConfig) -> "Bus":
        """Connect, waiting for the server as long as it takes, and make the streams that are missing."""
        client = Client()
        bus = cls(client, config)
        await client.connect(
            config.url,
            name=config.service,
            user=config.user or None,
            password=config.password or None,
            inbox_prefix=inbox_prefix(config.service).encode(),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=CONNECT_WAIT,  # type: ignore[arg-type]  # it is only slept for
            pending_size=PENDING_BYTES,
            ping_interval=10,
            max_outstanding_pings=2,
            reconnected_cb=bus._after_reconnect,
            disconnected_cb=bus._after_disconnect,
            error_cb=bus._after_error,
        )
        await bus.repair()
        return bus

    async def close(self) -> None:
        """Send what is pending and disconnect."""
        for task in self._background:
            task.cancel()
        with contextlib.suppress(nats.errors.Error, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(1):
                await cancellable(self._client.flush())
        await self._client.close()

    @property
    def is_connected(self) -> bool:
        """Whether the server is reachable at this moment."""
        return self._client.is_connected

    def on_wipe(self, callback: Callable[[], None]) -> None:
        """Call back when the server came back without its streams: whoever keeps state there rebuilds it."""
        self._on_wipe.append(callback)

    async def repair(self) -> None:
        """Make every missing stream and bucket; tell of a wipe when one is younger than the one known."""
        async with self._repairing:
            births = {}
            for stream in STREAMS:
                births[stream.name] = await cancellable(ensure_stream(self._jetstream, stream))
            for bucket in buckets_of(grant_of(self._config.service)):
                births[bucket] = await cancellable(ensure_bucket(self._jetstream, bucket))
            wiped = bool(self._births) and births != self._births
            self._births = births
        if wiped:
            log.warning("bus.wiped", detail="streams were made anew; state in buckets is rebuilt")
            for callback in self._on_wipe:
                callback()

    async def publish(self, subject: str, event: Event, *, message_id: str = "") -> None:
        """Publish an event and wait until its stream has it.

        Raises:
            BusUnavailableError: not confirmed after PUBLISH_ATTEMPTS attempts.
        """
        headers = {trace.HEADER: trace.current().header}
        if message_id:
            headers["Nats-Msg-Id"] = message_id
        payload = encode(event)
        for attempt in range(PUBLISH_ATTEMPTS):
            try:
                await cancellable(
                    self._jetstream.publish(subject, payload, timeout=PUBLISH_TIMEOUT, headers=headers)
                )
            except nats.js.errors.NoStreamResponseError:
                await self._repair_quietly()
            except (nats.errors.Error, TimeoutError, OSError) as error:
                log.debug("bus.publish.retried", subject=subject, attempt=attempt, error=str(error))
                await asyncio.sleep(CONNECT_WAIT * (attempt + 1))
            else:
                return
        raise BusUnavailableError(f"NATS did not confirm a message on {subject}")

    async def tell(self, publication: Publication) -> None:
        """Publish a public event without waiting: it leaves before whatever this connection sends next."""
        try:
            await cancellable(
                self._client.publish(
                    publication.subject,
                    publication.payload,
                    headers={
                        "Nats-Msg-Id": publication.event.id,
                        trace.HEADER: publication.event.traceparent,
                    },
                )
            )
        except nats.errors.Error as error:
            log.warning("bus.public_event.dropped", subject=publication.subject, error=str(error))

    async def consume(
        self,
        consumer: Consumer,
        handler: Callable[[consuming.Message], Awaitable[None]],
        *,
        concurrency: int = 16,
    ) -> None:
        """Handle the messages of a durable consumer for ever; see `consume.run`."""
        await consuming.run(self, consumer, handler, concurrency=concurrency)

    async def request(self, subject: str, payload: bytes, *, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask whoever serves a subject.

        Raises:
            NoResponderError: nobody serves it.
            BusUnavailableError: no answer within `timeout` seconds.
            RemoteError: the answer is a refusal.
        """
        try:
            reply = await cancellable(
                self._client.request(
                    subject, payload, timeout=timeout, headers={trace.HEADER: trace.current().header}
                )
            )
        except nats.errors.NoRespondersError as error:
            raise NoResponderError(f"nobody answers {subject}") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise BusUnavailableError(f"no answer on {subject} within {timeout} s") from error
        code = (reply.headers or {}).get(ERROR_HEADER)
        if code:
            raise RemoteError(code, reply.data.decode(errors="replace"))
        return bytes(reply.data)

    async def serve(
        self, subject: str, handler: Callable[[str, bytes], Awaitable[bytes]], *, queue: str = ""
    ) -> None:
        """Answer requests on a subject; each runs in its own task, replicas with one `queue` share them.

        The handler raises `RemoteError` to refuse.
        """

        async def answer(message: Msg) -> None:
            with trace.following(trace.Trace.parse((message.headers or {}).get(trace.HEADER))):
                code, body = await _answered(handler, message)
            with contextlib.suppress(nats.errors.Error):
                await self._client.publish(
                    message.reply, body, headers={ERROR_HEADER: code} if code else None
                )

        async def accept(message: Msg) -> None:
            task = asyncio.create_task(answer(message))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

        await self._client.subscribe(subject, queue=queue, cb=accept)

    def key_value(self, bucket: str) -> KeyValue:
        """A bucket of the topology."""
        return KeyValue(self, bucket)

    @property
    def client(self) -> Client:
        """The underlying connection, for this package only."""
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """The underlying JetStream context, for this package only."""
        return self._jetstream

    async def next_reconnect(self) -> None:
        """Return when the connection has been made again."""
        await self._reconnected.wait()

    async def _repair_quietly(self) -> None:
        try:
            await self.repair()
        except (nats.errors.Error, TimeoutError) as error:
            log.warning("bus.repair.failed", error=str(error))
            await asyncio.sleep(CONNECT_WAIT)

    async def _after_reconnect(self) -> None:
        log.info("bus.reconnected", url=self._config.url)
        await self._repair_quietly()
        before, self._reconnected = self._reconnected, asyncio.Event()
        before.set()

    async def _after_disconnect(self) -> None:
        log.warning("bus.disconnected", url=self._config.url)

    async def _after_error(self, error: Exception) -> None:
        log.debug("bus.error", error=str(error) or type(error).__name__)


async def _answered(handler: Callable[[str, bytes], Awaitable[bytes]], message: Msg) -> tuple[str, bytes]:
    try:
        return "", await handler(message.subject, bytes(message.data))
    except RemoteError as error:
        return error.code, str(error).encode()
    except SchemaError as error:
        return "InvalidArgument", str(error).encode()
    except Exception as error:
        log.exception("bus.request.failed", subject=message.subject)
        return "Internal", f"{type(error).__name__} while answering {message.subject}".encode()
