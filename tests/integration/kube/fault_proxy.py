"""A proxy before the real API server that goes wrong on request.

Why: drops, stalls and lagging replicas cannot be had from a healthy server. Invariant: without a rule, every
byte passes unchanged.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

import aiohttp
from aiohttp import web

from fairlead.kube.connection import Connection, ssl_context

Rule = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]
_HOP_HEADERS = {"transfer-encoding", "connection", "content-length", "host"}


class FaultProxy:
    """`rule` sees each request first and may answer it itself; `requests` tells what was asked.

    `override` replaces the Accept header of a request, by the request's `id()`.
    """

    def __init__(self, connection: Connection) -> None:
        self._upstream = connection
        self.rule: Rule | None = None
        self.requests: list[str] = []
        self.statuses: list[int] = []
        self.override: dict[int, str] = {}
        self._open: dict[int, web.BaseRequest] = {}

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=ssl_context(self._upstream), limit=0)
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        server = web.Server(self._handle)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop_all()
        await self._runner.cleanup()
        await self._session.close()

    @property
    def connection(self) -> Connection:
        host, port = self._runner.addresses[0][:2]
        return Connection(server=f"http://{host}:{port}")

    def count(self, part: str) -> int:
        """How many requests had this text in their method, path or query."""
        return sum(part in line for line in self.requests)

    def lists(self, plural: str) -> int:
        """How many lists of these were begun; further pages of one are not counted."""
        begun = (line for line in self.requests if f"/{plural}?limit" in line)
        return sum("continue=" not in line for line in begun)

    def drop_all(self) -> None:
        """Breaks every open connection."""
        for request in list(self._open.values()):
            if request.transport is not None:
                request.transport.abort()

    async def deliver(self, request: web.BaseRequest) -> None:
        """Lets a request have its effect without an answer."""
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOP_HEADERS}
        url, body = self._upstream.server + request.path_qs, await request.read()
        async with self._session.request(request.method, url, data=body, headers=headers) as upstream:
            await upstream.read()

    async def pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        """Forwards a request and streams the answer."""
        body = await request.read()
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOP_HEADERS}
        if id(request) in self.override:
            headers["Accept"] = self.override.pop(id(request))
        url = self._upstream.server + request.path_qs
        async with self._session.request(
            request.method, url, data=body or None, headers=headers, timeout=aiohttp.ClientTimeout(total=None)
        ) as upstream:
            response = web.StreamResponse(status=upstream.status)
            for key, value in upstream.headers.items():
                if key.lower() not in _HOP_HEADERS:
                    response.headers.add(key, value)
            self.statuses.append(upstream.status)
            await response.prepare(request)
            async for chunk in upstream.content.iter_any():
                await response.write(chunk)
            return response

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        self._open[id(request)] = request
        try:
            answer = await self.rule(request) if self.rule is not None else None
            return answer if answer is not None else await self.pass_on(request)
        except (ConnectionError, aiohttp.ClientError):
            return web.Response(status=502)
        finally:
            del self._open[id(request)]


async def stalled(request: web.BaseRequest) -> web.StreamResponse:
    """Headers, and then silence."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await asyncio.sleep(30)
    return response


def is_watch_of(request: web.BaseRequest, plural: str) -> bool:
    return "watch=1" in request.query_string and request.path.endswith(f"/{plural}")


def is_list_of(request: web.BaseRequest, plural: str) -> bool:
    return "limit=" in request.query_string and request.path.endswith(f"/{plural}")


def status(code: int, reason: str, message: str, **headers: str) -> web.Response:
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    return web.json_response(body, status=code, headers=headers)
