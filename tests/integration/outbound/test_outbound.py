"""Requests to real servers: what is connected to, what is told to whom, how much is taken of an answer."""

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from fairlead.git.credentials import Credential
from fairlead.local.pki import Pki, ensure_pki
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import (
    AddressRefusedError,
    AskedTooOftenError,
    AuthorizationError,
    NotThereError,
    Outbound,
    OutboundError,
    OutboundInvalidError,
    OutboundTransientError,
    StatusError,
    TooLargeError,
    TooSlowError,
    answer,
    names,
)
from fairlead.outbound.proxies import Proxies
from fairlead.outbound.trust import Trust
from tests.fakes.forward_proxy import ForwardProxy

LOOPBACK = Networks(opened=parse_networks("127.0.0.1/32"))
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
CANARY = Credential(username="me", password="canary-password")


class Site(msgspec.Struct):
    """A server whose pages are set by the test; `seen` are the headers it was sent."""

    port: int
    scheme: str
    pages: dict[str, Page]
    seen: list[tuple[str, dict[str, str]]]

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def told(self, path: str) -> dict[str, str]:
        return [headers for where, headers in self.seen if where == path][-1]


@contextlib.asynccontextmanager
async def site(tls: ssl.SSLContext | None = None, **pages: Page) -> AsyncIterator[Site]:
    seen: list[tuple[str, dict[str, str]]] = []
    served = Site(0, "https" if tls else "http", {f"/{name}": page for name, page in pages.items()}, seen)

    async def handle(request: web.Request) -> web.StreamResponse:
        served.seen.append((request.path, dict(request.headers)))
        page = served.pages.get(request.path)
        return await page(request) if page else web.Response(text="here")

    application = web.Application(client_max_size=1 << 30)
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, auto_decompress=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    served.port = runner.addresses[0][1]
    try:
        yield served
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def client(**more: object) -> AsyncIterator[Outbound]:
    made = Outbound(more.pop("networks", LOOPBACK), **more)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


def answers(status: int = 200, body: bytes = b"", **headers: str) -> Page:
    async def page(_: web.Request) -> web.Response:
        return web.Response(
            status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return page


def redirects(to: str, status: int = 302) -> Page:
    return answers(status, Location=to)


def tls_server(pki: Pki, *, wants_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server.certificate, pki.server.key)
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pki.ca.certificate)
    return context


async def read(outbound: Outbound, url: str, **more: object) -> bytes:
    async with outbound.get(url, **more) as found:  # type: ignore[arg-type]
        return await found.read()


async def test_an_answer_is_read_with_its_headers_and_where_it_came_from() -> None:
    async with (
        site(a=answers(body=b"text", ETag='"1"', Content_Type="text/Yaml; charset=utf-8")) as one,
        client() as out,
    ):
        async with out.get(one.url("/a"), credential=CANARY, headers={"X-Mine": "1"}) as found:
            assert (await found.read(), found.headers["etag"], found.content_type) == (
                b"text",
                '"1"',
                "text/yaml",
            )
            assert found.url == one.url("/a")
        assert one.told("/a")["Authorization"] == CANARY.header()
        assert one.told("/a")["X-Mine"] == "1"
        await read(out, one.url("/b").replace("//", "//us%40er:p@"))
        assert one.told("/b")["Authorization"] == Credential(username="us@er", password="p").header()
        async with out.request("POST", one.url("/c"), body=b"x=1", accepts=frozenset({200, 401})) as found:
            assert await found.read() == b"here"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthorizationError),
        (403, AuthorizationError),
        (404, NotThereError),
        (418, StatusError),
        (304, StatusError),
        (500, OutboundTransientError),
        (429, AskedTooOftenError),
    ],
)
async def test_a_status_is_an_error_by_what_one_can_do_about_it(
    status: int, kind: type[OutboundError]
) -> None:
    async with site(a=answers(status)) as one, client() as out:
        url = one.url("/a").replace("//", "//me:canary@")
        with pytest.raises(kind) as failure:
            await read(out, f"{url}?signature=canary")
        assert failure.value.status == status
        assert "canary" not in str(failure.value)
        if status != 429:
            async with out.get(url, accepts=frozenset({status})) as found:
                assert found.status == status


async def test_a_closed_address_is_not_connected_to_however_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with site() as one, client(networks=Networks()) as out:
        for host in (
            "127.0.0.1",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ):
            with pytest.raises(AddressRefusedError):
                await read(out, f"http://{host}:{one.port}/a")
        monkeypatch.setattr(names, "_look_up", lambda host, port: ["127.0.0.1"])
        with pytest.raises(AddressRefusedError, match="--git-networks-opened"):
            await read(out, f"http://charts.example.com:{one.port}/a")
        for host in (
            "\uff11\uff12\uff17.0.0.1",
            "127\u3002 0.0.1".replace(" ", ""),
            "%31%32%37.0.0.1",
            "127.0.0.1%2e",
        ):
            with pytest.raises(AddressRefusedError, match="as name servers know it"):
                await read(out, f"http://{host}:{one.port}/a")
        for url in ("file:///etc/passwd", "ftp://x/y", "http://", "http://a\r\nb/", "http://x:y/"):
            with pytest.raises(AddressRefusedError):
                await read(out, url)
        assert one.seen == []


async def test_a_redirect_is_checked_like_any_address() -> None:
    async with site(), site() as one, client() as out:
        for target in (
            "http://169。254。169。254/",
            "http://\uff11\uff16\uff19.254.169.254/",
            "http://\u2460\u2461\u2466.0.0.2:1/",
            "http://169.254.169.254/latest/meta-data",
            "http://[::ffff:169.254.169.254]/",
            "http://127.0.0.2:1/x",
            "file:///etc/passwd",
            "gopher://x/",
            "//169.254.169.254/x",
        ):
            one.pages["/r"] = redirects(target)
            with pytest.raises(AddressRefusedError):
                await read(out, one.url("/r"))
        one.pages["/loop"] = redirects("/loop")
        with pytest.raises(StatusError, match="redirects more than 10 times"):
            await read(out, one.url("/loop"))
        assert sum(path == "/loop" for path, _ in one.seen) == 11
        one.pages["/stay"] = redirects("/elsewhere")
        with pytest.raises(StatusError):
            async with out.request("POST", one.url("/stay"), follow=False):
                pass


async def test_credentials_stay_with_the_host_they_are_for(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    own, trust = pki.clients["admin"], Trust(tmp_path / "trust")
    trust.put({"127.0.0.1": pki.ca.certificate.read_text()})
    shown = msgspec.structs.replace(
        CANARY, client_certificate=own.certificate.read_text(), client_key=own.key.read_text()
    )
    wants = tls_server(pki, wants_certificate=True)
    told = {"X-Registry-Token": "canary", "Authorization": "Bearer canary"}
    async with (
        site(wants) as one,
        site(wants) as strict,
        site(tls_server(pki)) as other,
        client(trust=trust) as out,
    ):
        one.pages = {
            "/same": redirects("/plain"),
            "/other": redirects(other.url("/plain")),
            "/strict": redirects(strict.url("/plain")),
        }
        await read(out, one.url("/same"), credential=shown)
        assert one.told("/plain")["Authorization"] == CANARY.header()
        await read(out, one.url("/other"), credential=shown, headers=told)
        assert not {"Authorization", "X-Registry-Token"} & other.told("/plain").keys()
        with pytest.raises(OutboundTransientError):
            await read(out, one.url("/strict"), credential=shown)
        assert strict.seen == [], "the certificate was not shown there"
        await read(out, one.url("/other"), credential=shown, pass_credentials=True)
        assert other.told("/plain")["Authorization"] == CANARY.header()
        await read(out, one.url("/strict"), credential=shown, pass_credentials=True)
        assert strict.told("/plain")["Authorization"] == CANARY.header()


async def test_who_takes_any_certificate_at_one_host_takes_it_at_no_other(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    async with site(tls_server(pki)) as one, site(tls_server(pki)) as other, client() as out:
        one.pages = {"/other": redirects(other.url("/plain"))}
        with pytest.raises(OutboundTransientError, match="certificate is not accepted"):
            await read(out, one.url("/other"), credential=Credential(insecure=True))
        assert other.seen == []


async def test_an_encrypted_address_does_not_redirect_to_one_that_is_not(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    async with site(tls_server(pki)) as one, site() as plain, client() as out:
        one.pages["/down"] = redirects(plain.url("/x"))
        with pytest.raises(AddressRefusedError, match="which is not encrypted"):
            await read(out, one.url("/down"), credential=Credential(insecure=True))
        assert plain.seen == []


async def test_a_certificate_that_nobody_vouches_for_is_refused_and_a_bad_one_of_ours_said(
    tmp_path: Path,
) -> None:
    pki = ensure_pki(tmp_path)
    async with site(tls_server(pki)) as one, client() as out:
        with pytest.raises(OutboundTransientError, match="certificate is not accepted"):
            await read(out, one.url("/a"))
        assert await read(out, one.url("/a"), credential=Credential(insecure=True)) == b"here"
        for certificate, key in (("no pem", "canary"), (pki.ca.certificate.read_text(), "canary")):
            bad = Credential(client_certificate=certificate, client_key=key)
            with pytest.raises(OutboundInvalidError, match="client certificate cannot be used") as failure:
                await read(out, one.url("/a"), credential=bad)
            assert "canary" not in str(failure.value)


async def test_no_more_is_taken_than_the_limit_compressed_or_not() -> None:
    bomb, packed = gzip.compress(b"\0" * (64 << 20)), gzip.compress(b"text")

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(OSError):
            while True:
                await response.write(b"x" * (1 << 16))
        return response

    pages = {
        "large": answers(body=b"x" * (1 << 20)),
        "endless": endless,
        "bomb": answers(body=bomb, Content_Encoding="gzip"),
        "packed": answers(body=packed, Content_Encoding="gzip"),
        "twice": answers(body=gzip.compress(b"te") + gzip.compress(b"xt"), Content_Encoding="gzip"),
        "cut": answers(body=gzip.compress(b"text" * 1000)[:-9], Content_Encoding="gzip"),
        "no_gzip": answers(body=b"text", Content_Encoding="gzip"),
    }
    async with site(**pages) as one, client() as out:
        for path in ("/large", "/endless", "/bomb"):
            with pytest.raises(TooLargeError, match=f"{path} is larger than 1000 bytes"):
                await read(out, one.url(path), limit=1000)
        assert await read(out, one.url("/packed")) == b"text"
        assert one.told("/packed")["Accept-Encoding"] == "gzip"
        assert await read(out, one.url("/twice")) == b"text"
        assert await read(out, one.url("/packed"), decode=False) == packed
        assert one.told("/packed")["Accept-Encoding"] == "identity"
        with pytest.raises(OutboundTransientError, match="breaks off"):
            await read(out, one.url("/cut"))
        with pytest.raises(OutboundTransientError, match="does not decompress"):
            await read(out, one.url("/no_gzip"))


async def test_who_hangs_or_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await stop.wait()
        return web.Response()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(OSError):
            while not stop.is_set():
                await response.write(b"x")
                await asyncio.sleep(0.05)
        return response

    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await stop.wait()
        return response

    async with site(hang=hang, drip=drip, silent=silent) as one, client() as out:
        with pytest.raises(TooSlowError, match=r"no end after 0\.2 s"):
            await read(out, one.url("/hang"), deadline=0.2)
        with pytest.raises(TooSlowError, match=r"no end after 0\.5 s"):
            await read(out, one.url("/drip"), deadline=0.5)
        monkeypatch.setattr(answer, "SILENCE", 0.4)
        with pytest.raises(TooSlowError, match=r"fewer than 100 bytes a second|no data for"):
            await read(out, one.url("/drip"))
        with pytest.raises(TooSlowError, match="no data for"):
            await read(out, one.url("/silent"))
        stop.set()


async def test_a_host_that_asks_to_wait_is_asked_by_nobody() -> None:
    told: list[tuple[str, int]] = []

    def heard(host: str, status: int, seconds: float) -> None:
        told.append((host, status))

    async with site(a=answers(429, Retry_After="30")) as one, client(observer=heard) as out:
        with pytest.raises(AskedTooOftenError):
            await read(out, one.url("/a"))
        with pytest.raises(AskedTooOftenError, match="asked again in"):
            await read(out, one.url("/b"))
        assert [path for path, _ in one.seen] == ["/a"]
        assert told == [("127.0.0.1", 429)]


async def test_the_repositorys_proxy_leads_there_with_its_password(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    async with site(tls_server(pki)) as hidden, site() as plain, client() as out:
        known = {
            ("git.only.proxy", 443): ("127.0.0.1", hidden.port),
            ("plain.only.proxy", 80): ("127.0.0.1", plain.port),
        }
        async with ForwardProxy(user="me", password="canary", names=known) as proxy:
            place = f"127.0.0.1:{proxy.port}"
            through = Credential(proxy=f"http://me:canary@{place}", insecure=True, username="u", password="p")
            assert await read(out, "https://git.only.proxy/a", credential=through) == b"here"
            assert await read(out, "http://plain.only.proxy/b", credential=through) == b"here"
            assert proxy.asked == ["CONNECT git.only.proxy:443", "GET http://plain.only.proxy/b"]
            assert hidden.told("/a")["Authorization"] == through.header()
            assert "Authorization: Basic" not in proxy.headers[0].replace("Proxy-Authorization", "")
            wrong = msgspec.structs.replace(through, proxy=f"http://me:canary-wrong@{place}")
            with pytest.raises(OutboundTransientError) as failure:
                await read(out, "https://git.only.proxy/c", credential=wrong)
            assert "canary" not in str(failure.value)
            straight = msgspec.structs.replace(through, no_proxy="127.0.0.0/8")
            assert await read(out, plain.url("/d"), credential=straight) == b"here"
            assert len(proxy.asked) == 3


async def test_a_proxy_may_be_encrypted_or_speak_socks(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    trust = Trust(tmp_path / "trust")
    trust.put({"localhost": pki.ca.certificate.read_text()})
    async with site(tls_server(pki)) as hidden, site() as plain, client(trust=trust) as out:
        known = {
            ("git.only.proxy", 443): ("127.0.0.1", hidden.port),
            ("plain.only.proxy", 80): ("127.0.0.1", plain.port),
        }
        for scheme in ("https", "socks5", "socks5h"):
            tls = tls_server(pki) if scheme == "https" else None
            async with ForwardProxy(user="me", password="canary", names=known, tls=tls) as proxy:
                place = f"localhost:{proxy.port}"
                through = Credential(proxy=f"{scheme}://me:canary@{place}", insecure=True)
                for _ in range(2):
                    assert await read(out, "https://git.only.proxy/a", credential=through) == b"here"
                    assert await read(out, "http://plain.only.proxy/b", credential=through) == b"here"
                assert len(proxy.asked) == 2, "connections are used again"
                assert all(
                    "git.only.proxy:443" in line or "plain.only.proxy:80" in line for line in proxy.asked
                )
                wrong = msgspec.structs.replace(through, proxy=f"{scheme}://me:canary-wrong@{place}")
                with pytest.raises(
                    OutboundTransientError, match="localhost does not let us through"
                ) as failure:
                    await read(out, "https://git.only.proxy/c", credential=wrong)
                assert "canary" not in str(failure.value)
        async with client(networks=Networks()) as closed:
            for scheme in ("https", "socks5"):
                with pytest.raises(AddressRefusedError):
                    await read(
                        closed,
                        "https://git.only.proxy/",
                        credential=Credential(proxy=f"{scheme}://localhost:1"),
                    )


async def test_only_the_operators_proxy_may_be_anywhere() -> None:
    async with site() as one, ForwardProxy(names={("git.example", 80): ("127.0.0.1", one.port)}) as proxy:
        place = f"http://127.0.0.1:{proxy.port}"
        async with client(networks=Networks(), proxies=Proxies(http=place)) as out:
            assert await read(out, "http://git.example/a") == b"here"
            numbers = ("169.254.169.254", "2852039166", "0xa9.0xfe.0xa9fe", "169.254.43518", "[fe80::1]")
            for closed in (f"http://{number}/x" for number in numbers):
                with pytest.raises(AddressRefusedError):
                    await read(out, closed)
            for proxy_url in (place, f"http://localhost:{proxy.port}"):
                with pytest.raises(AddressRefusedError):
                    await read(out, "http://git.example/a", credential=Credential(proxy=proxy_url))
        assert proxy.asked == ["GET http://git.example/a"]


async def test_a_client_certificate_opens_what_wants_one(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    own = pki.clients["admin"]
    async with site(tls_server(pki, wants_certificate=True)) as one, client() as out:
        with pytest.raises(OutboundTransientError):
            await read(out, one.url("/a"), credential=Credential(insecure=True))
        shown = Credential(
            insecure=True, client_certificate=own.certificate.read_text(), client_key=own.key.read_text()
        )
        assert await read(out, one.url("/a"), credential=shown) == b"here"
