"""A Redis that is allowed to be absent: reads then miss, writes are forgotten, the service goes on."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import msgspec
import redis.asyncio as aioredis
import redis.exceptions
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from fairlead.cache.codec import Codec
from fairlead.cache.keys import Key

log = structlog.get_logger(__name__)

TIMEOUT = 2.0
"""Seconds one command may take."""
DAY = 86400
DEFAULT_TTL = DAY
"""Seconds a value lives unless asked otherwise (contract 7.10)."""
COMPLAIN_EVERY = 10.0
"""Seconds between two complaints about an absent Redis."""
CONNECTIONS = 16
AGAIN = 1
"""Times a command is sent again on a new connection, as after a restart of Redis all old ones are dead."""
WAIT = 10.0
"""Seconds a command may wait for one of the connections when all are in use."""

_FAILURES = (redis.exceptions.RedisError, OSError, asyncio.TimeoutError)


class CacheConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where Redis is, and what seals values: a secret of all services (at least 16 bytes), and our own."""

    url: str
    secret: bytes
    own: bytes = b""

    def __repr__(self) -> str:
        return "CacheConfig(url=…, secret=…)"


class Cache:
    """Sealed values by key."""

    def __init__(self, config: CacheConfig) -> None:
        self._codec = Codec(config.secret, config.own)
        pool = aioredis.BlockingConnectionPool.from_url(
            config.url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            max_connections=CONNECTIONS,
            timeout=WAIT,
            health_check_interval=30,
            retry=Retry(NoBackoff(), AGAIN),
        )
        self._redis: aioredis.Redis = aioredis.Redis.from_pool(pool)
        self._complained = 0.0

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def is_reachable(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(await self._redis.execute_command("PING"))  # type: ignore[no-untyped-call]
        except _FAILURES:
            return False

    async def get(self, key: Key) -> bytes | None:
        """The value, or None when there is none that can be trusted or reached."""
        try:
            stored = await self._redis.get(key)
        except _FAILURES as error:
            self._complain("get", error)
            return None
        return self._opened(key, stored)

    async def get_many(self, keys: Sequence[Key]) -> list[bytes | None]:
        """The values of several keys, in order."""
        if not keys:
            return []
        try:
            stored = await self._redis.mget(list(keys))
        except _FAILURES as error:
            self._complain("mget", error)
            return [None] * len(keys)
        return [self._opened(key, value) for key, value in zip(keys, stored, strict=True)]

    async def put(self, key: Key, value: bytes, *, ttl: int = DEFAULT_TTL) -> bool:
        """Remember a value for `ttl` seconds. Returns whether Redis took it."""
        return await self.put_many({key: value}, ttl=ttl)

    async def put_many(self, values: Mapping[Key, bytes], *, ttl: int = DEFAULT_TTL) -> bool:
        """Remember several values in one round trip."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for key, value in values.items():
                    pipe.set(key, self._codec.seal(key, value), ex=ttl)
                await pipe.execute()
        except _FAILURES as error:
            self._complain("set", error)
            return False
        return True

    async def prolong(self, keys: Sequence[Key], *, ttl: int = DEFAULT_TTL) -> list[bool] | None:
        """Let values live `ttl` seconds from now; says which are there, or None when Redis is away."""
        if not keys:
            return []
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.expire(key, ttl)
                return [bool(is_there) for is_there in await pipe.execute()]
        except _FAILURES as error:
            self._complain("expire", error)
            return None

    async def forget(self, *keys: Key) -> None:
        """Drop keys."""
        try:
            await self._redis.delete(*keys)
        except _FAILURES as error:
            self._complain("del", error)

    def _opened(self, key: Key, stored: object) -> bytes | None:
        if not isinstance(stored, bytes):
            return None
        value = self._codec.open(key, stored)
        if value is None:
            log.warning("cache.value.refused", key=key, security=3)
        return value

    def _complain(self, command: str, error: BaseException) -> None:
        now = time.monotonic()
        if now - self._complained > COMPLAIN_EVERY:
            self._complained = now
            log.warning("cache.unreachable", command=command, error=str(error) or type(error).__name__)
