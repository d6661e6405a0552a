"""Whom we ask about people has to show a certificate that we trust."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from fairlead.api_server.certificate import self_signed
from fairlead.api_server.sso.web import MAX_BYTES, Web
from fairlead.auth.oidc.fetch import ProviderError

CERTIFICATE, KEY = self_signed("here")


@asynccontextmanager
async def serving(folder: Path, answer: web.Response) -> AsyncIterator[str]:
    """A provider with a certificate that nobody has signed, giving one answer."""
    (folder / "crt").write_bytes(CERTIFICATE)
    (folder / "key").write_bytes(KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")

    async def handle(_: web.Request) -> web.Response:
        return answer

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
