"""A server of HTTP/2 that does what a test says: begins answers, cuts them, falls silent."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RequestReceived, StreamReset, WindowUpdated
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from fairlead.local.pki import Pki


class Conversation(asyncio.Protocol):
    """One connection; `asked` are the paths by stream, `gone` the streams its client gave up."""

    def __init__(self, server: "Http2Server") -> None:
        self._server = server
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.asked: dict[int, str] = {}
        self.is_over = False
        self.gone: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._server.conversations.append(self)
        if self._server.is_silent:
            return
        self.h2.initiate_connection()
        self.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: self._server.most})
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over = True

    def data_received(self, data: bytes) -> None:
        if self._server.is_deaf or self._server.is_silent:
            return
        try:
            events = self.h2.receive_data(data)
        except ProtocolError:
            self.transport.abort()
            return
        for event in events:
            if isinstance(event, RequestReceived):
                path = dict(event.headers or ())[":path"]
                self.asked[event.stream_id or 0] = str(path)
                self.begin(event.stream_id or 0)
            elif isinstance(event, StreamReset):
                self.gone.add(event.stream_id or 0)
            elif isinstance(event, WindowUpdated):
                self._server.windows += 1
        self.flush()

    def begin(self, stream: int) -> None:
        """Answers at once, with the status the server has."""
        headers = [(":status", str(self._server.status)), ("retry-after", "7"), *self._server.headers]
        self.h2.send_headers(stream, headers)
        if self._server.status != 200:
            self.h2.send_data(stream, b'{"kind":"Status","message":"not now"}', end_stream=True)

    def say(self, stream: int, data: bytes) -> None:
        """Sends as much as the window allows."""
        for start in range(0, len(data), 16_384):
            self.h2.send_data(stream, data[start : start + 16_384])
        self.flush()

    def end(self, stream: int) -> None:
        self.h2.end_stream(stream)
        self.flush()

    def cut(self, stream: int) -> None:
        self.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        self.flush()

    def dismiss(self) -> None:
        self.h2.close_connection(last_stream_id=max(self.asked, default=0))
        self.flush()

    def flush(self) -> None:
        self.transport.write(self.h2.data_to_send())


class Http2Server:
    """What its conversations go by."""

    def __init__(self) -> None:
        self.conversations: list[Conversation] = []
        self.most = 100
        self.status = 200
        self.headers: list[tuple[str, str]] = []
        self.is_deaf = False
        self.is_silent = False
        self.windows = 0
        self.port = 0


@asynccontextmanager
async def http2_server(pki: Pki, *, protocols: tuple[str, ...] = ("h2",)) -> AsyncIterator[Http2Server]:
    """One on a port of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server.certificate, pki.server.key)
    context.set_alpn_protocols(list(protocols))
    found = Http2Server()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(found), "127.0.0.1", 0, ssl=context)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for conversation in found.conversations:
            conversation.transport.abort()
