"""`/api/dex`: what is asked below it, Dex answers (contract 13.2).

The invariant: our sessions do not reach Dex, and nothing is passed on while the settings name no Dex.
"""

import asyncio
import ssl

import aiohttp
import structlog
from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler
from fairlead.auth import cookies

log = structlog.get_logger(__name__)

MAX_BYTES = 1 << 20
"""Of a body, either way; Dex has forms and pages."""
SECONDS = 20.0
PASSED_ON = ("Accept", "Accept-Language", "Authorization", "Content-Type", "User-Agent")
PASSED_BACK = ("Content-Type", "Location", "Cache-Control", "WWW-Authenticate")
POLICY = "frame-ancestors 'self'"


def handler_of(backend: Backend) -> Handler:
    """The handler of every verb."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not backend.sso.named.has_dex:
            return web.Response(status=404, text="Dex is not configured")
        body = await request.content.read(MAX_BYTES + 1)
        while len(body) <= MAX_BYTES and (more := await request.content.read(MAX_BYTES + 1)):
            body += more
        if len(body) > MAX_BYTES:
            return web.Response(status=413, text="the body is too large")
        try:
            return await _passed_on(backend.sso.dex + request.raw_path, request, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("api.dex.away", error=type(error).__name__)
            return web.Response(status=502, text="Dex could not be asked")

    return handle


async def _passed_on(url: str, request: web.Request, body: bytes) -> web.Response:
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    others = [f"{k}={v}" for k, v in request.cookies.items() if not k.startswith(cookies.NAME)]
    if others:
        headers["Cookie"] = "; ".join(others)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with (
        asyncio.timeout(SECONDS),
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
        session.request(
            request.method, url, headers=headers, data=body or None, allow_redirects=False
        ) as answer,
    ):
        content = await answer.content.read(MAX_BYTES)
        while len(content) < MAX_BYTES and (more := await answer.content.read(MAX_BYTES - len(content))):
            content += more
        response = web.Response(status=answer.status, body=content)
        for name in PASSED_BACK:
            if name in answer.headers:
                response.headers[name] = answer.headers[name]
        for cookie in answer.headers.getall("Set-Cookie", []):
            response.headers.add("Set-Cookie", cookie)
        response.headers["Content-Security-Policy"] = POLICY
        return response
