"""Answers of few bytes that are put together once, for what is asked by the thousand.

Invariant: such an answer has every header that others have; it is for requests that may have a body in their
answer, so never for HEAD.
"""

import time
from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import ClientConnectionResetError, HttpVersion11, web

from fairlead.api_server.rest.guard import protective


class Canned(web.StreamResponse):
    """An answer as plain text."""

    def __init__(
        self, status: int, text: str, headers: Iterable[tuple[str, str]] = (), *, secure: bool
    ) -> None:
        super().__init__(status=status)
        self._said = (status, text, tuple(headers), secure)

    async def prepare(self, request: web.BaseRequest) -> None:
        """Send all of it."""
        if request.version < HttpVersion11 or not request.keep_alive:
            self.force_close()
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ClientConnectionResetError("the client has gone")
        start, end = _bytes(*self._said, self.keep_alive is not False)
        transport.write(b"%bDate: %b\r\n%b" % (start, _date(int(time.time())), end))
        await request.writer.drain()

    async def write_eof(self, _: bytes = b"") -> None:
        """It was sent."""

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection stays."""
        return super().keep_alive is not False


@lru_cache(maxsize=256)
def _bytes(
    status: int, text: str, headers: tuple[tuple[str, str], ...], secure: bool, stays: bool
) -> tuple[bytes, bytes]:
    """What comes before and after the date."""
    body = text.encode()
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    if body:
        lines.append("Content-Type: text/plain; charset=utf-8")
    lines += [f"{name}: {value}" for name, value in (*headers, *protective("/api/", secure=secure))]
    lines += [f"Content-Length: {len(body)}", *([] if stays else ["Connection: close"])]
    return "".join(f"{line}\r\n" for line in lines).encode(), b"\r\n" + body


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
