"""A bucket: the newest value per key, readable by name and watchable."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.js.kv import KeyValue as NatsKeyValue

from fairlead.bus.calls import cancellable
from fairlead.bus.connection import Connection
from fairlead.bus.errors import BusUnavailableError

log = structlog.get_logger(__name__)

ATTEMPTS = 6


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
        self._bucket = bucket
        self._bound: NatsKeyValue | None = None

    async def get(self, key: str) -> Entry | None:
        """The key's entry, or None. Raises BusUnavailableError."""
        for attempt in range(ATTEMPTS):
            try:
                entry = await cancellable((await self._bind()).get(key))
            except (nats.js.errors.KeyNotFoundError, nats.js.errors.KeyDeletedError):
                return None
            except (nats.errors.Error, TimeoutError) as error:
                await self._mend(error, attempt)
            else:
                return Entry(key=key, value=entry.value, revision=entry.revision or 0)
        raise BusUnavailableError(f"bucket {self._bucket}: {key} could not be read")

    async def put(self, key: str, value: bytes) -> int:
        """Set the key; returns its revision. Raises BusUnavailableError."""
        for attempt in range(ATTEMPTS):
            try:
                return await cancellable((await self._bind()).put(key, value))
            except (nats.errors.Error, TimeoutError) as error:
                await self._mend(error, attempt)
        raise BusUnavailableError(f"bucket {self._bucket}: {key} could not be written")

    async def delete(self, key: str) -> None:
        """Remove the key; one that is missing is fine. Raises BusUnavailableError."""
        for attempt in range(ATTEMPTS):
            try:
                await cancellable((await self._bind()).purge(key))
            except (nats.errors.Error, TimeoutError) as error:
                await self._mend(error, attempt)
            else:
                return
        raise BusUnavailableError(f"bucket {self._bucket}: {key} could not be deleted")

    async def watch(self) -> AsyncIterator[Entry]:
        """Every present entry, then `READY`, then each change; all anew after a reconnection."""
        while True:
            reconnect = asyncio.ensure_future(self._connection.next_reconnect())
            try:
                async for entry in self._watch_once(reconnect):
                    yield entry
            except (nats.errors.Error, TimeoutError) as error:
                log.debug("bus.bucket.watch_restarted", bucket=self._bucket, error=str(error))
                self._bound = None
                await asyncio.sleep(0.2)
            finally:
                reconnect.cancel()

    async def _watch_once(self, reconnect: "asyncio.Future[None]") -> AsyncIterator[Entry]:
        watcher = await cancellable((await self._bind()).watchall())
        update = asyncio.ensure_future(anext(watcher))
        try:
            while True:
                await asyncio.wait({update, reconnect}, return_when=asyncio.FIRST_COMPLETED)
                if not update.done():
                    return
                yield _entry(update.result())
                update = asyncio.ensure_future(anext(watcher))
        finally:
            update.cancel()
            await asyncio.gather(update, return_exceptions=True)
            with contextlib.suppress(nats.errors.Error):
                await watcher.stop()  # type: ignore[no-untyped-call]

    async def _bind(self) -> NatsKeyValue:
        if self._bound is None:
            self._bound = await cancellable(self._connection.jetstream.key_value(self._bucket))
        return self._bound

    async def _mend(self, error: Exception, attempt: int) -> None:
        log.debug("bus.bucket.retried", bucket=self._bucket, attempt=attempt, error=str(error))
        self._bound = None
        if isinstance(error, nats.js.errors.NotFoundError | nats.js.errors.NoStreamResponseError):
            with contextlib.suppress(nats.errors.Error, TimeoutError):
                await self._connection.repair()
        await asyncio.sleep(0.2 * (attempt + 1))


def _entry(entry: "NatsKeyValue.Entry | None") -> Entry:
    if entry is None:
        return READY
    gone = entry.operation in {"DEL", "PURGE"}
    return Entry(key=entry.key, value=None if gone else entry.value, revision=entry.revision or 0)
