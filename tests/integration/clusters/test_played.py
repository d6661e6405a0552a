"""What played clusters are for: objects that cost nothing, versions that expire, connections counted."""

import asyncio
import contextlib
import ssl
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import msgspec
import pytest

from fairlead.diff.compare import Fingerprints, compare
from fairlead.diff.result import Answer
from fairlead.kube.connection import Connection
from fairlead.kube.errors import GoneError
from fairlead.kube.list_watch import Reflector
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Added, Event, Lost, Synced
from fairlead.local.pki import ensure_pki
from fairlead.manifest.prepare import prepare
from tests.fakes.clusters.kinds import KINDS
from tests.fakes.clusters.population import Population, wanted
from tests.fakes.clusters.serving import serving
from tests.fakes.clusters.store import typed
from tests.integration.kube.cluster import CONFIG_MAPS, config_map, live_through, until

OBJECTS = 2000


async def test_a_cluster_has_as_many_objects_as_it_is_told_and_the_same_ones_each_time() -> None:
    population = Population(OBJECTS, 3)
    assert len(population) == OBJECTS
    for kind in KINDS:
        names = [population.name(kind, number) for number in range(population.count(kind))]
        assert names == sorted(names)
        assert [population.number(kind, name) for name in names] == list(range(len(names)))
    async with serving([1, 2], population) as served:
        urls = [f"http://127.0.0.1:{port}" for port in served.ports]
        async with (
            live_through(Connection(server=urls[0])) as one,
            live_through(Connection(server=urls[1])) as other,
        ):
            assert len(one.index) == len(other.index) == OBJECTS + 4
            assert {item.key for item in one.index} == {item.key for item in other.index}
            assert not {item.uid for item in one.index} & {item.uid for item in other.index}
            found = one.owned_by("c001-a00002")
            assert {item.key.kind for item in found} == {"Service", "Deployment", "ConfigMap"}
            pod = next(item for item in one.index if item.key.kind == "Pod")
            assert [root.key.kind for root in one.index.roots_of(pod)] == ["Deployment"]


async def test_a_page_and_a_watch_from_before_a_compaction_are_refused_as_expired() -> None:
    async with serving([1], Population(60)) as served:
        store = served.clusters[0].store
        async with KubeClient(Connection(server=f"http://127.0.0.1:{served.ports[0]}")) as client:
            page = msgspec.json.decode((await client.get_path("/api/v1/configmaps?limit=1")).body)
            await client.create(CONFIG_MAPS, config_map("a"), "default")
            store.forget()
            with pytest.raises(GoneError):
                await client.get_path(f"/api/v1/configmaps?limit=1&continue={page['metadata']['continue']}")
            seen: list[Event] = []
            reflector = Reflector(client, CONFIG_MAPS, seen.append, gate=asyncio.Semaphore(1))
            reflector._version = page["metadata"]["resourceVersion"]
            following = asyncio.create_task(reflector.run())
            await until(lambda: any(isinstance(event, Synced) for event in seen))
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
            assert isinstance(seen[1], Lost)
            assert isinstance(seen[1].error, GoneError)
            assert "a" in {event.head.metadata.name for event in seen if isinstance(event, Added)}


async def test_bookmarks_move_a_watch_that_is_told_nothing() -> None:
    async with serving([1], Population(10), bookmark_seconds=0.5) as served:
        cluster = served.clusters[0]
        async with live_through(Connection(server=f"http://127.0.0.1:{served.ports[0]}")) as live:
            cluster.store.version += 5
            stream = live._client.watch(
                CONFIG_MAPS,
                resource_version=str(cluster.store.version - 5),
                timeout_seconds=60,
                silence_seconds=60.0,
            )
            text = b""
            async with asyncio.timeout(60):
                while b"\n" not in text:
                    text += await anext(stream)
            await stream.aclose()
            line = msgspec.json.decode(text.partition(b"\n")[0])
            assert line["type"] == "BOOKMARK"
            assert line["object"]["metadata"]["resourceVersion"] == str(cluster.store.version)
            assert cluster.connections >= 1
        await until(lambda: cluster.connections == 0)


async def test_many_watches_that_begin_beside_one_another_open_one_connection(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    async with serving([1], Population(20), pki=pki, http2=True) as served:
        cluster = served.clusters[0]
        url = f"https://127.0.0.1:{served.ports[0]}"
        connection = Connection(server=url, ca=pki.ca.certificate.read_bytes())
        async with KubeClient(connection) as client, asyncio.TaskGroup() as group:
            streams = [
                client.watch(
                    CONFIG_MAPS,
                    resource_version=str(cluster.store.version),
                    timeout_seconds=60,
                    silence_seconds=60.0,
                )
                for _ in range(30)
            ]

            async def begin(number: int) -> bytes:
                await asyncio.sleep(number / 2000)
                return await anext(streams[number])

            begun = [group.create_task(begin(number)) for number in range(len(streams))]
            assert await asyncio.gather(*begun) == [b""] * len(streams)
            assert cluster.counts["watch"] == len(streams)
            assert cluster.most_connections == 1
            for stream in streams:
                await stream.aclose()


async def test_http2_carries_lists_and_watches_over_one_connection(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    context = ssl.create_default_context(cafile=str(pki.ca.certificate))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2"])
    async with serving([1], Population(OBJECTS), pki=pki, http2=True) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.ports[0], ssl=context)
        line = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        line.initiate_connection()
        head = [(":method", "GET"), (":scheme", "https"), (":authority", "cluster")]
        line.send_headers(1, [*head, (":path", "/api/v1/pods")], end_stream=True)
        version = served.clusters[0].store.version
        watch = f"/api/v1/configmaps?watch=1&resourceVersion={version}"
        line.send_headers(3, [*head, (":path", watch)], end_stream=True)
        bodies, is_over = {1: b"", 3: b""}, False
        async with asyncio.timeout(60):
            while not (is_over and b"\n" in bodies[3]):
                writer.write(line.data_to_send())
                for event in line.receive_data(await reader.read(65536)):
                    if isinstance(event, h2.events.DataReceived):
                        bodies[event.stream_id] += event.data
                        line.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded) and event.stream_id == 1:
                        is_over = True
                        body = msgspec.json.encode(config_map("a"))
                        line.send_headers(
                            5,
                            [
                                (":method", "POST"),
                                *head[1:],
                                (":path", "/api/v1/namespaces/default/configmaps"),
                                ("content-type", "application/json"),
                            ],
                        )
                        line.send_data(5, body, end_stream=True)
                        bodies[5] = b""
        assert len(msgspec.json.decode(bodies[1])["items"]) == 398
        assert msgspec.json.decode(bodies[3].partition(b"\n")[0])["object"]["metadata"]["name"] == "a"
        assert served.clusters[0].connections == 1
        writer.close()


def test_what_an_application_wants_is_in_sync_with_its_objects_without_a_question() -> None:
    population = Population(OBJECTS, 3)
    prepared = prepare(
        wanted(population, 5, 2),
        is_namespaced=lambda _group, _kind: True,
        destination_namespace="team-0000",
        instance="c005-a00002",
    )
    for desired in prepared.objects:
        kind = next(kind for kind in KINDS if kind.name == desired.key.kind)
        live = msgspec.json.decode(typed(kind, population.made(5, kind, 2)))
        verdict = compare(desired, live, fingerprints=Fingerprints())
        assert verdict.answer is Answer.IN_SYNC
