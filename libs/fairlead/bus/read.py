"""Reading what a stream holds by its positions. Nothing is made on the server: who may read may only read.

A subscription to the subjects rings when something new came; what came is then read from the stream. A ring
that was missed is made good by the next one, or by a look every `LOOK_EVERY` seconds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import nats.errors
import nats.js.errors
from nats.aio.msg import Msg

from fairlead.bus.calls import cancellable
from fairlead.bus.connection import ANSWER_TIMEOUT, Connection
from fairlead.bus.errors import BusUnavailableError
from fairlead.bus.permissions import DIRECT_GET

BATCH = 256
"""Messages asked for at once."""
BATCH_BYTES = 16 << 20
"""Bytes asked for at once."""
LOOK_EVERY = 10.0
"""Seconds after which is looked for something new although nothing rang."""
STORING = (0.0, 0.005, 0.02, 0.1, 0.5)
"""Seconds before the looks after a ring: the message may be a moment later in the stream than on the wire."""

_STATUS, _SUBJECT, _SEQUENCE = "Status", "Nats-Subject", "Nats-Sequence"
_PENDING, _OPERATION = "Nats-Num-Pending", "KV-Operation"
_END, _NOTHING, _NOBODY = "204", "404", "503"


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a stream; `remaining` more that fit were there behind it when it was read."""

    subject: str
    payload: bytes
    sequence: int
    remaining: int
    operation: str = ""


class Reader:
    """Reads the messages of one stream under a subject, in order, once each."""

    def __init__(self, connection: Connection, stream: str, subject: str) -> None:
        self.position = 1
        """Where reading goes on."""
        self.since: datetime | None = None
        """When set, reading begins at this moment, whatever `position` says."""
        self._connection = connection
        self._stream = stream
        self._subject = subject

    async def held(self) -> AsyncIterator[Stored]:
        """What the stream holds from the position on, to its end as it is when reached.

        Raises:
            nats.errors.Error, TimeoutError: the stream is not there or does not answer.
        """
        while batch := await self.batch():
            for stored in batch:
                self.position, self.since = stored.sequence + 1, None
                yield stored
            if not batch[-1].remaining:
                return

    async def at(self, position: int) -> Stored | None:
        """The message at a position, whatever its subject; None when there is none. Raises as `held` does."""
        return await self._one({"seq": position})

    async def last(self) -> Stored | None:
        """The newest message under the subject. Raises as `held` does."""
        return await self._one({"last_by_subj": self._subject})

    async def first(self) -> Stored | None:
        """The oldest message under the subject. Raises as `held` does."""
        return await self._one({"seq": 1, "next_by_subj": self._subject})

    async def arrivals(self, lost: "asyncio.Future[None]") -> AsyncIterator[Stored]:
        """What comes from the position on, until `lost` is done."""
        bell = asyncio.Event()

        async def ring(_: Msg) -> None:
            bell.set()

        subscription = await self._connection.client.subscribe(self._subject, cb=ring)
        try:
            rang = False
            while not lost.done():
                bell.clear()
                for pause in STORING if rang else STORING[:1]:
                    await asyncio.sleep(pause)
                    before = self.position
                    async for stored in self.held():
                        yield stored
                    if self.position != before:
                        break
                rang = await _rung(bell, lost)
        finally:
            with contextlib.suppress(nats.errors.Error):
                await subscription.unsubscribe()

    async def batch(self) -> list[Stored]:
        """The next BATCH messages from the position on, which stays. Raises as `held` does."""
        wanted: dict[str, object] = {
            "batch": BATCH,
            "max_bytes": BATCH_BYTES,
            "next_by_subj": self._subject,
        }
        if self.since is not None:
            wanted["start_time"] = self.since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        else:
            wanted["seq"] = self.position
        return await self._asked(wanted)

    async def _one(self, wanted: dict[str, object]) -> Stored | None:
        subject, client = f"{DIRECT_GET}.{self._stream}", self._connection.client
        question = msgspec.json.encode(wanted)
        try:
            message = await cancellable(client.request(subject, question, timeout=ANSWER_TIMEOUT))
        except nats.errors.NoRespondersError:
            raise self._not_there() from None
        return None if self._is_end(message) else _stored(message)

    async def _asked(self, wanted: dict[str, object]) -> list[Stored]:
        client = self._connection.client
        arrived: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, cb=arrived.put)
        found: list[Stored] = []
        try:
            subject = f"{DIRECT_GET}.{self._stream}"
            await cancellable(client.publish(subject, msgspec.json.encode(wanted), reply=inbox))
            while True:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    message = await arrived.get()
                if self._is_end(message):
                    return found
                found.append(_stored(message))
        finally:
            with contextlib.suppress(nats.errors.Error):
                await subscription.unsubscribe()

    def _is_end(self, message: Msg) -> bool:
        """Whether an answer says that there is no more. Raises as `held` does."""
        status = (message.headers or {}).get(_STATUS, "")
        if status == _NOBODY:
            raise self._not_there()
        if status and status not in {_END, _NOTHING}:
            raise nats.errors.Error(f"stream {self._stream} answers {status}")
        return bool(status)

    def _not_there(self) -> Exception:
        return nats.js.errors.NotFoundError(description=f"stream {self._stream} is not there")


async def newest(connection: Connection, stream: str, subject: str) -> int:
    """Position of the newest message under the subject, 0 when there is none. Raises BusUnavailableError."""
    try:
        last = await Reader(connection, stream, subject).last()
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise BusUnavailableError(f"stream {stream} cannot be read: {error}") from error
    return last.sequence if last is not None else 0


async def _rung(bell: asyncio.Event, lost: "asyncio.Future[None]") -> bool:
    ringing = asyncio.ensure_future(bell.wait())
    either: set[asyncio.Future[Any]] = {ringing, lost}
    try:
        await asyncio.wait(either, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ringing.cancel()
    return bell.is_set()


def _stored(message: Msg) -> Stored:
    headers = message.headers or {}
    return Stored(
        subject=headers.get(_SUBJECT, ""),
        payload=bytes(message.data),
        sequence=int(headers.get(_SEQUENCE, "0")),
        remaining=int(headers.get(_PENDING, "0") or 0),
        operation=headers.get(_OPERATION, ""),
    )
