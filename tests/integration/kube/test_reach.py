"""Where a declared cluster may be: asked of the address that is connected to."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from fairlead.kube import reach
from fairlead.kube.connection import Connection, from_cluster_secret
from fairlead.kube.errors import UnreachableError
from fairlead.kube.rest import KubeClient
from fairlead.local.ports import LOOPBACK
from fairlead.matching.networks import Networks

CANARY = "hunter2-canary"


class Server:
    """Something that listens, and who came."""

    def __init__(self) -> None:
        self.came = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        head = await reader.readuntil(b"\r\n\r\n")
        assert CANARY.encode() in head
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[tuple[Server, int]]:
    server = Server()
    listener = await asyncio.start_server(server.answer, LOOPBACK, 0)
    async with listener:
        yield server, listener.sockets[0].getsockname()[1]


def declared(server: str, **config: object) -> Connection:
    return from_cluster_secret(server, msgspec.json.encode({"bearerToken": CANARY, **config}))


async def asked(connection: Connection) -> str:
    """What comes of asking a cluster: the reason for which nothing was sent, or "asked"."""
    async with KubeClient(connection) as client:
        try:
            await client.get_path("/version")
        except UnreachableError as error:
            return error.message
        except Exception:
            return "asked"
    return "asked"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f.1"])
async def test_no_name_and_no_number_leads_to_a_closed_address(
    host: str, listening: tuple[Server, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, port = listening
    monkeypatch.setattr(reach, "CLUSTERS", Networks())
    assert reach.CLOSED in await asked(declared(f"http://{host}:{port}"))
    assert server.came == 0
    assert await asked(Connection(server=f"http://{host}:{port}", token=CANARY)) == "asked"
    assert server.came == 1, "an operator's own connection goes where it is told"


async def test_no_proxy_is_at_a_closed_address(
    listening: tuple[Server, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, port = listening
    monkeypatch.setattr(reach, "CLUSTERS", Networks())
    connection = declared("http://192.0.2.1", proxyUrl=f"http://localhost:{port}")
    assert reach.CLOSED in await asked(connection)
    assert server.came == 0


async def test_a_cluster_on_this_machine_is_reached(listening: tuple[Server, int]) -> None:
    server, port = listening
    assert await asked(declared(f"http://localhost:{port}")) == "asked"
    assert server.came == 1


@pytest.mark.parametrize(
    ("url", "closed"),
    [
        ("https://169.254.169.254", True),
        ("https://[fe80::1]:6443", True),
        ("https://[::ffff:169.254.169.254]", True),
        ("https://2852039166", True),
        ("https://0xa9.0xfe.43518", True),
        ("https://100.100.100.200", True),
        ("https://[fd00:ec2::254]", True),
        ("https://0.0.0.0:443", True),
        ("https://10.0.0.1", False),
        ("https://127.0.0.1:6443", False),
        ("https://[::1]:6443", False),
        ("https://kubernetes.default.svc", False),
        ("https://169.254.169.254.nip.example", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_numbers_are_told_when_a_cluster_is_declared(url: str, closed: bool) -> None:
    assert reach.is_closed(url) == closed
