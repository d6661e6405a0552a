"""The cache on a real Redis: lost, poisoned and absent values are misses."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
import redis.asyncio

from fairlead.cache import Cache, CacheConfig
from fairlead.cache.keys import FAMILIES, manifests, render
from fairlead.local.redis_server import RedisServer

SECRET = b"a secret of the services"
LARGE = b"kind: ConfigMap\n" * 5000


@pytest_asyncio.fixture
async def cache(redis_server: RedisServer) -> AsyncIterator[Cache]:
    opened = Cache(CacheConfig(url=redis_server.url, secret=SECRET))
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def raw(redis_server: RedisServer) -> AsyncIterator[redis.asyncio.Redis]:
    opened = redis.asyncio.Redis.from_url(redis_server.url)
    yield opened
    await opened.aclose()


async def test_a_value_comes_back_and_a_large_one_is_compressed(
    cache: Cache, raw: redis.asyncio.Redis
) -> None:
    assert await cache.put_many({manifests("small"): b"x", manifests("large"): LARGE})
    assert await cache.get_many([manifests("small"), manifests("large"), manifests("none")]) == [
        b"x",
        LARGE,
        None,
    ]
    assert len(await raw.get(manifests("large"))) < len(LARGE) / 50


async def test_of_several_that_claim_a_key_one_has_it(cache: Cache) -> None:
    claims = await asyncio.gather(*(cache.claim(manifests("claimed"), ttl=60) for _ in range(8)))
    assert sorted(claims) == [False] * 7 + [True]


async def test_a_changed_byte_is_a_miss(cache: Cache, raw: redis.asyncio.Redis) -> None:
    key = manifests("a")
    await cache.put(key, LARGE)
    stored = bytearray(await raw.get(key))
    stored[-1] ^= 1
    await raw.set(key, bytes(stored))
    assert await cache.get(key) is None


async def test_a_genuine_value_under_another_key_is_a_miss(cache: Cache, raw: redis.asyncio.Redis) -> None:
    await cache.put(manifests("mine"), b"mine")
    await raw.set(manifests("yours"), await raw.get(manifests("mine")))
    assert await cache.get(manifests("yours")) is None


async def test_a_value_sealed_with_another_secret_is_a_miss(cache: Cache, redis_server: RedisServer) -> None:
    other = Cache(CacheConfig(url=redis_server.url, secret=b"another secret than ours"))
    await other.put(manifests("b"), b"evil")
    await other.close()
    assert await cache.get(manifests("b")) is None


async def test_nothing_of_a_value_can_be_read_in_redis(cache: Cache, raw: redis.asyncio.Redis) -> None:
    for key in (manifests("c"), render("c")):
        await cache.put(key, b"canary-small")
        assert b"canary" not in await raw.get(key)
        await cache.put(key, b"canary-large " + os.urandom(4000))
        assert b"canary" not in await raw.get(key)


async def test_a_private_value_that_another_service_made_is_a_miss_and_a_shared_one_is_not(
    redis_server: RedisServer,
) -> None:
    repo = Cache(CacheConfig(url=redis_server.url, secret=SECRET, own=b"of the repo-server"))
    api = Cache(CacheConfig(url=redis_server.url, secret=SECRET, own=b"of the api-server"))
    await repo.put(manifests("shared"), b"set")
    assert await api.get(manifests("shared")) == b"set"
    for key in (render("mine"),):
        await api.put(key, b"forged")
        assert await repo.get(key) is None
    await repo.close()
    await api.close()


async def test_a_value_of_one_family_opens_in_no_other(cache: Cache, raw: redis.asyncio.Redis) -> None:
    await cache.put(render("x"), b"remembered")
    await raw.set(manifests("x"), await raw.get(render("x")))
    assert await cache.get(manifests("x")) is None
    assert len({family.purpose for family in FAMILIES}) == len(FAMILIES)


async def test_without_redis_reads_miss_writes_are_forgotten_and_it_recovers(tmp_path: Path) -> None:
    async with RedisServer(tmp_path) as server:
        cache = Cache(CacheConfig(url=server.url, secret=SECRET))
        await cache.put(manifests("k"), b"v")
        await server.kill()
        assert await cache.get(manifests("k")) is None
        assert await cache.get_many([manifests("k")]) == [None]
        assert not await cache.put(manifests("k"), b"v")
        await server.start()
        assert await cache.put(manifests("k"), b"v")
        assert await cache.get(manifests("k")) == b"v"
        await cache.close()
    await asyncio.sleep(0)
