"""Questions and answers between services; a refusal travels as a code in a header.

Who works on an answer says so while it does. So one who asks knows within seconds that nobody does any more,
and asks again: whoever serves the subject by then answers.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from fairlead.bus.calls import cancellable, until_known
from fairlead.bus.connection import Connection
from fairlead.bus.consume import Message
from fairlead.bus.errors import BusUnavailableError, NoResponderError, NotOursError, RemoteError
from fairlead.events import trace
from fairlead.events.envelope import SchemaError

log = structlog.get_logger(__name__)

ERROR_HEADER = "Fairlead-Error"
WORKING_HEADER = "Fairlead-Working"
WORKING_EVERY = 1.0
"""Seconds between two signs of one who works on an answer."""
SILENCE = 6.0
"""Seconds without answer or sign after which nobody works on it; a loop may be blocked for some."""
LOOK_AGAIN = 0.1
"""Seconds after which a subject that nobody served is tried again."""
FLUSH_SECONDS = 2
"""How long a subscription may take to reach the server; when it is away, a reconnection subscribes again."""
MAX_SERVED = 512
"""Requests of one subscription that are answered at once; whoever asks beyond is told to ask again."""

_STATUS, _NOBODY = "Status", "503"

Handler = Callable[[str, bytes], Awaitable[bytes]]
"""Answers a request from its subject and payload."""


async def request(
    connection: Connection, subject: str, payload: bytes, *, seconds: float, patience: float
) -> bytes:
    """Ask whoever serves a subject, for `seconds`. Raises NoResponderError, BusUnavailableError, RemoteError.

    With `patience` the subject's server may change: nobody is waited for so many seconds, and who fell
    silent is not waited for at all, but the next one asked.
    """
    deadline, nobody_until = time.monotonic() + seconds, time.monotonic() + patience
    while True:
        try:
            return await _asked(connection, subject, payload, deadline, SILENCE if patience else seconds)
        except NoResponderError:
            if time.monotonic() > min(nobody_until, deadline):
                raise
            await asyncio.sleep(LOOK_AGAIN)
        except _SilenceError as error:
            left = deadline - time.monotonic()
            if left <= 0 or not patience:
                raise BusUnavailableError(f"no answer on {subject} within {seconds} s") from error
            log.info("bus.request.repeated", subject=subject, left=round(left, 1))


class _SilenceError(Exception):
    """Neither an answer nor a sign of one."""


async def _asked(
    connection: Connection, subject: str, payload: bytes, deadline: float, silence: float
) -> bytes:
    client = connection.client
    arrived: asyncio.Queue[Msg] = asyncio.Queue()
    inbox = client.new_inbox()
    headers = {trace.HEADER: trace.current().header}
    try:
        subscription = await client.subscribe(inbox, cb=arrived.put)
        try:
            await cancellable(client.publish(subject, payload, reply=inbox, headers=headers))
            reply = await _reply(arrived, deadline, silence)
        finally:
            await subscription.unsubscribe()
    except nats.errors.Error as error:
        raise BusUnavailableError(f"no answer on {subject}: {error}") from error
    told = reply.headers or {}
    if told.get(_STATUS) == _NOBODY:
        raise NoResponderError(f"nobody answers {subject}")
    if code := told.get(ERROR_HEADER):
        raise RemoteError(code, reply.data.decode(errors="replace"))
    return bytes(reply.data)


async def _reply(arrived: asyncio.Queue[Msg], deadline: float, silence: float) -> Msg:
    while True:
        try:
            async with asyncio.timeout(max(0.0, min(silence, deadline - time.monotonic()))):
                message = await arrived.get()
        except TimeoutError as error:
            raise _SilenceError from error
        if WORKING_HEADER not in (message.headers or {}):
            return message


class Serving:
    """A subject that is being answered."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def end(self) -> None:
        """Take no more requests; those under way are answered."""
        with contextlib.suppress(nats.errors.Error):
            await self._subscription.unsubscribe()


async def serve(connection: Connection, subject: str, handler: Handler, *, queue: str) -> Serving:
    """Answer requests on a subject; each runs in its own task, replicas with one `queue` share them.

    Returns once the server knows of it, so that who is told of us finds us.
    """

    async def answer(message: Msg) -> None:
        working = asyncio.create_task(_show_work(connection, message))
        with trace.following(trace.Trace.parse((message.headers or {}).get(trace.HEADER))):
            try:
                code, body = await _answered(handler, message)
            except NotOursError:
                return
            finally:
                working.cancel()
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

    serving = Serving(await connection.client.subscribe(subject, queue=queue, cb=accept))
    try:
        with contextlib.suppress(nats.errors.Error):
            await until_known(connection.client, FLUSH_SECONDS)
    except BaseException:
        await serving.end()
        raise
    return serving


async def hear(connection: Connection, subject: str, handler: Callable[[Message], Awaitable[None]]) -> None:
    """Hand every message of a subject over as it comes, to one handler at a time."""

    async def take(message: Msg) -> None:
        with trace.following(trace.Trace.parse((message.headers or {}).get(trace.HEADER))):
            try:
                await handler(Message(subject=message.subject, payload=bytes(message.data)))
            except Exception:
                log.exception("bus.hearing.failed", subject=message.subject)

    await connection.client.subscribe(subject, cb=take)


async def _show_work(connection: Connection, message: Msg) -> None:
    while True:
        await asyncio.sleep(WORKING_EVERY)
        with contextlib.suppress(nats.errors.Error):
            await cancellable(connection.client.publish(message.reply, b"", headers={WORKING_HEADER: "1"}))


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
