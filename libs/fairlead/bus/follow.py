"""Reading the public stream in order, as a spectator: nothing is acknowledged, nothing kept on the server.

After a reconnection, or when the server forgot the reader, reading goes on behind the last event seen; events
that the stream no longer holds are skipped.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncGenerator
from datetime import datetime

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api

from fairlead.bus.calls import cancellable
from fairlead.bus.connection import Connection
from fairlead.bus.errors import BusUnavailableError
from fairlead.bus.topology import EVENTS

log = structlog.get_logger(__name__)

SILENCE = 15.0
"""Seconds without an event after which the reader asks whether it is still known to the server."""
PAUSE = 0.5
"""Seconds before reading is begun again."""
PENDING = 4096
"""Events that may wait here to be read."""


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `remaining` is how many the stream already holds behind it."""

    subject: str
    payload: bytes
    sequence: int
    remaining: int


async def follow(
    connection: Connection, subject: str, *, since: datetime | None = None
) -> AsyncGenerator[Followed, None]:
    """Events of a subject of the public stream, for ever, from now or from `since` (with a time zone)."""
    start = _from_now() if since is None else _from_time(since)
    while True:
        try:
            async for followed in _until_lost(connection, subject, start):
                start = _from_sequence(followed.sequence + 1)
                yield followed
        except (nats.errors.Error, TimeoutError, OSError) as error:
            log.debug("bus.follow.restarted", subject=subject, error=str(error))
        await asyncio.sleep(PAUSE)


async def held(connection: Connection, subject: str, *, since: datetime) -> AsyncGenerator[Followed, None]:
    """Events that the stream holds now, from `since` on; ends behind the last.

    Raises BusUnavailableError when the server does not answer.
    """
    try:
        subscription = await _subscribe(connection, subject, _from_time(since))
        try:
            about = await cancellable(subscription.consumer_info())
            delivered = about.delivered.consumer_seq if about.delivered is not None else 0
            waiting = delivered + (about.num_pending or 0)
            while waiting:
                followed = _read(await cancellable(subscription.next_msg(timeout=SILENCE)))
                yield followed
                waiting = followed.remaining
        finally:
            await _end(subscription)
    except (nats.errors.Error, TimeoutError) as error:
        raise BusUnavailableError("NATS does not hand out the public events") from error


async def _until_lost(
    connection: Connection, subject: str, start: api.ConsumerConfig
) -> AsyncGenerator[Followed, None]:
    subscription = await _subscribe(connection, subject, start)
    lost = asyncio.ensure_future(connection.next_reconnect())
    try:
        while not lost.done():
            try:
                message = await cancellable(subscription.next_msg(timeout=SILENCE))
            except nats.errors.TimeoutError:
                await cancellable(subscription.consumer_info())
                continue
            yield _read(message)
    finally:
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)
        await _end(subscription)


async def _subscribe(
    connection: Connection, subject: str, start: api.ConsumerConfig
) -> JetStreamContext.PushSubscription:
    return await cancellable(
        connection.jetstream.subscribe(
            subject,
            stream=EVENTS.name,
            config=dataclasses.replace(start),
            ordered_consumer=True,
            pending_msgs_limit=PENDING,
        )
    )


async def _end(subscription: JetStreamContext.PushSubscription) -> None:
    with contextlib.suppress(nats.errors.Error, TimeoutError):
        await subscription.unsubscribe()


def _read(message: Msg) -> Followed:
    about = message.metadata
    return Followed(
        subject=message.subject,
        payload=bytes(message.data),
        sequence=about.sequence.stream,
        remaining=about.num_pending or 0,
    )


def _from_now() -> api.ConsumerConfig:
    return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.NEW)


def _from_sequence(sequence: int) -> api.ConsumerConfig:
    return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=sequence)


def _from_time(moment: datetime) -> api.ConsumerConfig:
    return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.BY_START_TIME, opt_start_time=moment)
