"""Reading the public stream in order, as a spectator: nothing is acknowledged, nothing kept on the server.

After a reconnection reading goes on behind the last event seen; events that the stream no longer holds are
skipped, and a stream that was made anew is read from its beginning.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import msgspec
import nats.errors
import structlog

from fairlead.bus.connection import Connection
from fairlead.bus.errors import BusUnavailableError
from fairlead.bus.read import Reader, Stored
from fairlead.bus.topology import EVENTS

log = structlog.get_logger(__name__)

PAUSE = 0.5
"""Seconds before reading is begun again."""
_SUBJECT = EVENTS.subjects[0]


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `remaining` is how many the stream already holds behind it."""

    subject: str
    payload: bytes
    sequence: int
    remaining: int


async def follow(
    connection: Connection, subject: str, *, since: datetime | None = None, after: int | None = None
) -> AsyncGenerator[Followed, None]:
    """Events of a subject of the public stream, for ever: from now, from `since` (with a time zone), or
    behind a position."""
    reader = Reader(connection, EVENTS.name, subject)
    begun = since is not None or after is not None
    reader.since = since
    reader.position = 1 if after is None else after + 1
    while True:
        lost = asyncio.ensure_future(connection.next_reconnect())
        try:
            end = await _end(connection)
            if not begun:
                reader.position = end + 1
            elif reader.position > end + 1:
                reader.position = 1
            begun = True
            async for stored in reader.arrivals(lost):
                yield _followed(stored)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            log.debug("bus.follow.restarted", subject=subject, error=str(error))
        finally:
            lost.cancel()
        await asyncio.sleep(PAUSE)


async def held(connection: Connection, subject: str, *, since: datetime) -> AsyncGenerator[Followed, None]:
    """Events that the stream holds now, from `since` on; ends behind the last.

    Raises BusUnavailableError when the server does not answer.
    """
    reader = Reader(connection, EVENTS.name, subject)
    reader.since = since
    try:
        async for stored in reader.held():
            yield _followed(stored)
    except (nats.errors.Error, TimeoutError) as error:
        raise BusUnavailableError("NATS does not hand out the public events") from error


async def past(
    connection: Connection, subject: str, *, after: int = 0, since: datetime | None = None
) -> list[Followed]:
    """The first events, at most a few hundred, that the stream holds behind a position, or from `since` on.

    Raises BusUnavailableError when the server does not answer.
    """
    reader = Reader(connection, EVENTS.name, subject)
    reader.position, reader.since = after + 1, since
    try:
        return [_followed(stored) for stored in await reader.batch()]
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise BusUnavailableError("NATS does not hand out the public events") from error


async def at(connection: Connection, position: int) -> Followed | None:
    """The event at a position, if the stream holds one. Raises BusUnavailableError."""
    try:
        stored = await Reader(connection, EVENTS.name, _SUBJECT).at(position)
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise BusUnavailableError("NATS does not hand out the public events") from error
    return _followed(stored) if stored is not None else None


async def oldest(connection: Connection) -> Followed | None:
    """The oldest event that the stream holds. Raises BusUnavailableError."""
    try:
        stored = await Reader(connection, EVENTS.name, _SUBJECT).first()
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise BusUnavailableError("NATS does not hand out the public events") from error
    return _followed(stored) if stored is not None else None


async def _end(connection: Connection) -> int:
    """Position of the newest event of all."""
    last = await Reader(connection, EVENTS.name, _SUBJECT).last()
    return last.sequence if last else 0


def _followed(stored: Stored) -> Followed:
    return Followed(
        subject=stored.subject,
        payload=stored.payload,
        sequence=stored.sequence,
        remaining=stored.remaining,
    )
