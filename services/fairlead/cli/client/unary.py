"""One RPC over gRPC-Web, for requests that are longer than an address may be.

The invariant: what the server refuses is a RefusedError in its words, wherever in the answer it stands.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from fairlead.cli.errors import CliError, RefusedError
from fairlead.wire.decode import decode
from fairlead.wire.encode import encode

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport

CONTENT = "application/grpc-web+proto"
HEAD = struct.Struct("!BL")
PLAIN, END = 0, 0x80


def unary(
    transport: Transport, method: str, asked: tuple[str, Mapping[str, Any]], answer: str
) -> dict[str, Any]:
    """The answer of `/<service>/<method>`; messages are named as in the table of the wire."""
    name, value = asked
    message = encode(name, value)
    body = HEAD.pack(PLAIN, len(message)) + message
    content = transport.call("POST", f"/{method}", body, content_type=CONTENT)
    found: dict[str, Any] | None = None
    for kind, frame in _frames(content):
        if kind == END:
            _require_success(frame)
        elif kind == PLAIN:
            found = dict(decode(answer, frame))
    if found is None:
        raise CliError("the server's answer makes no sense; is it an API server?")
    return found


def _frames(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + HEAD.size <= len(content):
        kind, size = HEAD.unpack_from(content, at)
        at += HEAD.size
        yield kind, content[at : at + size]
        at += size


def _require_success(trailers: bytes) -> None:
    said = {
        line.partition(":")[0].strip().lower(): line.partition(":")[2].strip()
        for line in trailers.decode(errors="replace").splitlines()
    }
    code = said.get("grpc-status", "0")
    if code != "0":
        raise RefusedError(int(code) if code.isdecimal() else 2, unquote(said.get("grpc-message", "")))
