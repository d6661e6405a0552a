"""The cache on three real servers of Redis and three sentinels: the master goes, another takes its place."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import redis.asyncio

from fairlead.cache import Cache, CacheConfig
from fairlead.cache.keys import manifests
from fairlead.local.redis_cluster import NAME, RedisCluster

SECRET = b"a secret of the services"
PATIENCE = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisCluster]:
    async with RedisCluster(tmp_path_factory.mktemp("sentinels")) as running:
        yield running


@pytest_asyncio.fixture
async def cache(cluster: RedisCluster) -> AsyncIterator[Cache]:
    opened = Cache(CacheConfig(url=cluster.url, secret=SECRET))
    yield opened
    await opened.close()


async def asked(cluster: RedisCluster, *command: str) -> object:
    """What the first sentinel answers."""
    client = redis.asyncio.Redis.from_url(cluster.sentinels[0].url, decode_responses=True)
    try:
        return await client.execute_command("SENTINEL", *command)
    finally:
        await client.aclose()


async def master_of(cluster: RedisCluster) -> int:
    """Port of the master, once the sentinels know two replicas of it and each other."""
    async with asyncio.timeout(PATIENCE):
        while True:
            client = redis.asyncio.Redis.from_url(cluster.sentinels[0].url, decode_responses=True)
            state = (await client.sentinel_masters())[NAME]
            replicas = await client.sentinel_slaves(NAME)
            await client.aclose()
            whole = state["num-other-sentinels"] == 2 and not state["is_sdown"]
            alive = [one for one in replicas if not one["is_sdown"] and one["master-link-status"] == "ok"]
            if whole and len(alive) == 2:
                return int(state["port"])
            await asyncio.sleep(0.1)


async def until_remembered(cache: Cache, name: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await cache.put(manifests(name), name.encode()):
            await asyncio.sleep(0.05)
    assert await cache.get(manifests(name)) == name.encode()


async def test_a_killed_master_is_replaced_and_what_it_held_is_kept(
    cluster: RedisCluster, cache: Cache
) -> None:
    before = await master_of(cluster)
    assert await cache.put(manifests("kept"), b"kept")
    replica = next(server for server in cluster.servers if server.port != before)
    raw = redis.asyncio.Redis.from_url(replica.url)
    async with asyncio.timeout(PATIENCE):
        while not await raw.get(manifests("kept")):
            await asyncio.sleep(0.02)
    await raw.aclose()
    await cluster.at(before).kill()
    await until_remembered(cache, "after")
    assert await cache.get(manifests("kept")) == b"kept"
    now = int((await asked(cluster, "GET-MASTER-ADDR-BY-NAME", NAME))[1])  # type: ignore[index]
    assert now != before
    await cluster.restart(cluster.at(before), now)
    assert await master_of(cluster) == now


async def test_connections_to_a_master_that_became_a_replica_are_left_within_one_command(
    cluster: RedisCluster, cache: Cache
) -> None:
    """Nobody dies: the old master goes on answering, and refuses to write."""
    before = await master_of(cluster)
    await asyncio.gather(*(cache.put(manifests(f"{number}"), b"x") for number in range(8)))
    await asked(cluster, "FAILOVER", NAME)
    async with asyncio.timeout(PATIENCE):
        while await role(cluster, before) != "slave":
            await asyncio.sleep(0.05)
    for number in range(8):
        await until_remembered(cache, f"moved-{number}")
    assert await master_of(cluster) != before


async def test_sentinels_may_go_one_by_one_as_long_as_one_answers(
    cluster: RedisCluster, cache: Cache
) -> None:
    await master_of(cluster)
    for sentinel in cluster.sentinels:
        await sentinel.kill()
        other = Cache(CacheConfig(url=cluster.url, secret=SECRET))
        assert await other.put(manifests("one"), b"one")
        await other.close()
        await sentinel.start()


async def test_without_any_master_reads_miss_and_writes_are_forgotten(cluster: RedisCluster) -> None:
    await master_of(cluster)
    for sentinel in cluster.sentinels:
        await sentinel.kill()
    cache = Cache(CacheConfig(url=cluster.url, secret=SECRET))
    assert await cache.get(manifests("k")) is None
    assert not await cache.put(manifests("k"), b"v")
    await asyncio.gather(*(sentinel.start() for sentinel in cluster.sentinels))
    await until_remembered(cache, "k")
    await cache.close()


async def role(cluster: RedisCluster, port: int) -> str:
    raw = redis.asyncio.Redis.from_url(cluster.at(port).url)
    try:
        return str((await raw.info("replication"))["role"])
    finally:
        await raw.aclose()
