"""Messages in their frames, statuses as headers spell them, and deadlines.

Sources: "gRPC over HTTP/2" and "gRPC-Web" of the protocol's own documents.
"""

import re
import struct
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fairlead.api_server.grpc.inflate import GZIP
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.process.body import TooLargeError

HEAD = struct.Struct("!BL")
PLAIN, COMPRESSED, END = 0, 1, 0x80
MAX_MESSAGE = 2048
"""Bytes of an error's words in a header, before they are escaped."""
ENDED_WITHIN = "the request ends within a message"
_TIMEOUT = re.compile(r"^(\d{1,8})([HMSmun])$")
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}

Read = Callable[[int], Awaitable[bytes]]


def framed(message: bytes) -> bytes:
    """A message in its frame."""
    return HEAD.pack(PLAIN, len(message)) + message


def ended(status: int, words: str) -> bytes:
    """The last frame of gRPC-Web."""
    text = f"grpc-status: {status}\r\ngrpc-message: {escaped(words)}\r\n".encode()
    return HEAD.pack(END, len(text)) + text


class Head(NamedTuple):
    """What stands before a message."""

    size: int
    is_compressed: bool


async def head_of_next(read: Read, limit: int, encoding: str) -> Head | None:
    """What stands before the next message, None after the last. Raises RefusalError, TooLargeError."""
    head = await read(HEAD.size)
    if not head:
        return None
    form, size = HEAD.unpack(head)
    if form not in (PLAIN, COMPRESSED):
        raise RefusalError(Code.INVALID_ARGUMENT, f"grpc: received unexpected payload format {form}")
    if form == COMPRESSED and encoding != GZIP:
        words = "grpc: compressed flag set with identity or empty encoding"
        raise RefusalError(Code.INVALID_ARGUMENT, words)
    if size > limit:
        raise TooLargeError(limit)
    return Head(int(size), form == COMPRESSED)


def escaped(words: str) -> str:
    """An error's words as a header may carry them: what is not printable ASCII as `%XX`."""
    raw = words.encode(errors="replace")[:MAX_MESSAGE]
    return "".join(chr(byte) if 0x20 <= byte <= 0x7E and byte != 0x25 else f"%{byte:02X}" for byte in raw)


def seconds_of(timeout: str) -> float | None:
    """The seconds of a `grpc-timeout`; None for none. Raises RefusalError."""
    if not timeout:
        return None
    match = _TIMEOUT.match(timeout)
    if match is None:
        raise RefusalError(Code.INVALID_ARGUMENT, "malformed grpc-timeout")
    return int(match[1]) * _UNITS[match[2]]
