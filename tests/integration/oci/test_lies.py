"""Registries that lie, send elsewhere, or have no end."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.git import Credential
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.oci import (
    OciAccessError,
    OciContentError,
    OciInvalidError,
    OciTransientError,
    Reference,
    Registry,
)
from fairlead.oci.manifest import DOCKER_MANIFEST, OCI_MANIFEST, Manifest
from fairlead.outbound import Outbound
from tests.integration.charts.test_repository import LOOPBACK as NETWORKS

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
KNOWN = Credential(force_http=True, username="ann", password="of-the-registry")


class Liar:
    """A host that answers as it is told, and remembers what it was told."""

    def __init__(self) -> None:
        self.port = choose_port(0)
        self.answers: dict[str, Answer] = {}
        self.authorizations: list[str] = []
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def says(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        async def answer(_: web.Request) -> web.StreamResponse:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(body=body, status=status, headers=told)

        self.answers[path] = answer

    async def __aenter__(self) -> "Liar":
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.authorizations.append(request.headers.get("Authorization", ""))
        answer = self.answers.get(request.path)
        return await answer(request) if answer else web.Response(status=404)


@pytest_asyncio.fixture(loop_scope="session")
async def liar() -> AsyncIterator[Liar]:
    async with Liar() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def other() -> AsyncIterator[Liar]:
    async with Liar() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def registry(liar: Liar) -> AsyncIterator[Registry]:
    outbound = Outbound(NETWORKS)
    yield Registry(outbound, Reference.parse(f"{LOOPBACK}:{liar.port}/app"), KNOWN)
    await outbound.close()


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def manifest_of(layer: bytes, size: int | None = None) -> bytes:
    size = len(layer) if size is None else size
    kind = "application/vnd.oci.image.layer.v1.tar+gzip"
    return b'{"layers":[{"mediaType":"%s","digest":"%s","size":%d}]}' % (
        kind.encode(),
        digest_of(layer).encode(),
        size,
    )


async def manifest(liar: Liar, registry: Registry, body: bytes) -> Manifest:
    liar.says("/v2/app/manifests/1.0.0", body)
    return await registry.manifest("1.0.0")


async def test_a_manifest_of_another_digest_is_refused(liar: Liar, registry: Registry) -> None:
    wanted = digest_of(b"{}")
    liar.says(f"/v2/app/manifests/{wanted}", b'{"layers":[]}')
    with pytest.raises(OciContentError, match=f"for {wanted}"):
        await registry.manifest(wanted)
    liar.says("/v2/app/manifests/1.0.0", b'{"layers":[]}', Docker_Content_Digest=wanted)
    with pytest.raises(OciContentError, match=f"for {wanted}"):
        await registry.manifest("1.0.0")


async def test_a_layer_of_another_digest_or_length_is_refused(liar: Liar, registry: Registry) -> None:
    found = await manifest(liar, registry, manifest_of(b"true"))
    liar.says(f"/v2/app/blobs/{digest_of(b'true')}", b"lie!")
    with pytest.raises(OciContentError, match="the registry gave content of digest"):
        await registry.content(found)
    found = await manifest(liar, registry, manifest_of(b"true", size=1 << 40))
    with pytest.raises(OciContentError, match="bytes, more than"):
        await registry.content(found)


async def test_a_layer_that_is_longer_than_may_be_is_cut(liar: Liar, registry: Registry) -> None:
    found = await manifest(liar, registry, manifest_of(b"x" * 5000, size=10))
    liar.says(f"/v2/app/blobs/{digest_of(b'x' * 5000)}", b"x" * 5000)
    with pytest.raises(OciContentError):
        await registry.content(found, limit=1000)


async def test_a_layer_that_is_kept_elsewhere_is_fetched_without_the_password(
    liar: Liar, other: Liar, registry: Registry
) -> None:
    found = await manifest(liar, registry, manifest_of(b"true"))
    path = f"/v2/app/blobs/{digest_of(b'true')}"
    liar.says(path, b"", 401, WWW_Authenticate='Basic realm="x"')
    with pytest.raises(OciAccessError):
        await registry.content(found)
    assert liar.authorizations[-1] == KNOWN.header()
    liar.says(path, b"", 307, Location=f"{other.url}/stored")
    other.says("/stored", b"true")
    assert await registry.content(found) == b"true"
    assert other.authorizations == [""]


async def test_nobody_is_sent_to_a_closed_address(liar: Liar, registry: Registry) -> None:
    found = await manifest(liar, registry, manifest_of(b"true"))
    liar.says(f"/v2/app/blobs/{digest_of(b'true')}", b"", 307, Location="http://169.254.169.254/latest/")
    with pytest.raises(OciInvalidError):
        await registry.content(found)


async def test_a_password_is_told_only_once_it_was_asked_for(liar: Liar, registry: Registry) -> None:
    liar.says("/v2/app/tags/list", b'{"tags":["1.0.0"]}')
    assert await registry.tags() == ("1.0.0",)
    assert liar.authorizations == [""]


async def test_a_token_is_not_fetched_from_another_host_without_encryption(
    liar: Liar, registry: Registry
) -> None:
    liar.says("/v2/app/tags/list", b"", 401, WWW_Authenticate='Bearer realm="http://tokens.example.com/t"')
    with pytest.raises(OciAccessError, match="https"):
        await registry.tags()


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{}", OciAccessError), (b"<html>", OciTransientError), (b'{"token": 1}', OciTransientError)],
)
async def test_an_answer_without_a_token_is_told_in_words(
    liar: Liar, registry: Registry, body: bytes, kind: type[Exception]
) -> None:
    liar.says("/v2/app/tags/list", b"", 401, WWW_Authenticate=f'Bearer realm="{liar.url}/token"')
    liar.says("/token", body)
    with pytest.raises(kind, match="token"):
        await registry.tags()


async def test_a_list_of_tags_that_goes_on_elsewhere_or_in_a_circle_is_refused(
    liar: Liar, registry: Registry
) -> None:
    for link in (f'</v2/app/tags/list?n={1000}>; rel="next"', "<http://169.254.169.254/tags>; rel=next"):
        liar.says("/v2/app/tags/list", b'{"tags":["a"]}', Link=link)
        with pytest.raises(OciInvalidError, match=r"no end|another host"):
            await registry.tags()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"tags": [1]}', b"\xff"])
async def test_a_list_of_tags_that_is_none_is_refused(liar: Liar, registry: Registry, body: bytes) -> None:
    liar.says("/v2/app/tags/list", body)
    with pytest.raises(OciInvalidError, match="cannot be read"):
        await registry.tags()


async def test_no_tags_are_none(liar: Liar, registry: Registry) -> None:
    liar.says("/v2/app/tags/list", b'{"name":"app","tags":null}')
    assert await registry.tags() == ()


async def test_a_registry_that_tells_no_digest_has_it_made_of_what_it_gives(
    liar: Liar, registry: Registry
) -> None:
    body = manifest_of(b"x")
    liar.says("/v2/app/manifests/1.0.0", body, Content_Type=DOCKER_MANIFEST)
    assert await registry.digest_of("1.0.0") == digest_of(body)
    assert (await registry.manifest("1.0.0")).media_type in {DOCKER_MANIFEST, OCI_MANIFEST}


async def test_an_index_that_holds_itself_or_another_is_refused(liar: Liar, registry: Registry) -> None:
    inner = b'{"manifests":[{"digest":"%s"}]}' % digest_of(b"x").encode()
    outer = b'{"manifests":[{"digest":"%s"}]}' % digest_of(inner).encode()
    liar.says(f"/v2/app/manifests/{digest_of(inner)}", inner)
    with pytest.raises(OciContentError, match="index of an index"):
        await manifest(liar, registry, outer)


async def test_a_server_that_fails_is_asked_again_later(liar: Liar, registry: Registry) -> None:
    liar.says("/v2/app/tags/list", b"", 503)
    with pytest.raises(OciTransientError):
        await registry.tags()


async def test_who_is_sent_to_does_not_say_where_the_password_is_told(
    liar: Liar, other: Liar, registry: Registry
) -> None:
    found = await manifest(liar, registry, manifest_of(b"true"))
    liar.says(f"/v2/app/blobs/{digest_of(b'true')}", b"", 307, Location=f"{other.url}/stored")
    realm = f'Bearer realm="http://{LOOPBACK}:{other.port}/token"'
    other.says("/stored", b"", 401, WWW_Authenticate=realm)
    other.says("/token", b'{"token": "x"}')
    with pytest.raises(OciAccessError, match=f"sends to {other.url}/stored, which refuses access"):
        await registry.content(found)
    assert set(other.authorizations) == {""}
