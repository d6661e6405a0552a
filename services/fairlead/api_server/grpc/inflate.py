"""Messages that a client has compressed, read within the bounds of those that it has not.

Invariant: what a message becomes is counted as it grows, so that few bytes never become more than their row
takes; a piece at a time is all that the loop waits for.
"""

import asyncio
import zlib
from collections.abc import Callable

from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.process.body import TooLargeError

GZIP = "gzip"
ENCODINGS = ("identity", GZIP)
ACCEPTED = ",".join(ENCODINGS)
"""As `grpc-accept-encoding` tells them."""
PIECE = 64 << 10
"""Bytes that are made at a time, in less than a millisecond."""
_GZIP_WINDOW = 31


def require_encoding(encoding: str) -> str:
    """The encoding of a request's messages, which a header names. Raises UNIMPLEMENTED for one of others."""
    found = encoding or "identity"
    if found not in ENCODINGS:
        words = f'grpc: Decompressor is not installed for grpc-encoding "{found[:100]}"'
        raise RefusalError(Code.UNIMPLEMENTED, words)
    return found


async def inflated(data: bytes, limit: int, take: Callable[[int], None]) -> bytes:
    """The message that gzip made `data` of. `take` is told of each piece before the next is made.

    Raises TooLargeError beyond `limit` bytes, RefusalError for what is not gzip's, and what `take` raises.
    """
    engine = zlib.decompressobj(_GZIP_WINDOW)
    out = bytearray()
    for start in range(0, len(data), PIECE):
        rest, is_full = data[start : start + PIECE], True
        while (rest or is_full) and not engine.eof:
            piece = _next(engine, rest)
            rest, is_full = engine.unconsumed_tail, len(piece) == PIECE
            if len(out) + len(piece) > limit:
                raise TooLargeError(limit)
            take(len(piece))
            out += piece
            await asyncio.sleep(0)
    if not engine.eof or engine.unused_data:
        raise RefusalError(Code.INVALID_ARGUMENT, "grpc: a compressed message is not whole")
    return bytes(out)


def _next(engine: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return engine.decompress(data, PIECE)
    except zlib.error as error:
        words = f"grpc: a message cannot be decompressed: {error}"
        raise RefusalError(Code.INVALID_ARGUMENT, words) from None
