"""Whom we ask about people has to show a certificate that we trust."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
from aiohttp import web

from fairlead.api_server.certificate import self_signed
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest import dex as rest_dex
from fairlead.api_server.sso.dex import Dex
from fairlead.api_server.sso.web import MAX_BYTES, Web
from fairlead.auth.oidc.fetch import ProviderError
from fairlead.process.body import Budgets

CERTIFICATE, KEY = self_signed("here")
ANOTHER, _ = self_signed("here")
ISSUER = "https://api.example/api/dex"


@asynccontextmanager
async def serving(folder: Path, answer: web.Response) -> AsyncIterator[str]:
    """A provider with a certificate that nobody has signed, giving one answer."""
    (folder / "crt").write_bytes(CERTIFICATE)
    (folder / "key").write_bytes(KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")

    async def handle(_: web.Request) -> web.Response:
        where = answer.headers.get("Location")
        headers = {"Location": where} if where else None
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_provider_is_asked_only_under_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    async with serving(tmp_path, web.Response(text="{}")) as url:
        with pytest.raises(ProviderError):
            await Web().get(f"{url}/keys")
    async with serving(tmp_path, web.Response(text="{}")) as url:
        assert await Web(root_ca=CERTIFICATE.decode()).get(f"{url}/keys") == b"{}"
    async with serving(tmp_path, web.Response(text="{}")) as url:
        assert await Web(is_insecure=True).get(f"{url}/keys") == b"{}"
    with pytest.raises((ValueError, OSError)):
        Web(root_ca="no certificate")


async def test_a_form_with_a_secret_is_not_sent_on_and_no_answer_is_read_without_end(tmp_path: Path) -> None:
    elsewhere = web.Response(status=307, headers={"Location": "https://127.0.0.1:1/"})
    async with serving(tmp_path, elsewhere) as url:
        with pytest.raises(ProviderError, match="307"):
            await Web(is_insecure=True).post(f"{url}/token", {"code": "x"}, basic=("a", "b"))
    async with serving(tmp_path, web.Response(body=b"x" * (MAX_BYTES + 1))) as url:
        with pytest.raises(ProviderError):
            await Web(is_insecure=True).get(f"{url}/keys")
    for address in ("file:///etc/passwd", "", "ftp://x"):
        with pytest.raises(ProviderError):
            await Web().get(address)


@asynccontextmanager
async def before(dex: Dex) -> AsyncIterator[str]:
    """The API's way to Dex, which anybody may ask."""
    backend = SimpleNamespace(sso=SimpleNamespace(dex=dex, named=SimpleNamespace(has_dex=True)))
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", rest_dex.handler_of(cast(Backend, backend), Budgets()))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_with_strict_tls_nobody_is_dex_but_who_shows_its_certificate(tmp_path: Path) -> None:
    values: dict[str, str] = {}

    def certificates() -> Mapping[str, str]:
        return values

    async with serving(tmp_path, web.Response(text="{}")) as url, aiohttp.ClientSession() as http:
        strict = Dex(url, is_strict=True, certificates=certificates)

        async def status() -> int:
            async with before(strict) as front, http.get(f"{front}/api/dex/keys") as answer:
                return answer.status

        for held in ({}, {"tls.crt": "none"}, {"tls.crt": ANOTHER.decode()}):
            values.clear()
            values.update(held)
            with pytest.raises(ProviderError):
                await Web(prefix=ISSUER, dex=strict).get(f"{ISSUER}/keys")
            assert await status() == 502
        for key in ("tls.crt", "ca.crt"):
            values[key] = CERTIFICATE.decode()
            assert await Web(prefix=ISSUER, dex=strict).get(f"{ISSUER}/keys") == b"{}"
            assert await status() == 200
        values["ca.crt"] = ANOTHER.decode()
        assert await status() == 502, "another certificate counts with the next request"
        anybody = Dex(url, is_strict=False, certificates=certificates)
        assert await Web(prefix=ISSUER, dex=anybody).get(f"{ISSUER}/keys") == b"{}"


async def test_what_dex_is_trusted_with_is_nobody_elses(tmp_path: Path) -> None:
    """Beside the bundled Dex, other addresses of its configuration need a certificate that is trusted."""
    async with serving(tmp_path, web.Response(text="{}")) as url:
        anybody = Dex(url, is_strict=False, certificates=dict)
        with pytest.raises(ProviderError):
            await Web(prefix=ISSUER, dex=anybody).get(f"{url}/keys")
