"""One request to a backend and its answer, both passed on piece by piece.

Invariant: of either no more than a few pieces are held; whoever is slow or silent for too long is let go.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import structlog
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from fairlead.api_server.extensions.headers import returned
from fairlead.api_server.extensions.refused import RefusedError
from fairlead.api_server.operations.refusal import RefusalError

log = structlog.get_logger(__name__)

MAX_BYTES = 32 << 20
"""Of what a caller sends."""
ANSWER_SECONDS = 120.0
"""Until a backend begins to answer, all sent and a connection free."""
QUIET_SECONDS = 300.0
"""That an answer may say nothing."""
SLOW_SECONDS = 60.0
"""That a caller may take to read a piece, or to send one."""
LOOK_SECONDS = 5.0
"""Between looks at whether an answer may go on."""
POLICY = "default-src 'none'; frame-ancestors 'self'"
"""A backend's answer is data for a page, never a page: it would be one of ours."""


class Upload:
    """The caller's body; `refusal` is why it was not read to its end."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.refusal: RefusedError | None = None
        if (request.content_length or 0) > MAX_BYTES:
            raise _too_large()

    @property
    def pieces(self) -> AsyncIterator[bytes] | None:
        """None where there is no body."""
        return self._pieces() if self._request.can_read_body else None

    async def _pieces(self) -> AsyncIterator[bytes]:
        size = 0
        while not self._request.content.at_eof():
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    piece = await self._request.content.readany()
            except TimeoutError:
                self.refusal = RefusedError(408, "the request came too slowly")
                raise self.refusal from None
            size += len(piece)
            if size > MAX_BYTES:
                self.refusal = _too_large()
                raise self.refusal
            if piece:
                yield piece


def _too_large() -> RefusedError:
    return RefusedError(413, f"the request is larger than {MAX_BYTES >> 20} MiB")


async def asked_of(
    session: aiohttp.ClientSession, address: URL, request: web.Request, headers: CIMultiDict[str]
) -> aiohttp.ClientResponse:
    """The backend's answer as far as its headers; to be closed. Raises RefusedError."""
    upload = Upload(request)
    if request.content_length is not None and request.can_read_body:
        headers["Content-Length"] = str(request.content_length)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await session.request(
                request.method, address, headers=headers, data=upload.pieces, allow_redirects=False
            )
    except TimeoutError:
        raise RefusedError(504, "the extension's backend did not answer in time") from None
    except (aiohttp.ClientError, OSError, ValueError, RefusedError) as error:
        if upload.refusal is not None:
            raise upload.refusal from None
        log.warning("api.extension.away", error=type(error).__name__, words=str(error)[:200])
        raise RefusedError(502, "the extension's backend cannot be reached") from None
    if answer.status < 200:
        answer.close()
        raise RefusedError(502, "the extension's backend gave no answer")
    return answer


def response_to(answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """The beginning of what the caller is told."""
    response = web.StreamResponse(status=answer.status, headers=returned(answer.headers))
    response.headers["Content-Security-Policy"] = POLICY
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal():
        response.content_length = int(length)
    return response


class Answer:
    """What a backend says, on its way to the caller. `may_go_on` raises when it may not any more."""

    def __init__(
        self,
        answer: aiohttp.ClientResponse,
        response: web.StreamResponse,
        request: web.Request,
        may_go_on: Callable[[], Awaitable[None]],
    ) -> None:
        self._answer = answer
        self._response = response
        self._request = request
        self._may_go_on = may_go_on
        self._looked = time.monotonic()

    async def pass_on(self) -> None:
        """Return when all was told. Raises ConnectionError after cutting off what cannot be told whole."""
        try:
            await self._pass_on()
        except (aiohttp.ClientError, TimeoutError, OSError, RefusedError, RefusalError) as error:
            transport = self._request.transport
            if transport is not None:
                transport.abort()
            raise ConnectionError(str(error)) from None

    async def _pass_on(self) -> None:
        while (piece := await self._next()) is not None:
            async with asyncio.timeout(SLOW_SECONDS):
                await self._response.write(piece)
        await self._response.write_eof()

    async def _next(self) -> bytes | None:
        """The next piece; None after the last."""
        content, heard = self._answer.content, time.monotonic()
        while not content.at_eof():
            await self._look(heard)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    piece = await content.readany()
            except TimeoutError:
                continue
            if piece:
                return piece
        return None

    async def _look(self, heard: float) -> None:
        """Raises when it is to end: nobody listens, nothing comes, or the caller may no more."""
        now = time.monotonic()
        if now - heard >= QUIET_SECONDS:
            raise TimeoutError
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the caller has left")
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            await self._may_go_on()
