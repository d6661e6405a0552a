"""Sending events: those that must arrive, and those that are only told."""

import asyncio
import secrets

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
"""How often an event is sent before its stream counts as away."""
TIMEOUT = ANSWER_TIMEOUT
"""Seconds to wait for the stream's confirmation of one attempt."""


async def publish(connection: Connection, subject: str, event: Event, *, message_id: str) -> int:
    """Send an event and wait until its stream has it, at the position returned; sent again, it is kept once.

    Raises:
        BusUnavailableError: not confirmed after ATTEMPTS attempts.
    """
    headers = {
        trace.HEADER: trace.current().header,
        "Nats-Msg-Id": message_id or secrets.token_hex(12),
    }
    payload = encode(event)
    for attempt in range(ATTEMPTS):
        try:
            acknowledged = await cancellable(
                connection.jetstream.publish(subject, payload, timeout=TIMEOUT, headers=headers)
            )
        except nats.js.errors.NoStreamResponseError:
            await connection.repair_quietly()
            if connection.is_incomplete:
                await asyncio.sleep(CONNECT_WAIT * (attempt + 1))
        except (nats.errors.Error, TimeoutError, OSError) as error:
            log.debug("bus.publish.retried", subject=subject, attempt=attempt, error=str(error))
            await asyncio.sleep(CONNECT_WAIT * (attempt + 1))
        else:
            return acknowledged.seq
    raise BusUnavailableError(f"NATS did not confirm a message on {subject}")


async def tell(connection: Connection, publication: Publication) -> None:
    """Send a public event without waiting for its stream."""
    headers = {"Nats-Msg-Id": publication.event.id, trace.HEADER: publication.event.traceparent}
    try:
        await cancellable(
            connection.client.publish(publication.subject, publication.payload, headers=headers)
        )
    except nats.errors.Error as error:
        log.warning("bus.public_event.dropped", subject=publication.subject, error=str(error))
