"""The edge to an API server: it can answer for the server, loses answers, and records writes."""

import asyncio
import random
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from fairlead.local.pki import Pki
from fairlead.local.ports import LOOPBACK, choose_port
from tests.chaos.recording import MUTATING, Recording, Write

BODY_BYTES = 16 * 1024**2
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-connection", "host"}
)
REFUSALS: Mapping[int, tuple[str, str]] = {
    409: ("Conflict", "the object has been modified; please apply your changes to the latest version"),
    429: ("TooManyRequests", "the server has received too many requests"),
    500: ("InternalError", "etcdserver: request timed out"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
}


class KubeEdge:
    """One caller's way to the API server. Shares are between 0 and 1, of requests that are not watches.

    Callers are known by their tokens; with `client` those without one are that client of the control plane.
    """

    def __init__(
        self, name: str, url: str, pki: Pki, recording: Recording, *, chance: random.Random, client: str = ""
    ) -> None:
        self.name = name
        self.port = choose_port()
        self.delay = 0.0
        self.refused: dict[int, float] = {}
        self.lost = 0.0
        self.requests = 0
        self._url = URL(url)
        self._pki = pki
        self._recording = recording
        self._chance = chance
        self._client = client
        self._flows = asyncio.Event()
        self._flows.set()
        self._watches_flow = asyncio.Event()
        self._watches_flow.set()
        self._refuses = False
        self._open: set[asyncio.BaseTransport] = set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, access_log=None, auto_decompress=False, shutdown_timeout=0.2
        )
        await self._runner.setup()
        own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        own.load_cert_chain(self._pki.server.certificate, self._pki.server.key)
        await web.TCPSite(self._runner, LOOPBACK, self.port, ssl_context=own, reuse_address=True).start()
        trusted = ssl.create_default_context(cafile=str(self._pki.ca.certificate))
        if self._client:
            pair = self._pki.clients[self._client]
            trusted.load_cert_chain(pair.certificate, pair.key)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trusted, limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heal()
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def slow(self, seconds: float) -> None:
        """Delay each request."""
        self.delay = seconds

    def stall(self) -> None:
        """Accept requests and answer none."""
        self._flows.clear()

    def stall_watches(self) -> None:
        """Leave watches open and silent."""
        self._watches_flow.clear()

    def refuse(self) -> None:
        """Reset what is open and whatever comes."""
        self._refuses = True
        self.cut()

    def cut(self) -> None:
        """Reset what is open."""
        for transport in tuple(self._open):
            transport.abort()  # type: ignore[attr-defined]

    def heal(self) -> None:
        """Undo everything."""
        self.delay, self.lost, self._refuses = 0.0, 0.0, False
        self.refused = {}
        self._flows.set()
        self._watches_flow.set()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        if self._refuses or transport is None:
            return _reset(request)
        self.requests += 1
        self._open.add(transport)
        try:
            return await self._answer(request)
        except (aiohttp.ClientError, OSError):
            return _reset(request)
        finally:
            self._open.discard(transport)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.delay)
        await self._flows.wait()
        body = await request.read()
        is_watch = request.query.get("watch") in {"1", "true"}
        refusal = None if is_watch else self._refusal()
        if refusal is not None:
            return refusal
        if request.method not in MUTATING:
            return await self._passed(request, body, is_watch=is_watch)
        write = Write(
            by=self.name, method=request.method, path=request.path, query=request.query_string, body=body
        )
        await self._recording.begin(write)
        return await self._carried(request, write)

    async def _carried(self, request: web.Request, write: Write) -> web.StreamResponse:
        async with self._asked(request, write.body) as answer:
            content = await answer.read()
            write.status = answer.status
            write.told = self._chance.random() >= self.lost
            await self._recording.end(write)
            if not write.told:
                return _reset(request)
            return web.Response(status=answer.status, body=content, headers=_passed_on(answer.headers))

    async def _passed(self, request: web.Request, body: bytes, *, is_watch: bool) -> web.StreamResponse:
        async with self._asked(request, body) as answer:
            response = web.StreamResponse(status=answer.status, headers=_passed_on(answer.headers))
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                if is_watch:
                    await self._watches_flow.wait()
                await self._flows.wait()
                await response.write(chunk)
            await response.write_eof()
            return response

    def _asked(self, request: web.Request, body: bytes) -> "aiohttp.client._RequestContextManager":
        if self._session is None:
            raise OSError("the edge is closed")
        target = URL(f"{self._url}{request.raw_path}", encoded=True)
        headers = _passed_on(request.headers)
        return self._session.request(
            request.method, target, data=body or None, headers=headers, allow_redirects=False
        )

    def _refusal(self) -> web.Response | None:
        for status, share in self.refused.items():
            if self._chance.random() < share:
                reason, message = REFUSALS[status]
                content = {
                    "kind": "Status",
                    "apiVersion": "v1",
                    "status": "Failure",
                    "reason": reason,
                    "message": message,
                    "code": status,
                }
                headers = {"Retry-After": "1"} if status == 429 else {}
                return web.json_response(content, status=status, headers=headers)
        return None


def kubeconfig_through(edge: KubeEdge, original: Path, file: Path) -> Path:
    """A copy of a kubeconfig that leads through an edge; credentials stay where they are."""
    text = original.read_text(encoding="utf-8")
    server = str(edge._url).rstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(text.replace(server, edge.url), encoding="utf-8")
    return file


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in headers.items() if k.lower() not in HOP_BY_HOP and k.lower() != "content-length"}


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
