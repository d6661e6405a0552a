"""Commands to Redis, over a few connections: the only module that imports its client, which takes 7 MiB.

Invariant: whatever keeps a command from its answer is CacheAwayError.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import redis.asyncio as aioredis
import redis.exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from fairlead.cache.errors import CacheAwayError

TIMEOUT = 2.0
"""Seconds one command may take."""
CONNECTIONS = 16
AGAIN = 1
"""Times a command is sent again on a new connection, as after a restart of Redis all old ones are dead."""
WAIT = 10.0
"""Seconds a command may wait for one of the connections when all are in use."""

_FAILURES = (redis.exceptions.RedisError, OSError, asyncio.TimeoutError)


class Remote:
    """The Redis at an address. Its commands raise CacheAwayError."""

    def __init__(self, url: str) -> None:
        pool = aioredis.BlockingConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            max_connections=CONNECTIONS,
            timeout=WAIT,
            health_check_interval=30,
            retry=Retry(NoBackoff(), AGAIN),
        )
        self.redis: aioredis.Redis = aioredis.Redis.from_pool(pool)

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()

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


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        raise CacheAwayError(str(error) or type(error).__name__) from error
