"""Messages of gRPC as bytes: a flag, four bytes of length, the message.

Why not message by message: a repository of 100 MB is 100,000 messages of 1,024 bytes, and what is sent is the
same however many are written at once. Invariant: no message is read that is longer than the caller says.
"""

import base64
from typing import Any, Final

from grpclib.protocol import Stream

from fairlead.plugin.protocol import CHUNK, MATCH, request_of
from fairlead.wire.decode import decode
from fairlead.wire.encode import delimited, tag_of

HEAD: Final = 5
_REQUEST: Final = request_of(MATCH)
_FILE: Final = tag_of(_REQUEST, "file")
_PIECE: Final = tag_of("plugin.File", "chunk")
_WIDTHS: Final = (2, 1, 3)
"""Bytes of a length as varint, the usual one first: most messages need not be decoded field by field."""


class FrameError(Exception):
    """What arrives is no message, or a longer one than may be."""


def chunks(data: bytes) -> bytes:
    """A part of the archive as messages, CHUNK bytes in each but the last."""
    return b"".join(_framed(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))


def _framed(piece: bytes) -> bytes:
    message = delimited(_FILE, delimited(_PIECE, piece))
    return b"\0" + len(message).to_bytes(4, "big") + message


async def received(stream: Stream, limit: int) -> bytes | None:
    """The next message; None when there is none. Raises FrameError."""
    try:
        head = await stream.recv_data(HEAD)
        if not head:
            return None
        if head[0]:
            raise FrameError("it is compressed, which nobody asked for")
        size = int.from_bytes(head[1:], "big")
        if size > limit:
            raise FrameError(f"it is {size} bytes long, and {limit} is the most that is taken")
        body = await stream.recv_data(size)
    except AssertionError as error:  # grpclib's word for a stream that ends within what was asked for
        raise FrameError("it ends in the middle") from error
    if len(body) != size:
        raise FrameError("it ends in the middle")
    return body


def chunk_of(message: bytes) -> bytes | None:
    """The part of the archive in a message; None when it carries none. Raises DecodeError."""
    for width in _WIDTHS:
        piece = message[len(_FILE) + len(_PIECE) + 2 * width :]
        if piece and message == delimited(_FILE, delimited(_PIECE, piece)):
            return piece
    found: dict[str, Any] = decode(_REQUEST, message)
    file = found.get("file")
    return None if file is None else base64.b64decode(file.get("chunk", ""))
