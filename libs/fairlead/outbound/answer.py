"""What a host answered, read piece by piece within its limit.

Invariant: never more than `limit` bytes are in memory or handed on, counted before and after decompression;
who sends slower than git's own limit is given up.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator

import aiohttp
from multidict import CIMultiDictProxy

from fairlead.outbound.errors import OutboundTransientError, TooLargeError, TooSlowError

PIECE = 1 << 17
"""Bytes read at once."""
SILENCE = 15.0
"""Seconds over which a sender's speed is taken; as git does (`http.lowSpeedTime`)."""
SLOWEST = 100
"""Bytes a second below which a sender is given up (`http.lowSpeedLimit`)."""
_GZIP_OR_ZLIB = 47
"""zlib's word for finding out by itself which of the two it reads."""
_ENCODED = frozenset({"gzip", "x-gzip", "deflate"})

Counted = Callable[[int], None]


class Answer:
    """One answer. `url` is where it came from in the end, without user information and query."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        url: str,
        *,
        limit: int,
        decode: bool,
        counted: Counted = lambda _: None,
    ) -> None:
        self.url = url
        self._response = response
        self._limit = limit
        self._decode = decode
        self._counted = counted

    @property
    def status(self) -> int:
        """The status, one of those that were asked for."""
        return self._response.status

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers, found in whatever case."""
        return self._response.headers

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; "" when none is told."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """All of it. Raises as `chunks` does."""
        return b"".join([piece async for piece in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its pieces as they come.

        Raises:
            TooLargeError: there is more than `limit`.
            OutboundTransientError: it breaks off, is slower than `SLOWEST`, or does not decompress.
        """
        told = self._response.content_length
        if told is not None and told > self._limit:
            raise self._too_large()
        encoding = self.headers.get("Content-Encoding", "").strip().lower()
        inflate = _Inflate(self.url, self._limit) if self._decode and encoding in _ENCODED else None
        size = 0
        async for piece in self._raw():
            for plain in inflate.each(piece) if inflate else (piece,):
                size += len(plain)
                if size > self._limit:
                    raise self._too_large()
                yield plain
        if inflate and not inflate.is_whole:
            raise OutboundTransientError(f"{self.url}: the answer breaks off")

    async def _raw(self) -> AsyncIterator[bytes]:
        size, pace = 0, _Pace(self.url)
        while piece := await self._piece(pace):
            size += len(piece)
            self._counted(len(piece))
            if size > self._limit:
                raise self._too_large()
            yield piece

    async def _piece(self, pace: _Pace) -> bytes:
        started = time.monotonic()
        try:
            async with asyncio.timeout(SILENCE) as limit:
                piece = await self._response.content.read(PIECE)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TooSlowError(f"{self.url}: no data for {SILENCE:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise OutboundTransientError(f"{self.url}: the answer breaks off") from error
        pace.went(len(piece), time.monotonic() - started)
        return piece

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"{self.url} is larger than {_size(self._limit)}")


class _Pace:
    """How fast a sender is over the last `SILENCE` seconds that were waited for it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bytes = 0
        self._seconds = 0.0

    def went(self, size: int, seconds: float) -> None:
        self._bytes += size
        self._seconds += seconds
        if self._seconds < SILENCE:
            return
        if size and self._bytes < SLOWEST * self._seconds:
            raise TooSlowError(f"{self._url} sends fewer than {SLOWEST} bytes a second")
        self._bytes, self._seconds = 0, 0.0


class _Inflate:
    """Decompresses in pieces of bounded size: a bomb is stopped by who counts them."""

    def __init__(self, url: str, limit: int) -> None:
        self._url = url
        self._most = min(limit + 1, PIECE * 8)
        self._inflate = zlib.decompressobj(wbits=_GZIP_OR_ZLIB)

    @property
    def is_whole(self) -> bool:
        return self._inflate.eof

    def each(self, left: bytes) -> Iterator[bytes]:
        """What a piece becomes; one part that ended may be followed by another."""
        while left:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(wbits=_GZIP_OR_ZLIB)
            try:
                plain = self._inflate.decompress(left, self._most)
            except zlib.error as error:
                raise OutboundTransientError(f"{self._url}: the answer does not decompress") from error
            left = self._inflate.unconsumed_tail or self._inflate.unused_data
            if plain:
                yield plain


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
