"""Many watches over one connection: of a real API server, and of servers that cut and fall silent."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from fairlead.kube import http2
from fairlead.kube.answer import Answer
from fairlead.kube.connection import Connection
from fairlead.kube.errors import (
    RequestTimeoutError,
    ResponseTooLargeError,
    UnavailableError,
    UnreachableError,
)
from fairlead.kube.rest import KubeClient
from fairlead.kube.transport import Bounds, Request, Transport
from fairlead.local.pki import Pki, ensure_pki
from fairlead.manifest.identity import ResourceKey
from tests.integration.kube.cluster import CONFIG_MAPS, config_map, live_through, until
from tests.integration.kube.http2_server import Http2Server, http2_server

PATIENCE = 60.0
WATCH = "/api/v1/configmaps?watch=1"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder: Path = tmp_path_factory.mktemp("pki")
    return ensure_pki(folder)


@asynccontextmanager
async def talking(pki: Pki, *protocols: str) -> AsyncIterator[tuple[Http2Server, Transport]]:
    async with http2_server(pki, protocols=protocols or ("h2",)) as server:
        transport = Transport(
            Connection(server=f"https://localhost:{server.port}", ca=pki.ca.certificate.read_bytes())
        )
        try:
            yield server, transport
        finally:
            await transport.close()


async def begun(transport: Transport, silence: float = PATIENCE) -> AsyncGenerator[bytes, None]:
    """A watch whose answer has begun."""
    chunks = transport.watch(WATCH, silence_seconds=silence)
    assert await anext(chunks) == b""
    return chunks


def _connections_to(port: int) -> int:
    """How many connections to a port this process has."""
    ours = {str(it.readlink()) for it in Path("/proc/self/fd").iterdir() if it.is_symlink()}
    rows = [row.split() for row in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and f"socket:[{row[9]}]" in ours for row in rows)


async def test_all_kinds_of_a_cluster_are_watched_over_one_connection(
    client: KubeClient, connection: Connection, namespace: str
) -> None:
    port = int(connection.server.rpartition(":")[2])
    before = _connections_to(port)
    async with live_through(connection) as live:
        await until(lambda: len(live.unknown_kinds()) == 0)
        await client.create(CONFIG_MAPS, config_map("shared"), namespace)
        await until(lambda: live.get(ResourceKey("", "ConfigMap", namespace, "shared")))
        assert len(list(live.discovery.catalogue.preferred())) > 40
        assert _connections_to(port) - before < 20


async def test_what_one_connection_does_not_take_goes_over_another(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        server.most = 2
        streams = [await begun(transport) for _ in range(5)]
        assert [len(it.asked) for it in server.conversations] == [2, 2, 1]
        await streams[0].aclose()
        await until(lambda: server.conversations[0].gone)
        streams.append(await begun(transport))
        assert len(server.conversations) == 3
        for stream in streams:
            await stream.aclose()


async def test_many_who_come_at_once_wait_for_one_handshake(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        streams = await asyncio.gather(*(begun(transport) for _ in range(20)))
        assert [len(it.asked) for it in server.conversations] == [20]
        for stream in streams:
            await stream.aclose()


async def test_the_loop_of_the_services_carries_them_as_well(pki: Pki) -> None:
    async def first() -> bytes:
        async with talking(pki) as (server, transport), aclosing(await begun(transport)) as chunks:
            server.conversations[0].say(1, b"one")
            return await anext(chunks)

    assert await asyncio.to_thread(lambda: uvloop.run(first())) == b"one"


async def test_a_server_of_http_1_is_asked_over_http_1(pki: Pki) -> None:
    async with talking(pki, "http/1.1") as (server, transport):
        with pytest.raises(UnreachableError):
            await begun(transport)
        assert not any(it.asked for it in server.conversations)
        assert len(server.conversations) == 2


async def test_an_answer_that_is_cut_is_an_error_and_its_neighbours_go_on(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        cut, kept = await begun(transport), await begun(transport)
        async with aclosing(cut), aclosing(kept):
            first = server.conversations[0]
            first.say(1, b"one")
            first.cut(1)
            first.say(3, b"two")
            assert await anext(cut) == b"one"
            with pytest.raises(UnreachableError, match="INTERNAL_ERROR"):
                await anext(cut)
            assert await anext(kept) == b"two"


async def test_a_server_that_wants_another_connection_ends_answers_without_an_error(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        async with aclosing(await begun(transport)) as chunks:
            server.conversations[0].say(1, b"last")
            server.conversations[0].dismiss()
            assert [chunk async for chunk in chunks] == [b"last"]
        async with aclosing(await begun(transport)):
            assert len(server.conversations) == 2


async def test_a_refusal_says_when_to_come_again(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        server.status = 503
        with pytest.raises(UnavailableError, match="not now") as refused:
            await begun(transport)
        assert refused.value.retry_after == 7.0


async def test_what_nobody_reads_is_held_back_and_holds_up_nobody_else(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        slow, quick = await begun(transport), await begun(transport)
        async with aclosing(slow), aclosing(quick):
            conversation = server.conversations[0]
            window = conversation.h2.local_flow_control_window(1)
            assert window == http2.STREAM_BYTES
            conversation.say(1, b"s" * window)
            assert conversation.h2.local_flow_control_window(1) == 0
            conversation.say(3, b"q")
            assert await anext(quick) == b"q"
            read = 0
            while read < window:
                read += len(await anext(slow))
            await until(lambda: conversation.h2.local_flow_control_window(1) > 0)


async def test_silence_ends_a_watch(pki: Pki) -> None:
    async with talking(pki) as (_, transport), aclosing(await begun(transport, 0.2)) as chunks:
        with pytest.raises(RequestTimeoutError):
            await anext(chunks)


async def test_a_connection_that_does_not_answer_a_ping_is_given_up(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http2, "PING_SECONDS", 0.1)
    monkeypatch.setattr(http2, "PING_PATIENCE", 0.2)
    async with talking(pki) as (server, transport), aclosing(await begun(transport)) as chunks:
        server.is_deaf = True
        with pytest.raises(UnreachableError, match="no answer to a ping"):
            await anext(chunks)


async def test_a_connection_that_serves_nobody_is_closed_although_pings_are_answered(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http2, "PING_SECONDS", 0.05)
    monkeypatch.setattr(http2, "IDLE_SECONDS", 0.3)
    async with talking(pki) as (server, transport):
        async with aclosing(await begun(transport)):
            await asyncio.sleep(0.5)
            assert not server.conversations[0].is_over
        await until(lambda: server.conversations[0].is_over)


async def test_padding_is_given_back_as_if_it_were_read(pki: Pki) -> None:
    async with talking(pki) as (server, transport), aclosing(await begun(transport)) as chunks:
        conversation = server.conversations[0]
        for _ in range(2 * http2.STREAM_BYTES // 256):
            await until(lambda: conversation.h2.local_flow_control_window(1) > 1024)
            conversation.h2.send_data(1, b"x", pad_length=255)
            conversation.flush()
        assert await anext(chunks) == b"x"


async def test_a_server_that_is_gone_is_told_at_once(pki: Pki) -> None:
    async with talking(pki) as (server, transport), aclosing(await begun(transport)) as chunks:
        server.conversations[0].transport.abort()
        with pytest.raises(UnreachableError):
            await anext(chunks)


async def test_a_server_below_a_path_is_asked_below_that_path(pki: Pki) -> None:
    async with http2_server(pki) as server:
        address = f"https://localhost:{server.port}/k8s/clusters/shop"
        transport = Transport(Connection(server=address, ca=pki.ca.certificate.read_bytes()))
        async with aclosing(await begun(transport)):
            assert server.conversations[0].asked == {1: f"/k8s/clusters/shop{WATCH}"}
        await transport.close()


async def test_a_connection_whose_server_says_nothing_is_not_kept(pki: Pki) -> None:
    async with http2_server(pki) as server:
        server.is_silent = True
        connection = Connection(server=f"https://localhost:{server.port}", ca=pki.ca.certificate.read_bytes())
        transport = Transport(connection, Bounds(connect_seconds=1.0))
        with pytest.raises(UnreachableError, match="no connection in time"):
            await begun(transport)
        await until(lambda: all(it.is_over for it in server.conversations))
        assert len(server.conversations) == 1
        await transport.close()


async def test_a_server_that_takes_no_stream_is_not_asked_for_ever(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        server.most = 0
        with pytest.raises(UnreachableError, match="takes no stream"):
            await begun(transport)
        await until(lambda: all(it.is_over for it in server.conversations))
        assert len(server.conversations) == 1


async def test_who_waits_for_a_connection_of_a_client_that_is_closed_is_told_so(pki: Pki) -> None:
    async with talking(pki) as (server, transport):
        server.is_silent = True
        waiting = asyncio.create_task(begun(transport))
        await until(lambda: server.conversations)
        await transport.close()
        with pytest.raises(UnreachableError, match="closed"):
            await waiting
        with pytest.raises(UnreachableError, match="closed"):
            await begun(transport)


PAGE = Request(method="GET", path="/api/v1/configmaps?limit=500", large=True)


@asynccontextmanager
async def asking(transport: Transport, server: Http2Server) -> AsyncIterator[asyncio.Task[Answer]]:
    """A page that is asked for, and about to be answered."""

    def asked() -> int:
        return sum(len(it.asked) for it in server.conversations)

    before = asked()
    task = asyncio.create_task(transport.send(PAGE))
    try:
        await until(lambda: asked() > before)
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_pages_of_lists_come_over_the_same_connection(pki: Pki) -> None:
    async with (
        talking(pki) as (server, transport),
        aclosing(await begun(transport)),
        asking(transport, server) as page,
    ):
        first = server.conversations[0]
        await until(lambda: len(first.asked) == 2)
        first.say(3, b'{"items":')
        first.say(3, b"[]}")
        first.end(3)
        assert (await page).body == b'{"items":[]}'
        assert len(server.conversations) == 1


@pytest.mark.parametrize("headers", [[], [("content-encoding", "gzip")]])
async def test_a_page_that_is_cut_is_not_taken_for_the_whole(
    pki: Pki, headers: list[tuple[str, str]]
) -> None:
    async with talking(pki) as (server, transport):
        server.headers = headers
        async with asking(transport, server) as page:
            server.conversations[0].say(1, gzip.compress(b'{"items":[]}')[:-4])
            server.conversations[0].dismiss()
            with pytest.raises(UnreachableError, match="was cut"):
                await page


async def test_a_page_is_unpacked_and_bounded_as_what_it_is_packed_from(pki: Pki) -> None:
    async with http2_server(pki) as server:
        connection = Connection(server=f"https://localhost:{server.port}", ca=pki.ca.certificate.read_bytes())
        transport = Transport(connection, Bounds(page_bytes=1000))
        server.headers = [("content-encoding", "gzip")]
        try:
            for text, is_taken in ((b"x" * 1000, True), (b"x" * 1_000_000, False)):
                async with asking(transport, server) as page:
                    conversation = server.conversations[-1]
                    stream = max(conversation.asked)
                    conversation.say(stream, gzip.compress(text))
                    conversation.end(stream)
                    if is_taken:
                        assert (await page).body == text
                    else:
                        with pytest.raises(ResponseTooLargeError):
                            await page
        finally:
            await transport.close()
