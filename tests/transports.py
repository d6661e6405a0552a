"""Clients of both kinds of gRPC that use nothing of Fairlead's own codec: grpcio, and gRPC-Web by hand."""

import io
import struct
from typing import Any

import aiohttp
import grpc
import grpc.aio

from fairlead.wire.catalogue import RPCS_BY_PATH
from tests import wire_messages as google

WEB = "application/grpc-web+proto"
AGENT = "argocd-client/v3.6.1+unknown grpc-go/1.84.0"
MAX_MESSAGE = 200 << 20
"""Bytes of a message that the stock client takes."""
PING_MILLISECONDS = 20_000


class RefusedError(Exception):
    """What a client was told: a code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words


class Native:
    """A client over HTTP/2."""

    def __init__(
        self,
        target: str,
        token: str = "",
        credentials: Any = None,
        compression: grpc.Compression = grpc.Compression.NoCompression,
    ) -> None:
        options = [
            ("grpc.primary_user_agent", AGENT),
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", MAX_MESSAGE),
            ("grpc.keepalive_time_ms", PING_MILLISECONDS),
            ("grpc.keepalive_permit_without_calls", 1),
        ]
        self.channel = (
            grpc.aio.secure_channel(target, credentials, options=options, compression=compression)
            if credentials
            else grpc.aio.insecure_channel(target, options=options, compression=compression)
        )
        self.metadata = (("token", token),)

    async def __aenter__(self) -> "Native":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()

    async def ask(self, rpc: str, fields: dict[str, Any], *, seconds: float = 60) -> Any:
        """The answer's message. Raises RefusedError."""
        return await self.send(rpc, message(rpc, fields), seconds=seconds)

    async def send(self, rpc: str, sent: Any, *, seconds: float = 60) -> Any:
        """The answer to a message. Raises RefusedError."""
        try:
            return await self._call(rpc, "unary_unary")(sent, metadata=self.metadata, timeout=seconds)
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error.code().value[0], error.details() or "") from None

    def stream(self, rpc: str, fields: dict[str, Any], *, seconds: float | None = None) -> Any:
        """A call whose messages are read one after another."""
        return self.sent_stream(rpc, message(rpc, fields), seconds=seconds)

    def sent_stream(self, rpc: str, sent: Any, *, seconds: float | None = None) -> Any:
        """The same of a message."""
        return self._call(rpc, "unary_stream")(sent, metadata=self.metadata, timeout=seconds)

    def talk(self, rpc: str) -> Any:
        """A call with messages both ways."""
        return self._call(rpc, "stream_stream")(metadata=self.metadata)

    def _call(self, rpc: str, form: str) -> Any:
        described = RPCS_BY_PATH[rpc]
        return getattr(self.channel, form)(
            rpc,
            request_serializer=lambda sent: sent.SerializeToString(),
            response_deserializer=google.kind(described.response).FromString,
        )


def message(rpc: str, fields: dict[str, Any]) -> Any:
    """The request of an RPC."""
    return google.filled(RPCS_BY_PATH[rpc].request, fields)


def framed(data: bytes) -> bytes:
    """A message in its frame."""
    return struct.pack("!BL", 0, len(data)) + data


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Kind and content of each frame."""
    found, at = [], 0
    while at < len(data):
        kind, size = struct.unpack_from("!BL", data, at)
        assert at + 5 + size <= len(data)
        found.append((kind, data[at + 5 : at + 5 + size]))
        at += 5 + size
    return found


def web_headers(token: str) -> dict[str, str]:
    """The headers of a call over gRPC-Web, as Go's client of HTTP/1.1 sends those of the stock command."""
    return {
        "Content-Type": WEB,
        "User-Agent": AGENT,
        "Grpc-Accept-Encoding": "gzip",
        "Accept-Encoding": "gzip",
        "Token": token,
    }


async def ask_web(
    http: aiohttp.ClientSession, url: str, rpc: str, fields: dict[str, Any], token: str = ""
) -> Any:
    """The answer's message over gRPC-Web, read as the stock client reads it. Raises RefusedError."""
    return await ask_web_message(http, url, rpc, message(rpc, fields), token)


async def ask_web_message(http: aiohttp.ClientSession, url: str, rpc: str, sent: Any, token: str = "") -> Any:
    """The answer to a message over gRPC-Web. Raises RefusedError."""
    body = framed(sent.SerializeToString())
    async with http.post(url + rpc, data=io.BytesIO(body), headers=web_headers(token)) as answer:
        assert answer.status == 200, (answer.status, await answer.text())
        said = frames(await answer.read())
        assert said[-1][0] == 0x80
        if "Grpc-Status" in answer.headers:
            assert len(said) == 1
            raise RefusedError(int(answer.headers["Grpc-Status"]), answer.headers["Grpc-Message"])
        ((kind, data), _) = said
        assert kind == 0
        return google.kind(RPCS_BY_PATH[rpc].response).FromString(data)
