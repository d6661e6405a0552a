"""The started process imports aiohttp without what it does not need, and clients verify all the same."""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web

from fairlead.local.pki import Pki, ensure_pki

ASK = """
import asyncio, sys
import fairlead.process.lean
import aiohttp, uvloop
from aiohttp import connector

async def main():
    assert connector._SSL_CONTEXT_VERIFIED.cert_store_stats()["x509"] == 0, "read before they are needed"
    async with aiohttp.ClientSession() as http:
        for _ in range(2):
            try:
                async with http.get(sys.argv[1]) as answer:
                    print(answer.status)
            except aiohttp.ClientConnectorCertificateError:
                print("not trusted")

(uvloop.run if sys.argv[2] == "uvloop" else asyncio.run)(main())
"""
IMPORTS = """
import sys
import fairlead.api_server.__main__
import fairlead.api_server.wiring
print(sorted(name for name in ("redis", "hiredis", "rich") if name in sys.modules))
"""


class Site:
    """A server whose certificate an authority of these tests has signed."""

    def __init__(self, pki: Pki, port: int) -> None:
        self.authority = str(pki.ca.certificate)
        self.port = port

    async def asked(self, host: str, loop: str, **trusted: str) -> str:
        """What a client of aiohttp's defaults, in a process of its own, meets twice."""
        return await said(ASK, f"https://{host}:{self.port}/", loop, **trusted)


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    pki = ensure_pki(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server.certificate, pki.server.key)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    port = runner.addresses[0][1]
    await web.TCPSite(runner, "127.0.0.2", port, ssl_context=context).start()
    yield Site(pki, port)
    await runner.cleanup()


async def test_a_client_of_aiohttps_defaults_verifies_by_the_systems_authorities(site: Site) -> None:
    for loop in ("asyncio", "uvloop"):
        assert await site.asked("127.0.0.1", loop, SSL_CERT_FILE=site.authority) == "200\n200\n"


async def test_a_client_of_aiohttps_defaults_trusts_no_other_authority_and_no_other_name(site: Site) -> None:
    assert await site.asked("127.0.0.1", "uvloop") == "not trusted\nnot trusted\n"
    trusted = await site.asked("127.0.0.2", "uvloop", SSL_CERT_FILE=site.authority)
    assert trusted == "not trusted\nnot trusted\n"


async def test_what_an_idle_process_has_no_use_for_is_not_imported() -> None:
    assert await said(IMPORTS) == "[]\n"


async def said(script: str, *argv: str, **env: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *argv, stdout=asyncio.subprocess.PIPE, env={**os.environ, **env}
    )
    out, _ = await process.communicate()
    return out.decode()
