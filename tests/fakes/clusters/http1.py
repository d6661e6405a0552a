"""HTTP/1.1 as clients of Kubernetes speak it: kept connections, whole answers, endless ones in chunks.

Invariant: requests of one connection are answered in order; nothing else is understood, and says so.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from tests.fakes.clusters.cluster import Cluster
from tests.fakes.clusters.messages import Reply, Streamed, asked

MOST_HEAD_BYTES = 64 * 1024
_END = b"\r\n\r\n"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


class Http1(asyncio.Protocol):
    """One connection."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._buffer = bytearray()
        self._transport: asyncio.Transport
        self._stop: Callable[[], None] | None = None
        self._is_streaming = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        cluster = self._cluster
        cluster.connections += 1
        cluster.most_connections = max(cluster.most_connections, cluster.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cluster.connections -= 1
        self._end_stream()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while not self._is_streaming and self._take():
            pass

    def _take(self) -> bool:
        """Answer one request, if it is there whole."""
        end = self._buffer.find(_END)
        if end < 0:
            if len(self._buffer) > MOST_HEAD_BYTES:
                self._transport.abort()
            return False
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        start = end + len(_END)
        body = self._body(start, headers)
        if body is None:
            return False
        content, behind = body
        del self._buffer[:behind]
        method, target, _ = first.split(" ")
        answer = self._cluster.answer(asked(method, target, headers, content))
        if isinstance(answer, Streamed):
            self._begin_stream(answer)
        else:
            self._transport.write(written(answer))
        return bool(self._buffer)

    def _body(self, start: int, headers: dict[str, str]) -> tuple[bytes, int] | None:
        """The body and where the next request begins; None when it is not there yet."""
        if "chunked" in headers.get("transfer-encoding", ""):
            return self._chunked_body(start)
        behind = start + int(headers.get("content-length") or 0)
        return None if len(self._buffer) < behind else (bytes(self._buffer[start:behind]), behind)

    def _chunked_body(self, at: int) -> tuple[bytes, int] | None:
        parts: list[bytes] = []
        while True:
            line = self._buffer.find(b"\r\n", at)
            if line < 0:
                return None
            size = int(self._buffer[at:line].split(b";")[0], 16)
            at = line + 2
            if len(self._buffer) < at + size + 2:
                return None
            parts.append(bytes(self._buffer[at : at + size]))
            at += size + 2
            if not size:
                return b"".join(parts), at

    def _begin_stream(self, answer: Streamed) -> None:
        self._is_streaming = True
        self._transport.write(_CHUNKED)
        self._stop = answer.begin(self._chunk, self._finish)

    def _chunk(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _finish(self) -> None:
        """The stream is over, and the connection free for the next request."""
        self._end_stream()
        self._transport.write(b"0\r\n\r\n")
        while not self._is_streaming and self._buffer and self._take():
            pass

    def _end_stream(self) -> None:
        self._is_streaming = False
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()


def written(reply: Reply) -> bytes:
    """An answer as bytes."""
    head = (
        f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, '')}\r\n"
        f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
        + "\r\n"
    )
    return head.encode("latin-1") + reply.body
