"""One exchange with the API server: headers, deadline, size bound, and failures as errors of our tree.

Invariant: what aiohttp raises ends here; above this module there is only `KubeError`.
"""

import asyncio
import copy
import io
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, nullcontext, suppress
from ssl import SSLContext
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog
from multidict import CIMultiDict
from yarl import URL

from fairlead.kube import fence, gate, sent
from fairlead.kube.answer import OK_LIMIT, Answer, failure, page, read, refusal
from fairlead.kube.budget import Budget
from fairlead.kube.connection import Connection, ssl_context
from fairlead.kube.credentials import Credentials
from fairlead.kube.errors import (
    ConnectionConfigError,
    KubeError,
    ProtocolError,
    RequestTimeoutError,
    UnauthorizedError,
    UnreachableError,
    error_from,
)
from fairlead.kube.minting import Mint
from fairlead.kube.multiplex import Multiplex, NoHttp2Error
from fairlead.kube.reach import guarded_socket

log = structlog.get_logger(__name__)

USER_AGENT = "fairlead"
STREAM_BUFFER_BYTES = 16 * 1024
SWITCHING_PROTOCOLS = 101
WHOLE_BYTES = 256 * 1024
"""Bytes of a body that are written in one piece."""
HAND_OVER_SECONDS = 40.0
"""How long connections under an earlier identity may still be used; longer than a request takes."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, bytes and requests; the defaults suit a control plane near by.

    An object is at most 3 MiB on the server (its request limit), so 16 MiB is ample for one; a page of 500
    may be larger, and is asked for in smaller parts when it is larger than `page_bytes`. A page has to begin
    and go on within `page_seconds`, and may wait for its turn to be read until `page_and_turn_seconds`.
    """

    connect_seconds: float = 5.0
    request_seconds: float = 35.0
    page_seconds: float = 65.0
    page_and_turn_seconds: float = 300.0
    answer_bytes: int = 16 * 1024 * 1024
    page_bytes: int = 64 * 1024 * 1024
    in_flight: int = 64
    keep_alive_seconds: float = 75.0


NEAR_BY = Bounds()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. An urgent one does not wait for its turn among those in flight."""

    method: str
    path: str
    body: bytes | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    etag: str | None = None
    large: bool = False
    urgent: bool = False


class _FencedRequest(aiohttp.ClientRequest):
    """Asks fence and gate once the connection is there and nothing but the bytes is left to do."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        fence.check(self.method, self.url.raw_path_qs)
        gate.check()
        return await super().send(conn)


async def _unfollowed(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """The answer to the request for a WebSocket, which aiohttp would follow to wherever a redirect leads."""
    response = await handler(request)
    if response.status != SWITCHING_PROTOCOLS:
        response.close()
        raise aiohttp.WSServerHandshakeError(response.request_info, (), status=response.status)
    return response


class _Pool:
    """The sessions, made on first use inside the running loop, and the gate before them."""

    def __init__(self, connection: Connection, bounds: Bounds) -> None:
        self.bounds = bounds
        self.gate = asyncio.Semaphore(bounds.in_flight)
        self.tls: SSLContext = ssl_context(connection)
        self._socket = guarded_socket if connection.is_declared else None
        self._session: aiohttp.ClientSession | None = None
        self._lines: aiohttp.ClientSession | None = None
        self._closed = False
        self.multiplex = Multiplex(connection, bounds.connect_seconds)
        self._connection = connection
        self._pair: tuple[bytes, bytes] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def wear(self, pair: tuple[bytes, bytes]) -> None:
        """Go on with a client certificate and key that were minted; what is under way ends as it began."""
        if pair == self._pair:
            return
        worn = msgspec.structs.replace(self._connection, client_cert=pair[0], client_key=pair[1])
        tls, before = ssl_context(worn), copy.copy(self)
        before._leaving = set()
        self.tls, self._pair, self._session, self._lines = tls, pair, None, None
        self.multiplex = Multiplex(worn, self.bounds.connect_seconds)
        leaving = asyncio.create_task(_close_later(before))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise UnreachableError("the client is closed", sent=False)
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self.tls,
                    limit=0,
                    keepalive_timeout=self.bounds.keep_alive_seconds,
                    socket_factory=self._socket,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                request_class=_FencedRequest,
            )
        return self._session

    def lines(self) -> aiohttp.ClientSession:
        """For WebSockets, over the same connector."""
        session = self.session()
        if self._lines is None:
            self._lines = aiohttp.ClientSession(
                connector=session.connector,
                connector_owner=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                request_class=_FencedRequest,
                middlewares=(_unfollowed,),
            )
        return self._lines

    async def close(self) -> None:
        self._closed = True
        for leaving in list(self._leaving):
            leaving.cancel()
        self.multiplex.close()
        if self._lines is not None:
            await self._lines.close()
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)


class Transport:
    """Sends requests of one identity; several may share one pool of connections."""

    def __init__(
        self,
        connection: Connection,
        bounds: Bounds = NEAR_BY,
        *,
        pool: _Pool | None = None,
        budget: Budget | None = None,
        mint: Mint | None = None,
        beside: Credentials | None = None,
    ) -> None:
        self.budget = budget or Budget()
        self._mint = mint
        self._connection = connection
        self._credentials = Credentials(connection, mint=mint, beside=beside)
        self._pool = pool or _Pool(connection, bounds)
        self._retired: set[asyncio.Task[None]] = set()
        self._encoding = "gzip" if connection.compress and not _is_loopback(connection.server) else "identity"

    def sharing(self, connection: Connection) -> "Transport":
        """A transport for another identity on the same server and connections."""
        return Transport(
            connection,
            self._pool.bounds,
            pool=self._pool,
            budget=self.budget,
            mint=self._mint,
            beside=self._credentials,
        )

    def swap(self, connection: Connection) -> None:
        """Go on under another identity, or another trust, on the same server.

        What is under way ends as it began, within `HAND_OVER_SECONDS`; endless answers are cut after that and
        begin anew. Raises ConnectionConfigError, and nothing has changed then.
        """
        credentials = Credentials(connection, mint=self._mint)
        if _same_line(connection, self._connection):
            pool = self._pool
        else:
            pool = _Pool(connection, self._pool.bounds)
            retired = asyncio.create_task(_close_later(self._pool))
            self._retired.add(retired)
            retired.add_done_callback(self._retired.discard)
        self._connection, self._credentials, self._pool = connection, credentials, pool

    async def close(self) -> None:
        for task in list(self._retired):
            task.cancel()
        await asyncio.gather(*self._retired, return_exceptions=True)
        await self._pool.close()

    async def send(self, request: Request) -> Answer:
        """One request and its whole answer. A refused token is read anew and tried once more."""
        credentials = self._credentials
        try:
            return await self._exchange(request)
        except UnauthorizedError:
            if self._credentials is credentials and not credentials.refresh():
                raise
        return await self._exchange(request)

    async def _exchange(self, request: Request) -> Answer:
        started, status = time.perf_counter(), 0
        try:
            answer = await self._answer(request)
        except KubeError as error:
            status = error.status
            raise
        else:
            status = answer.status
            return answer
        finally:
            seconds = time.perf_counter() - started
            sent.tell(self._connection.server, request.method, request.path, status, seconds)

    async def _answer(self, request: Request) -> Answer:
        bounds = self._pool.bounds
        seconds = bounds.page_seconds if request.large else bounds.request_seconds
        timeout = aiohttp.ClientTimeout(
            total=bounds.page_and_turn_seconds if request.large else seconds,
            sock_connect=bounds.connect_seconds,
            sock_read=seconds,
        )
        headers = await self._headers(request)
        async with nullcontext() if request.urgent else self._pool.gate:
            with _wrapped(self._connection.server, seconds):
                if request.large and self._pool.multiplex.may_speak:
                    with suppress(NoHttp2Error):
                        return await self._page(request, headers)
                async with self._open(request, headers, timeout) as response:
                    if not request.large:
                        return await read(response, bounds.answer_bytes)
                    async with self.budget.part(response.content_length):
                        return await read(response, bounds.page_bytes)

    async def _page(self, request: Request, headers: CIMultiDict[str]) -> Answer:
        """A page of a list, over the connection of the watches."""
        bounds = self._pool.bounds
        async with (
            asyncio.timeout(bounds.page_and_turn_seconds),
            self._pool.multiplex.get(request.path, list(headers.items())) as answer,
        ):
            head = await answer.head(bounds.page_seconds)
            content = answer.chunks(bounds.page_seconds)
            if head.status >= OK_LIMIT:
                raise await refusal(head.status, head.retry_after, content)
            try:
                async with self.budget.part(head.length):
                    whole = await page(head, content, bounds.page_bytes)
            except ProtocolError:
                if not answer.was_cut:
                    raise
            else:
                if not answer.was_cut:
                    return whole
            raise UnreachableError(f"{self._connection.server}: the answer was cut")

    async def watch(
        self, path: str, *, silence_seconds: float, accept: str = "application/json"
    ) -> AsyncGenerator[bytes, None]:
        """As `stream`, for what is one of many to the same server: over HTTP/2 where it is spoken."""
        if self._pool.multiplex.may_speak:
            try:
                async with aclosing(self._multiplexed(path, silence_seconds, accept)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            except NoHttp2Error:
                log.info("kube.http1", server=self._connection.server)
            else:
                return
        async with aclosing(self.stream(path, silence_seconds=silence_seconds, accept=accept)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _multiplexed(
        self, path: str, silence_seconds: float, accept: str
    ) -> AsyncGenerator[bytes, None]:
        headers = await self._headers(Request(method="GET", path=path, accept=accept))
        headers["Accept-Encoding"] = "identity"
        started = time.perf_counter()
        with _wrapped(self._connection.server, silence_seconds):
            async with self._pool.multiplex.get(path, list(headers.items())) as answer:
                head = await answer.head(silence_seconds)
                seconds = time.perf_counter() - started
                sent.tell(self._connection.server, "GET", path, head.status, seconds)
                if head.status >= OK_LIMIT:
                    if head.status == 401:
                        self._credentials.refresh()
                    raise await refusal(head.status, head.retry_after, answer.chunks(silence_seconds))
                yield b""
                async for chunk in answer.chunks(silence_seconds):
                    yield chunk

    async def stream(
        self, path: str, *, silence_seconds: float, accept: str = "application/json"
    ) -> AsyncGenerator[bytes, None]:
        """The chunks of an endless answer, an empty one first when it has begun.

        Raises RequestTimeoutError when none arrives for `silence_seconds`.
        """
        request = Request(method="GET", path=path, accept=accept)
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._pool.bounds.connect_seconds, sock_read=silence_seconds
        )
        headers = await self._headers(request)
        started = time.perf_counter()
        with _wrapped(self._connection.server, silence_seconds):
            async with self._open(request, headers, timeout, STREAM_BUFFER_BYTES) as response:
                seconds = time.perf_counter() - started
                sent.tell(self._connection.server, "GET", path, response.status, seconds)
                if response.status >= OK_LIMIT:
                    if response.status == 401:
                        self._credentials.refresh()
                    raise await failure(response)
                yield b""
                async for chunk in response.content.iter_any():
                    yield chunk

    async def websocket(
        self, path: str, protocols: Sequence[str], *, max_message: int
    ) -> "aiohttp.ClientWebSocketResponse[bool]":
        """A WebSocket, to be closed; not counted among the requests in flight. Of a refusal only the status
        is known."""
        headers = await self._headers(Request(method="GET", path=path))
        seconds = self._pool.bounds.request_seconds
        with _wrapped(self._connection.server, seconds):
            try:
                async with asyncio.timeout(seconds):
                    return await self._pool.lines().ws_connect(
                        URL(self._connection.server + path, encoded=True),
                        protocols=protocols,
                        headers=headers,
                        proxy=self._connection.proxy_url,
                        server_hostname=self._connection.server_name,
                        max_msg_size=max_message,
                    )
            except aiohttp.WSServerHandshakeError as error:
                if error.status == 401:
                    self._credentials.refresh()
                raise error_from(error.status, b"", None) from error

    async def _headers(self, request: Request) -> CIMultiDict[str]:
        headers = await self._credentials.headers()
        if self._credentials.pair is not None:
            self._pool.wear(self._credentials.pair)
        headers["Accept"] = request.accept
        headers["Accept-Encoding"] = self._encoding
        headers["User-Agent"] = USER_AGENT
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if request.etag is not None:
            headers["If-None-Match"] = request.etag
        return headers

    def _open(
        self,
        request: Request,
        headers: CIMultiDict[str],
        timeout: aiohttp.ClientTimeout,
        buffer: int = 64 * 1024,
    ) -> "aiohttp.client._RequestContextManager":
        return self._pool.session().request(
            request.method,
            URL(self._connection.server + request.path, encoded=True),
            data=_in_pieces(request.body),
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            read_bufsize=buffer,
            proxy=self._connection.proxy_url,
            server_hostname=self._connection.server_name,
        )


def _in_pieces(body: bytes | None) -> bytes | io.BytesIO | None:
    """A body that is written at once only where that does not hold the loop."""
    return io.BytesIO(body) if body is not None and len(body) > WHOLE_BYTES else body


@contextmanager
def _wrapped(server: str, seconds: float) -> Iterator[None]:
    """Turns what aiohttp raises into our errors."""
    try:
        yield
    except TimeoutError as error:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            raise UnreachableError(f"{server}: no connection in time", sent=False) from error
        raise RequestTimeoutError(f"{server}: no answer within {seconds:g} s") from error
    except aiohttp.ClientConnectorError as error:
        raise UnreachableError(f"{server}: {error}", sent=False) from error
    except (aiohttp.ClientError, ConnectionError, OSError) as error:
        words = str(error) or type(error).__name__
        raise UnreachableError(f"{server}: the connection broke: {words}") from error
    except ValueError as error:
        raise ConnectionConfigError(f"{server}: no request can be made: {error}") from error


def _same_line(one: Connection, other: Connection) -> bool:
    """Whether both may use the same connections: tokens and passwords travel in headers and may differ."""
    fields = (
        "server",
        "ca",
        "client_cert",
        "client_key",
        "insecure",
        "server_name",
        "proxy_url",
        "is_declared",
    )
    return all(getattr(one, name) == getattr(other, name) for name in fields)


async def _close_later(pool: _Pool) -> None:
    try:
        await asyncio.sleep(HAND_OVER_SECONDS)
    finally:
        await pool.close()


def _is_loopback(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
