"""Questions and answers between services; a refusal travels as a code in a header."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import nats.errors
import structlog
from nats.aio.msg import Msg

from fairlead.bus.calls import cancellable, until_known
from fairlead.bus.connection import Connection
from fairlead.bus.errors import BusUnavailableError, NoResponderError, NotOursError, RemoteError
from fairlead.events import trace
from fairlead.events.envelope import SchemaError

log = structlog.get_logger(__name__)

ERROR_HEADER = "Fairlead-Error"
FLUSH_SECONDS = 2
"""How long a subscription may take to reach the server; when it is away, a reconnection subscribes again."""
MAX_SERVED = 512
"""Requests of one subscription that are answered at once; whoever asks beyond is told to ask again."""

Handler = Callable[[str, bytes], Awaitable[bytes]]
"""Answers a request from its subject and payload."""


async def request(connection: Connection, subject: str, payload: bytes, *, seconds: float) -> bytes:
    """Ask whoever serves a subject. Raises NoResponderError, BusUnavailableError, RemoteError."""
    headers = {trace.HEADER: trace.current().header}
    try:
        reply = await cancellable(
            connection.client.request(subject, payload, timeout=seconds, headers=headers)
        )
    except nats.errors.NoRespondersError as error:
        raise NoResponderError(f"nobody answers {subject}") from error
    except (nats.errors.Error, TimeoutError) as error:
        raise BusUnavailableError(f"no answer on {subject} within {seconds} s") from error
    code = (reply.headers or {}).get(ERROR_HEADER)
    if code:
        raise RemoteError(code, reply.data.decode(errors="replace"))
    return bytes(reply.data)


async def serve(connection: Connection, subject: str, handler: Handler, *, queue: str) -> None:
    """Answer requests on a subject; each runs in its own task, replicas with one `queue` share them.

    Returns once the server knows of it, so that who is told of us finds us.
    """

    async def answer(message: Msg) -> None:
        with trace.following(trace.Trace.parse((message.headers or {}).get(trace.HEADER))):
            try:
                code, body = await _answered(handler, message)
            except NotOursError:
                return
        with contextlib.suppress(nats.errors.Error):
            await connection.client.publish(
                message.reply, body, headers={ERROR_HEADER: code} if code else None
            )

    under_way = 0

    def ended(_: object) -> None:
        nonlocal under_way
        under_way -= 1

    async def accept(message: Msg) -> None:
        nonlocal under_way
        if under_way >= MAX_SERVED:
            log.warning("bus.request.too_many", subject=message.subject, served=under_way)
            text = f"{under_way} requests are being answered already; ask again"
            with contextlib.suppress(nats.errors.Error):
                await connection.client.publish(
                    message.reply, text.encode(), headers={ERROR_HEADER: "Unavailable"}
                )
            return
        under_way += 1
        task = asyncio.create_task(answer(message))
        task.add_done_callback(ended)
        connection.own(task)

    await connection.client.subscribe(subject, queue=queue, cb=accept)
    with contextlib.suppress(nats.errors.Error):
        await until_known(connection.client, FLUSH_SECONDS)


async def _answered(handler: Handler, message: Msg) -> tuple[str, bytes]:
    try:
        return "", await handler(message.subject, bytes(message.data))
    except RemoteError as error:
        return error.code, str(error).encode()
    except SchemaError as error:
        return "InvalidArgument", str(error).encode()
    except NotOursError:
        raise
    except Exception as error:
        log.exception("bus.request.failed", subject=message.subject)
        return "Internal", f"{type(error).__name__} while answering {message.subject}".encode()
