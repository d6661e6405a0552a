"""`/api/dex`: what is asked below it, Dex answers (contract 13.2).

The invariant: our sessions do not reach Dex, and nothing is passed on while the settings name no Dex.
"""

import asyncio

import aiohttp
import structlog
from aiohttp import web
from yarl import URL

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.identify import token_of_headers
from fairlead.api_server.sso.dex import Dex
from fairlead.auth import cookies
from fairlead.auth.oidc.verify import issuer_of
from fairlead.auth.sessions import ISSUER
from fairlead.process.body import (
    BodyError,
    Budgets,
    BusyError,
    TooLargeError,
    TooSlowError,
    received,
)

log = structlog.get_logger(__name__)

MAX_BYTES = 1 << 20
"""Of a body, either way; Dex has forms and pages."""
SECONDS = 20.0
AT_ONCE = 32
"""Requests that Dex is asked at the same time; strangers may ask, and answers are held whole."""
_STATUS = {TooLargeError: 413, TooSlowError: 408, BusyError: 503}
PASSED_ON = ("Accept", "Accept-Language", "Authorization", "Content-Type", "User-Agent")
PASSED_BACK = ("Content-Type", "Location", "Cache-Control", "WWW-Authenticate")
POLICY = "frame-ancestors 'self'"


def handler_of(backend: Backend, budgets: Budgets) -> Handler:
    """The handler of every verb."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def handle(request: web.Request) -> web.StreamResponse:
        if not backend.sso.named.has_dex:
            return web.Response(status=404, text="Dex is not configured")
        try:
            async with received(request, MAX_BYTES, budgets.before_login) as body, gate:
                return await _passed_on(backend.sso.dex, request, bytes(body))
        except BodyError as error:
            return web.Response(status=_STATUS[type(error)], text=str(error))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("api.dex.away", error=type(error).__name__, words=str(error)[:200])
            return web.Response(status=502, text="Dex could not be asked")

    return handle


async def _passed_on(dex: Dex, request: web.Request, body: bytes) -> web.Response:
    url = URL(dex.address + request.rel_url.raw_path_qs, encoded=True)
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    if issuer_of(token_of_headers({"authorization": headers.get("Authorization", "")})) == ISSUER:
        del headers["Authorization"]
    others = [f"{k}={v}" for k, v in request.cookies.items() if not k.startswith(cookies.NAME)]
    if others:
        headers["Cookie"] = "; ".join(others)
    async with (
        asyncio.timeout(SECONDS),
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=dex.context), cookie_jar=aiohttp.DummyCookieJar()
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
