"""A Redis that is allowed to be absent: reads then miss, writes are forgotten, the service goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec
import structlog

from fairlead.cache.codec import Codec
from fairlead.cache.errors import CacheAwayError
from fairlead.cache.keys import Key

if TYPE_CHECKING:
    from fairlead.cache.remote import Remote

log = structlog.get_logger(__name__)

T = TypeVar("T")

DAY = 86400
DEFAULT_TTL = DAY
"""Seconds a value lives unless asked otherwise (contract 7.10)."""
COMPLAIN_EVERY = 10.0
"""Seconds between two complaints about an absent Redis."""


class CacheConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where Redis is, and what seals values: a secret of all services (at least 16 bytes), and our own."""

    url: str
    secret: bytes
    own: bytes = b""

    def __repr__(self) -> str:
        return "CacheConfig(url=…, secret=…)"


class Observer(Protocol):
    """Told of every request to Redis, with the seconds it took."""

    def __call__(self, command: str, seconds: float, *, failed: bool) -> None: ...


def _unseen(command: str, seconds: float, *, failed: bool) -> None:
    """Nobody counts."""


class Cache:
    """Sealed values by key. `observer` is told of each request. `is_late` loads the client of Redis with the
    first command only, for a service that may run for weeks without one."""

    def __init__(self, config: CacheConfig, observer: Observer = _unseen, *, is_late: bool = False) -> None:
        self._observer = observer
        self._codec = Codec(config.secret, config.own)
        self._url = config.url
        self._known: Remote | None = None if is_late else _client()(config.url)
        self._complained = 0.0

    async def close(self) -> None:
        """Close the connections."""
        if self._known is not None:
            await self._known.close()

    async def is_reachable(self) -> bool:
        """Whether Redis answers now."""
        try:
            return await (await self._remote()).ping()
        except CacheAwayError:
            return False

    async def get(self, key: Key) -> bytes | None:
        """The value, or None when there is none that can be trusted or reached."""
        try:
            stored = await self._asked("get", lambda redis: redis.get(key))
        except CacheAwayError as error:
            self._complain("get", error)
            return None
        return self._opened(key, stored)

    async def get_many(self, keys: Sequence[Key]) -> list[bytes | None]:
        """The values of several keys, in order."""
        if not keys:
            return []
        try:
            stored = await self._asked("mget", lambda redis: redis.get_many(keys))
        except CacheAwayError as error:
            self._complain("mget", error)
            return [None] * len(keys)
        return [self._opened(key, value) for key, value in zip(keys, stored, strict=True)]

    async def put(self, key: Key, value: bytes, *, ttl: int = DEFAULT_TTL) -> bool:
        """Remember a value for `ttl` seconds. Returns whether Redis took it."""
        return await self.put_many({key: value}, ttl=ttl)

    async def put_many(self, values: Mapping[Key, bytes], *, ttl: int = DEFAULT_TTL) -> bool:
        """Remember several values in one round trip."""
        try:
            sealed = {str(key): self._codec.seal(key, value) for key, value in values.items()}
            await self._asked("set", lambda redis: redis.put_many(sealed, ttl))
        except CacheAwayError as error:
            self._complain("set", error)
            return False
        return True

    async def claim(self, key: Key, *, ttl: int) -> bool:
        """Be the only one with a key, for at most `ttl` seconds. False when somebody is, or Redis is away."""
        try:
            sealed = self._codec.seal(key, b"claimed")
            return await self._asked("set", lambda redis: redis.claim(str(key), sealed, ttl))
        except CacheAwayError as error:
            self._complain("set", error)
            return False

    async def prolong(self, keys: Sequence[Key], *, ttl: int = DEFAULT_TTL) -> list[bool] | None:
        """Let values live `ttl` seconds from now; says which are there, or None when Redis is away."""
        if not keys:
            return []
        try:
            return await self._asked("expire", lambda redis: redis.prolong(keys, ttl))
        except CacheAwayError as error:
            self._complain("expire", error)
            return None

    async def forget(self, *keys: Key) -> None:
        """Drop keys."""
        try:
            await self._asked("del", lambda redis: redis.delete(keys))
        except CacheAwayError as error:
            self._complain("del", error)

    async def _asked(self, command: str, ask: Callable[[Remote], Awaitable[T]]) -> T:
        remote = await self._remote()
        started, failed = time.perf_counter(), True
        try:
            answer = await ask(remote)
            failed = False
            return answer
        finally:
            self._observer(command, time.perf_counter() - started, failed=failed)

    async def _remote(self) -> Remote:
        if self._known is None:
            await asyncio.to_thread(_client)  # an import beside the loop; others may have come first
        return self._loaded()

    def _loaded(self) -> Remote:
        if self._known is None:
            self._known = _client()(self._url)
        return self._known

    def _opened(self, key: Key, stored: object) -> bytes | None:
        if not isinstance(stored, bytes):
            return None
        value = self._codec.open(key, stored)
        if value is None:
            log.warning("cache.value.refused", key=key, security=3)
        return value

    def _complain(self, command: str, error: CacheAwayError) -> None:
        now = time.monotonic()
        if now - self._complained > COMPLAIN_EVERY:
            self._complained = now
            log.warning("cache.unreachable", command=command, error=str(error))


def _client() -> type[Remote]:
    from fairlead.cache.remote import Remote  # noqa: PLC0415 - it takes 7 MiB and 0.1 s

    return Remote
