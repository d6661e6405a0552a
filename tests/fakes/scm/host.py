"""The server of all the hosts: each below a path of its own, as behind one front.

Faults are put by whoever tests; what was asked, and with which token, is written down.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.scm.world import World, usual

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """What becomes of the requests whose address holds `at`, after `after` of them, `times` times."""

    at: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "out of order"}'
    cut: bool = False
    hangs: bool = False
    after: int = 0
    times: int = 1 << 30

    def strikes(self, address: str) -> bool:
        if self.at not in address:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return self.times >= 0


@dataclass
class Asked:
    """One request."""

    method: str
    address: str
    headers: dict[str, str]
    status: int = 0

    @property
    def token(self) -> str:
        return self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN", "")


@dataclass
class Host:
    """The hosts. `most` is how much they put on a page, `left` how often they may be asked in this hour."""

    world: World = field(default_factory=usual)
    most: int = 3
    left: int | None = None
    has_etags: bool = True
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    before: Callable[[web.Request], None] | None = None
    url: str = ""

    def reset(self) -> None:
        """As it was in the beginning."""
        self.world, self.most, self.left, self.has_etags, self.before = usual(), 3, None, True, None
        self.faults.clear()
        self.asked.clear()

    def counted(self) -> list[str]:
        """The addresses of what was answered with something new."""
        return [each.address for each in self.asked if each.status != 304]

    async def answer(self, request: web.Request, inner: Answers) -> web.StreamResponse:
        note = Asked(request.method, request.path_qs, dict(request.headers))
        self.asked.append(note)
        if self.before is not None:
            self.before(request)
        response = await self._answered(request, inner)
        note.status = response.status
        return response

    async def _answered(self, request: web.Request, inner: Answers) -> web.StreamResponse:
        fault = next((each for each in self.faults if each.strikes(request.path_qs)), None)
        if fault is not None and fault.hangs:
            await asyncio.sleep(2)
        if fault is not None and not fault.cut:
            return web.Response(status=fault.status, headers=fault.headers, body=fault.body)
        try:
            response = await inner(request)
        except web.HTTPException as error:
            return web.json_response({"message": error.text}, status=error.status)
        if fault is not None:
            return await _cut(request, response)
        if self.has_etags and response.status == 200 and isinstance(response, web.Response):
            tag = f'W/"{hashlib.sha256(response.body or b"").hexdigest()[:16]}"'  # type: ignore[arg-type]
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304, headers={"ETag": tag})
            response.headers["ETag"] = tag
        return self._spent(response)

    def _spent(self, response: web.StreamResponse) -> web.StreamResponse:
        if self.left is None:
            return response
        reset = {"X-RateLimit-Limit": "5000", "X-RateLimit-Reset": str(int(time.time()) + 1200)}
        if self.left == 0:
            headers = {**reset, "X-RateLimit-Remaining": "0"}
            return web.json_response({"message": "API rate limit exceeded"}, status=403, headers=headers)
        self.left -= 1
        response.headers.update({**reset, "X-RateLimit-Remaining": str(self.left)})
        return response


async def _cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Half of an answer, and then nothing."""
    assert isinstance(response, web.Response)
    body = bytes(response.body or b"")  # type: ignore[arg-type]
    told = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await told.prepare(request)
    await told.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.close()
    return told


@contextlib.asynccontextmanager
async def serving(context: ssl.SSLContext | None = None) -> AsyncIterator[Host]:
    """The hosts on a port of this machine."""
    from tests.fakes.scm import aws, azure, bitbucket, gitea, github, gitlab

    host = Host()

    @web.middleware
    async def watched(request: web.Request, handler: Answers) -> web.StreamResponse:
        return await host.answer(request, handler)

    app = web.Application(middlewares=[watched])
    for module in (aws, azure, bitbucket, gitea, github, gitlab):
        app.add_routes(module.routes(host))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    host.url = f"{'https' if context else 'http'}://127.0.0.1:{port}"
    try:
        yield host
    finally:
        await runner.cleanup()


def paged(request: web.Request, items: list[object], most: int, *, size: str = "per_page") -> web.Response:
    """A page by its number, with the next one in `Link`."""
    number, wanted = int(request.query.get("page", "1")), int(request.query.get(size, "30"))
    width = min(wanted, most)
    part = items[(number - 1) * width : number * width]
    headers = {"X-Total-Count": str(len(items))}
    if number * width < len(items):
        following = request.url.update_query({"page": str(number + 1)})
        headers["Link"] = f'<{following}>; rel="next", <{request.url}>; rel="first"'
    return web.json_response(part, headers=headers)


def missing(text: str = "Not Found") -> web.HTTPNotFound:
    return web.HTTPNotFound(text=text)
