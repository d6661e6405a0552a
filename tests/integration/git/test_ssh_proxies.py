"""Repositories over SSH: through proxies."""

import asyncio
import base64

import msgspec
import pytest

from fairlead.git import (
    GitInvalidError,
    GitTransientError,
)
from tests.integration.git.over_ssh import OURS, Over


async def test_through_a_proxy_the_same_is_read(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    for kind in ("http", "socks5"):
        async with Proxy(kind) as proxy:
            way = msgspec.structs.replace(OURS, proxy=f"{kind}://us%40er:pa%3Ass@127.0.0.1:{proxy.port}")
            assert (await over.to(way).list_refs()).refs
            await over.bench.mirror.check(over.to(way), list_first=False)
            assert proxy.asked == [f"127.0.0.1:{over.server.port}"]
            assert proxy.told == ["us@er:pa:ss"]
            around = msgspec.structs.replace(way, no_proxy="127.0.0.0/8")
            assert (await over.to(around).list_refs()).refs
            assert len(proxy.asked) == 1


async def test_a_proxy_that_is_none_or_refuses_is_named(over: Over) -> None:
    before = over.server.connections
    for proxy, words in (
        ("ftp://127.0.0.1:1", "proxy"),
        ("socks5://", "proxy"),
        ("https://127.0.0.1:1", "socks5://host:port or http://host:port"),
        ("socks5://127.0.0.1:1", "could not reach"),
        ("-oProxyCommand=touch /tmp/x", "proxy"),
    ):
        with pytest.raises((GitInvalidError, GitTransientError), match=words):
            await over.to(msgspec.structs.replace(OURS, proxy=proxy)).list_refs()
    async with Proxy("http", status="403 Forbidden") as refusing_proxy:
        way = msgspec.structs.replace(OURS, proxy=f"http://127.0.0.1:{refusing_proxy.port}")
        with pytest.raises(GitTransientError, match="403 Forbidden"):
            await over.to(way).list_refs()
    assert over.server.connections == before


class Proxy:
    """A proxy on loopback that writes down where it was asked to go, and by whom."""

    def __init__(self, kind: str, status: str = "200 OK") -> None:
        self.asked: list[str] = []
        self.told: list[str] = []
        self.port = 0
        self._kind = kind
        self._status = status

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = await (self._http if self._kind == "http" else self._socks)(reader, writer)
        self.asked.append(f"{host}:{port}")
        if not self._status.startswith("200"):
            writer.close()
            return
        there, back = await asyncio.open_connection(host, port)
        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.told += [
            base64.b64decode(line.split(" ")[2]).decode() for line in lines if line.startswith("Proxy-Auth")
        ]
        writer.write(f"HTTP/1.1 {self._status}\r\nX: y\r\n\r\n".encode())
        host, _, port = lines[0].split(" ")[1].rpartition(":")
        return host, int(port)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        methods = await reader.readexactly((await reader.readexactly(2))[1])
        assert 2 in methods
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        words = [(await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)]
        self.told.append(":".join(words))
        writer.write(b"\x01\x00")
        await reader.readexactly(3)
        kind = (await reader.readexactly(1))[0]
        assert kind == 1
        host = ".".join(str(byte) for byte in await reader.readexactly(4))
        port = int.from_bytes(await reader.readexactly(2), "big")
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        return host, port


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    finally:
        target.close()
