"""Handling the messages of a durable consumer, for ever.

A standing pull request keeps latency at one hop; heartbeats show a dead consumer; a reconnection starts over.
It asks for as many messages as there are free places: what is pulled is handled at once and kept alive until
it is done; what has no place stays at the server, where another replica may take it.
A consumer that the stream's owner makes is waited for. In a cluster, whose servers may go, a consumer that
gets another leader is asked again: what the one before was asked is lost with it.
What is given up half done, at an end or a hand-over, is given back at once.
What a handler raises decides: nothing = done, `RetryLaterError` = again later, `SchemaError` = never,
anything else = again with back-off until the consumer's `max_deliver`.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.aio.msg import Msg

from fairlead.bus.calls import cancellable
from fairlead.bus.connection import Connection
from fairlead.bus.permissions import LEADER_ELECTED
from fairlead.bus.streams import ensure_consumer
from fairlead.bus.topology import Consumer
from fairlead.events import trace
from fairlead.events.envelope import Event, SchemaError, decode

log = structlog.get_logger(__name__)

EXPIRES = 10.0
"""Seconds for which messages may be pushed to one who does not live any more, but whose connection does."""
HEARTBEAT = 5.0
SILENCE = 2.5 * HEARTBEAT
"""Seconds without message or heartbeat after which the consumer is taken for dead."""
LAST_LOOK = 0.5
"""Seconds in which a loop that was held up finds what came meanwhile."""
_NANOSECONDS = 1_000_000_000
_HEARTBEAT_STATUS = "100"
_RECREATE = {"503", "404"}

E = TypeVar("E", bound=Event)


class RetryLaterError(Exception):
    """Raised by a handler: put the message back and deliver it again after `delay` seconds."""

    def __init__(self, delay: float, reason: str = "") -> None:
        super().__init__(reason)
        self.delay = delay


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery. `attempt` starts at 1."""

    subject: str
    payload: bytes
    attempt: int = 1

    def event(self, kind: type[E]) -> E:
        """The typed event; raises SchemaError."""
        return decode(kind, self.payload)


async def run(
    connection: Connection,
    consumer: Consumer,
    handler: Callable[[Message], Awaitable[None]],
    *,
    concurrency: int,
) -> None:
    """Consume until cancelled. At most `concurrency` handlers run, and messages are in memory, at once."""
    while True:
        pull = asyncio.ensure_future(_pull(connection, consumer, handler, concurrency))
        reconnect = asyncio.ensure_future(connection.next_reconnect())
        try:
            await asyncio.wait({pull, reconnect}, return_when=asyncio.FIRST_COMPLETED)
            if pull.done():
                await pull
        except (nats.errors.Error, TimeoutError, OSError) as error:
            log.debug(
                "bus.consumer.restarted", consumer=consumer.name, stream=consumer.stream, error=str(error)
            )
            await asyncio.sleep(0.2)
            if isinstance(error, nats.js.errors.NotFoundError) and connection.is_connected:
                with contextlib.suppress(nats.errors.Error, TimeoutError):
                    await connection.repair()
        finally:
            for task in (pull, reconnect):
                task.cancel()
            await asyncio.gather(pull, reconnect, return_exceptions=True)


async def _pull(
    connection: Connection,
    consumer: Consumer,
    handler: Callable[[Message], Awaitable[None]],
    concurrency: int,
) -> None:
    if consumer not in connection.grant.use:
        await cancellable(ensure_consumer(connection.jetstream, consumer))
    inbox = connection.client.new_inbox()
    arrived: asyncio.Queue[Msg] = asyncio.Queue()
    subscription = await connection.client.subscribe(inbox, cb=arrived.put)
    elected = f"{LEADER_ELECTED}.{consumer.stream}.{consumer.name}"
    elections = await connection.client.subscribe(elected, cb=arrived.put)
    places = _Places(concurrency)
    try:
        async with asyncio.TaskGroup() as group:
            while True:
                await places.wait_free()
                outstanding = places.free
                await _ask(connection, consumer, inbox, outstanding)
                while outstanding:
                    message = await _next(arrived)
                    if message.subject == elected:
                        break
                    status = _status(message)
                    if status == _HEARTBEAT_STATUS:
                        continue
                    if status in _RECREATE:
                        raise nats.js.errors.NotFoundError(description=f"consumer {consumer.name} is gone")
                    if status:
                        break
                    outstanding -= 1
                    places.take()
                    group.create_task(_handle(message, handler, places, consumer))
    except BaseExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error
    finally:
        for heard in (subscription, elections):
            with contextlib.suppress(nats.errors.Error):
                await heard.unsubscribe()


class _Places:
    """Room for handlers: who takes a place was asked for by one who saw it free.

    Who asks again after an election may have two questions answered, and fewer than no places for a while.
    """

    def __init__(self, number: int) -> None:
        self.free = number
        self._freed = asyncio.Event()
        self._freed.set()

    async def wait_free(self) -> None:
        """Return once a place is free."""
        await self._freed.wait()

    def take(self) -> None:
        self.free -= 1
        if self.free <= 0:
            self._freed.clear()

    def give_back(self) -> None:
        self.free += 1
        if self.free > 0:
            self._freed.set()


async def _next(arrived: asyncio.Queue[Msg]) -> Msg:
    """What comes next; after silence one more look, as it may be our own loop that was held up.

    The connection's reader has its turn first, as what came meanwhile waits in the socket.
    """
    try:
        async with asyncio.timeout(SILENCE):
            return await arrived.get()
    except TimeoutError:
        pass
    try:
        async with asyncio.timeout(LAST_LOOK):
            return await arrived.get()
    except TimeoutError as error:
        raise TimeoutError("no heartbeat from the consumer") from error


async def _ask(connection: Connection, consumer: Consumer, inbox: str, number: int) -> None:
    body = {
        "batch": number,
        "expires": int(EXPIRES * _NANOSECONDS),
        "idle_heartbeat": int(HEARTBEAT * _NANOSECONDS),
    }
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.name}"
    await cancellable(connection.client.publish(subject, msgspec.json.encode(body), reply=inbox))


def _status(message: Msg) -> str:
    if message.headers is None or message.reply.startswith("$JS.ACK"):
        return ""
    return message.headers.get("Status", "")


async def _handle(
    message: Msg, handler: Callable[[Message], Awaitable[None]], places: _Places, consumer: Consumer
) -> None:
    keep_alive = asyncio.create_task(_keep_alive(message, consumer.ack_wait / 3))
    try:
        delivery = Message(
            subject=message.subject, payload=bytes(message.data), attempt=message.metadata.num_delivered
        )
        with trace.following(trace.Trace.parse((message.headers or {}).get(trace.HEADER))):
            await _outcome(message, handler, delivery)
    except nats.errors.Error as error:
        log.debug("bus.ack.failed", subject=message.subject, error=str(error))
    except asyncio.CancelledError:
        with contextlib.suppress(nats.errors.Error):
            await message.nak()
        raise
    finally:
        keep_alive.cancel()
        places.give_back()


async def _outcome(message: Msg, handler: Callable[[Message], Awaitable[None]], delivery: Message) -> None:
    try:
        await handler(delivery)
    except RetryLaterError as later:
        await message.nak(delay=later.delay)
    except SchemaError as error:
        log.warning("bus.message.refused", subject=message.subject, error=str(error))
        await message.term()
    except Exception:
        log.exception("bus.handler.failed", subject=message.subject, attempt=delivery.attempt)
        await message.nak(delay=min(0.5 * 2**delivery.attempt, 30.0))
    else:
        await message.ack()


async def _keep_alive(message: Msg, interval: float) -> None:
    while True:
        await asyncio.sleep(interval)
        with contextlib.suppress(nats.errors.Error):
            await cancellable(message.in_progress())
