"""A bucket: the newest value per key, readable by name and watchable."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import nats.errors
import nats.js.errors
import structlog

from fairlead.bus.calls import cancellable
from fairlead.bus.connection import Connection
from fairlead.bus.errors import BusUnavailableError, StaleRevisionError
from fairlead.bus.publish import ELECTION, LONGEST_WAIT
from fairlead.bus.publish import attempts as repeated
from fairlead.bus.read import Reader, Stored
from fairlead.bus.topology import bucket_of

log = structlog.get_logger(__name__)

ATTEMPTS = 6
"""How often something is read or written at least; while a leader may be elected, as often as it takes."""

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_WRONG_REVISION = 10071
_GONE = frozenset({"DEL", "PURGE"})
_PURGE = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A key's value at a revision; `value` is None when the key was deleted.

    `key` is "" in the one entry that says that all present keys have been delivered.
    """

    key: str
    value: bytes | None
    revision: int


READY = Entry(key="", value=None, revision=0)


class KeyValue:
    """Access to one bucket."""

    def __init__(self, connection: Connection, bucket: str) -> None:
        self._connection = connection
        self._bucket = bucket_of(bucket)
        self._prefix = self._bucket.subject.removesuffix(">")
        self._seal = connection.seal if self._bucket.is_sealed else None

    async def get(self, key: str) -> Entry | None:
        """The key's entry, None when there is none to be believed: a deleted key has one without value.

        Raises BusUnavailableError.
        """
        reader = Reader(self._connection, self._bucket.stream, self._prefix + key)
        for attempt in repeated(ATTEMPTS, ELECTION):
            try:
                found = await reader.last()
            except (nats.errors.Error, TimeoutError) as error:
                await self._mend(error, attempt)
            else:
                return self._entry(found) if found else None
        raise BusUnavailableError(f"bucket {self._bucket.name}: {key} could not be read")

    async def all(self) -> list[Entry]:
        """Every key's entry as it is now, deleted ones included. Raises BusUnavailableError."""
        reader = Reader(self._connection, self._bucket.stream, self._bucket.subject)
        try:
            held = [stored async for stored in reader.held()]
        except (nats.errors.Error, TimeoutError) as error:
            raise BusUnavailableError(f"bucket {self._bucket.name} could not be read: {error}") from error
        return [entry for stored in held if (entry := self._entry(stored)) is not None]

    async def put(
        self, key: str, value: bytes, *, expected: int | None = None, attempts: int = ATTEMPTS
    ) -> int:
        """Set the key; returns its revision. With `expected`, only while that is its revision (0: no entry).

        Raises:
            BusUnavailableError: the bucket did not confirm it.
            StaleRevisionError: the key has another revision than expected.
        """
        headers = None if expected is None else {_EXPECTED: str(expected)}
        sealed = self._seal.seal(self._prefix + key, value) if self._seal else value
        return await self._send(key, sealed, headers, "written", attempts)

    async def delete(self, key: str) -> None:
        """Remove the key; one that is missing is fine. Raises BusUnavailableError."""
        await self._send(key, b"", _PURGE, "deleted", ATTEMPTS)

    async def watch(self) -> AsyncIterator[Entry]:
        """Every present entry, then `READY`, then each change; all anew after a reconnection."""
        while True:
            lost = asyncio.ensure_future(self._connection.next_reconnect())
            try:
                reader = Reader(self._connection, self._bucket.stream, self._bucket.subject)
                async for stored in reader.held():
                    if entry := self._entry(stored):
                        yield entry
                yield READY
                async for stored in reader.arrivals(lost):
                    if entry := self._entry(stored):
                        yield entry
            except (nats.errors.Error, TimeoutError) as error:
                log.debug("bus.bucket.watch_restarted", bucket=self._bucket.name, error=str(error))
                await asyncio.sleep(0.2)
            finally:
                lost.cancel()

    async def _send(
        self, key: str, value: bytes, headers: dict[str, str] | None, done: str, attempts: int
    ) -> int:
        for attempt in repeated(attempts, ELECTION if attempts >= ATTEMPTS else 0.0):
            try:
                confirmed = await cancellable(
                    self._connection.jetstream.publish(self._prefix + key, value, headers=headers)
                )
            except nats.js.errors.APIError as error:
                if error.err_code == _WRONG_REVISION:
                    raise StaleRevisionError(f"bucket {self._bucket.name}: {key} was changed") from error
                await self._mend(error, attempt)
            except (nats.errors.Error, TimeoutError) as error:
                await self._mend(error, attempt)
            else:
                return confirmed.seq
        raise BusUnavailableError(f"bucket {self._bucket.name}: {key} could not be {done}")

    def _entry(self, stored: Stored) -> Entry | None:
        """What is stored; None for what was not sealed for its key with our secret."""
        key = stored.subject.removeprefix(self._prefix)
        if stored.operation in _GONE:
            return Entry(key=key, value=None, revision=stored.sequence)
        value = self._seal.open(stored.subject, stored.payload) if self._seal else stored.payload
        if value is None:
            log.error("bus.bucket.entry_refused", bucket=self._bucket.name, key=key, security=3)
            return None
        return Entry(key=key, value=value, revision=stored.sequence)

    async def _mend(self, error: Exception, attempt: int) -> None:
        log.debug("bus.bucket.retried", bucket=self._bucket.name, attempt=attempt, error=str(error))
        if isinstance(error, nats.js.errors.NotFoundError | nats.js.errors.NoStreamResponseError):
            with contextlib.suppress(nats.errors.Error, TimeoutError):
                await self._connection.repair()
        await asyncio.sleep(min(0.2 * (attempt + 1), LONGEST_WAIT))
