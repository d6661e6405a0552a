"""Commands to Redis, over a few connections: the only module that imports its client, which takes 7 MiB.

Where sentinels say who the master is, each new connection is one to whom they say it is then; one to a server
that turns out to be no master any more is given up, and the command sent again.

Invariant: whatever keeps a command from its answer is CacheAwayError.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import redis.asyncio as aioredis
import redis.exceptions
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ConstantBackoff, NoBackoff

from fairlead.cache.address import Sentinels, sentinels_of
from fairlead.cache.errors import CacheAwayError

TIMEOUT = 2.0
"""Seconds one command may take."""
CONNECTIONS = 16
AGAIN = 1
"""Times a command is sent again on a new connection, as after a restart of Redis all old ones are dead."""
AGAIN_ELSEWHERE, PAUSE = 3, 0.2
"""Times a command is sent again where there are sentinels, and seconds before each (contract 18). A new
master takes them longer; until then what is asked for counts as not there."""
SENTINEL_TIMEOUT = 1.0
"""Seconds for one sentinel, before the next is asked."""
WAIT = 10.0
"""Seconds a command may wait for one of the connections when all are in use."""

_FAILURES = (redis.exceptions.RedisError, OSError, asyncio.TimeoutError)


class Remote:
    """The Redis at an address, of its own or of its sentinels. Its commands raise CacheAwayError."""

    def __init__(self, url: str) -> None:
        sentinels = sentinels_of(url)
        self._manager = _manager(sentinels) if sentinels is not None else None
        pool = _masters(sentinels, self._manager) if sentinels and self._manager else _pool(url)
        self.redis: aioredis.Redis = aioredis.Redis.from_pool(pool)

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
        if self._manager is not None:
            await self._manager.aclose()

    async def ping(self) -> bool:
        """Whether it answers as it should."""
        with _failures():
            return bool(await self.redis.execute_command("PING"))  # type: ignore[no-untyped-call]

    async def get(self, key: str) -> object:
        """What lies under a key."""
        with _failures():
            return await self.redis.get(key)

    async def get_many(self, keys: Sequence[str]) -> list[object]:
        """What lies under several keys, in order."""
        with _failures():
            return list(await self.redis.mget(list(keys)))

    async def put_many(self, values: Mapping[str, bytes], ttl: int) -> None:
        """Store several values for `ttl` seconds, in one round trip."""
        with _failures():
            async with self.redis.pipeline(transaction=False) as pipe:
                for key, value in values.items():
                    pipe.set(key, value, ex=ttl)
                await pipe.execute()

    async def claim(self, key: str, value: bytes, ttl: int) -> bool:
        """Store a value where there is none; whether it is ours."""
        with _failures():
            return bool(await self.redis.set(key, value, ex=ttl, nx=True))

    async def prolong(self, keys: Sequence[str], ttl: int) -> list[bool]:
        """Let values live `ttl` seconds from now; which are there."""
        with _failures():
            async with self.redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.expire(key, ttl)
                return [bool(is_there) for is_there in await pipe.execute()]

    async def delete(self, keys: Sequence[str]) -> None:
        """Drop keys."""
        with _failures():
            await self.redis.delete(*keys)


class _Masters(SentinelConnectionPool, aioredis.BlockingConnectionPool):
    """Connections to whomever sentinels call the master; who finds none free waits."""


def _pool(url: str) -> aioredis.BlockingConnectionPool:
    return aioredis.BlockingConnectionPool.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        max_connections=CONNECTIONS,
        timeout=WAIT,
        health_check_interval=30,
        retry=Retry(NoBackoff(), AGAIN),
    )


def _manager(sentinels: Sentinels) -> Sentinel:
    """Who asks the sentinels: encrypted and trusting as the master is asked."""
    to_master = parse_url(sentinels.url)
    options = {name: value for name, value in to_master.items() if name.startswith("ssl_")}
    if to_master.get("connection_class") is SSLConnection:
        options["ssl"] = True
    return Sentinel(  # type: ignore[no-untyped-call]
        sentinels.hosts,
        sentinel_kwargs={
            **options,
            "username": sentinels.username or None,
            "password": sentinels.password or None,
            "socket_timeout": SENTINEL_TIMEOUT,
            "socket_connect_timeout": SENTINEL_TIMEOUT,
            "retry": Retry(NoBackoff(), 0),
        },
    )


def _masters(sentinels: Sentinels, manager: Sentinel) -> aioredis.BlockingConnectionPool:
    options = dict(parse_url(sentinels.url))
    is_encrypted = options.pop("connection_class", None) is SSLConnection
    for name in ("host", "port"):
        options.pop(name, None)
    return _Masters(  # type: ignore[no-untyped-call]
        sentinels.master,
        manager,
        **options,
        ssl=is_encrypted,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        max_connections=CONNECTIONS,
        timeout=WAIT,
        health_check_interval=30,
        retry=Retry(ConstantBackoff(PAUSE), AGAIN_ELSEWHERE),
    )


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        raise CacheAwayError(str(error) or type(error).__name__) from error
