"""Sending events: those that must arrive, and those that are only told."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Iterator

import nats.errors
import nats.js.errors
import structlog

from fairlead.bus.calls import cancellable
from fairlead.bus.connection import ANSWER_TIMEOUT, CONNECT_WAIT, Connection
from fairlead.bus.errors import BusUnavailableError
from fairlead.events import trace
from fairlead.events.envelope import Event, encode
from fairlead.events.public import Publication

log = structlog.get_logger(__name__)

ATTEMPTS = 6
"""How often an event is sent at least before its stream counts as away."""
ELECTION = 12.0
"""Seconds for which it is sent again at least: a cluster that lost a server takes up to nine to elect."""
LONGEST_WAIT = 1.0
"""Seconds between two attempts at most."""
TIMEOUT = ANSWER_TIMEOUT
"""Seconds to wait for the stream's confirmation of one attempt."""


async def publish(connection: Connection, subject: str, event: Event, *, message_id: str) -> int:
    """Send an event and wait until its stream has it, at the position returned; sent again, it is kept once.

    Raises:
        BusUnavailableError: not confirmed after ATTEMPTS attempts and ELECTION seconds.
    """
    headers = {
        trace.HEADER: trace.current().header,
        "Nats-Msg-Id": message_id or secrets.token_hex(12),
    }
    payload = encode(event)
    for attempt in attempts(ATTEMPTS, ELECTION):
        try:
            acknowledged = await cancellable(
                connection.jetstream.publish(subject, payload, timeout=TIMEOUT, headers=headers)
            )
        except nats.js.errors.NoStreamResponseError:
            await connection.repair_quietly()
            await asyncio.sleep(min(CONNECT_WAIT * attempt, LONGEST_WAIT))
        except (nats.errors.Error, TimeoutError, OSError) as error:
            log.debug("bus.publish.retried", subject=subject, attempt=attempt, error=str(error))
            await asyncio.sleep(min(CONNECT_WAIT * (attempt + 1), LONGEST_WAIT))
        else:
            return acknowledged.seq
    raise BusUnavailableError(f"NATS did not confirm a message on {subject}")


def attempts(number: int, seconds: float) -> Iterator[int]:
    """0, 1, 2 … until so many were made and so many seconds are over."""
    end = time.monotonic() + seconds
    for attempt in itertools.count():
        if attempt >= number and time.monotonic() > end:
            return
        yield attempt


async def tell(connection: Connection, publication: Publication) -> None:
    """Send a public event without waiting for its stream."""
    headers = {"Nats-Msg-Id": publication.event.id, trace.HEADER: publication.event.traceparent}
    try:
        await cancellable(
            connection.client.publish(publication.subject, publication.payload, headers=headers)
        )
    except nats.errors.Error as error:
        log.warning("bus.public_event.dropped", subject=publication.subject, error=str(error))
