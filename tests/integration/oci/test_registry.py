"""Artifacts and charts in the distribution project's own registry."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.archives import create_repository
from fairlead.archives.room import Room
from fairlead.charts import ChartContentError, ChartRepository, import_chart
from fairlead.git import Credential
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed, packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer, TokenAuthority
from fairlead.oci import (
    HELM_CHART,
    OciAccessError,
    OciContentError,
    OciNotFoundError,
    OciTransientError,
    Reference,
    Registry,
    import_artifact,
    ping,
)
from fairlead.oci.manifest import OCI_INDEX
from fairlead.outbound import Outbound
from tests.fakes.token_server import SERVICE, TokenServer
from tests.integration.charts.test_repository import LOOPBACK

PLAIN = Credential(force_http=True)
USER = Credential(force_http=True, username="ann", password="of-the-registry")
FILES = packed({"app.yaml": "kind: ConfigMap\n", "deep/er.yaml": "kind: Secret\n"})


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def outbound() -> AsyncIterator[Outbound]:
    client = Outbound(LOOPBACK)
    yield client
    await client.close()


def at(server: RegistryServer, outbound: Outbound, repository: str, known: Credential = PLAIN) -> Registry:
    return Registry(outbound, Reference.parse(f"oci://{server.host}/{repository}"), known)


def listed(repository: Path, commit: str) -> list[str]:
    command = ["git", f"--git-dir={repository}", "ls-tree", "-r", "--name-only", commit]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()


async def test_artifacts_are_found_by_tag_and_digest_and_become_commits(
    oci_registry: RegistryServer, outbound: Outbound, tmp_path: Path
) -> None:
    async with Pusher(oci_registry.url) as pusher:
        first = await pusher.artifact("team/config", "1.0.0", FILES)
        second = await pusher.artifact("team/config", "1.1.0", packed({"app.yaml": "kind: Other\n"}))
    registry = at(oci_registry, outbound, "team/config")
    assert await registry.tags() == ("1.0.0", "1.1.0")
    assert [await registry.digest_of(tag) for tag in ("1.0.0", "1.1.0", first)] == [first, second, first]
    manifest = await registry.manifest("1.0.0")
    assert (await registry.manifest(first)).digest == manifest.digest == first
    create_repository(tmp_path / "config.git")
    commit = await import_artifact(tmp_path / "config.git", await registry.content(manifest), manifest)
    assert listed(tmp_path / "config.git", commit) == ["app.yaml", "deep/er.yaml"]


async def test_a_tag_that_moves_has_another_digest(oci_registry: RegistryServer, outbound: Outbound) -> None:
    registry = at(oci_registry, outbound, "team/moving")
    async with Pusher(oci_registry.url) as pusher:
        first = await pusher.artifact("team/moving", "main", FILES)
        assert await registry.digest_of("main") == first
        second = await pusher.artifact("team/moving", "main", packed({"a": "b"}))
    assert await registry.digest_of("main") == second != first
    assert (await registry.manifest(first)).digest == first


async def test_charts_are_pulled_as_helm_pushes_them(
    oci_registry: RegistryServer, outbound: Outbound, tmp_path: Path
) -> None:
    archive = packed_chart("web", "1.0.0+build.1", {"templates/a.yaml": "kind: ConfigMap\n"})
    async with Pusher(oci_registry.url) as pusher:
        await pusher.chart("charts", archive)
    registry = Registry(outbound, Reference.parse(f"{oci_registry.host}/charts", "web"), PLAIN)
    assert await registry.tags() == ("1.0.0_build.1",)
    manifest = await registry.manifest("1.0.0_build.1")
    assert manifest.is_chart
    content = await registry.content(manifest, (HELM_CHART,))
    assert content == archive
    repository = tmp_path / "web.git"
    create_repository(repository)
    as_chart = await import_chart(repository, content, name="web", version="1.0.0+build.1")
    as_artifact = await import_artifact(repository, content, manifest)
    assert (
        listed(repository, as_chart) == listed(repository, as_artifact) == ["Chart.yaml", "templates/a.yaml"]
    )
    with pytest.raises(ChartContentError, match="of version"):
        await import_chart(repository, content, name="web", version="1.0.1")


async def test_an_index_of_charts_may_lead_to_a_registry(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    archive = packed_chart("listed", "1.0.0")
    async with Pusher(oci_registry.url) as pusher, ChartServer() as charts:
        await pusher.chart("charts", archive)
        charts.add(archive, url=f"oci://{oci_registry.host}/charts/listed:1.0.0")
        repository = ChartRepository(outbound, charts.url, PLAIN, pass_credentials=True)
        [version] = await (await repository.index()).versions("listed")
        assert await repository.archive(version) == archive


async def test_tags_are_read_page_by_page(
    oci_registry: RegistryServer, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.oci.limits.TAGS_AT_ONCE", 2)
    async with Pusher(oci_registry.url) as pusher:
        for number in range(7):
            await pusher.artifact("team/many", f"1.{number}.0", FILES)
    registry = at(oci_registry, outbound, "team/many")
    assert await registry.tags() == tuple(f"1.{number}.0" for number in range(7))
    monkeypatch.setattr("fairlead.oci.limits.PAGES", 2)
    with pytest.raises(Exception, match="no end"):
        await registry.tags()


async def test_an_index_of_one_artifact_is_that_artifact(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    async with Pusher(oci_registry.url) as pusher:
        inner = await pusher.artifact("team/index", "inner", FILES)
        registry = at(oci_registry, outbound, "team/index")
        size = len(await _bytes(registry, inner))
        entry = b'{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d}' % (
            inner.encode(),
            size,
        )
        body = b'{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' % (OCI_INDEX.encode(), entry)
        outer = await pusher.document("team/index", "outer", body, OCI_INDEX)
    manifest = await registry.manifest("outer")
    assert (manifest.digest, await registry.content(manifest)) == (outer, FILES)


async def _bytes(registry: Registry, digest: str) -> bytes:
    return (await registry._manifest_bytes(digest))[1]


async def test_what_is_not_there_is_said_to_be_missing(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    registry = at(oci_registry, outbound, "team/nothing")
    with pytest.raises(OciNotFoundError, match="team/nothing"):
        await registry.tags()
    for ask in (registry.digest_of("1.0.0"), registry.manifest(f"sha256:{'0' * 64}")):
        with pytest.raises(OciNotFoundError):
            await ask


async def test_an_artifact_of_a_kind_that_is_not_taken_is_refused(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    async with Pusher(oci_registry.url) as pusher:
        await pusher.artifact("team/image", "1.0.0", FILES, "application/x-something")
    registry = at(oci_registry, outbound, "team/image")
    manifest = await registry.manifest("1.0.0")
    with pytest.raises(OciContentError, match="expected only a single oci content layer, got 0"):
        await registry.content(manifest)
    assert await registry.content(manifest, ("application/x-something",)) == FILES
    with pytest.raises(OciContentError, match="more than 10"):
        await registry.content(manifest, ("application/x-something",), limit=10)


async def test_a_registry_without_tls_is_met_only_where_that_was_said(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    with pytest.raises(OciTransientError):
        await at(oci_registry, outbound, "team/config", Credential()).tags()


async def test_a_password_opens_a_registry(outbound: Outbound, tmp_path: Path) -> None:
    async with RegistryServer(tmp_path, username="ann", password=USER.password) as server:
        async with Pusher(server.url, username="ann", password=USER.password) as pusher:
            await pusher.artifact("private", "1.0.0", FILES)
        registry = at(server, outbound, "private", USER)
        assert await registry.content(await registry.manifest("1.0.0")) == FILES
        with pytest.raises(OciAccessError, match="credentials are missing"):
            await at(server, outbound, "private").tags()
        wrong = Credential(force_http=True, username="ann", password="another")
        with pytest.raises(OciAccessError) as refused:
            await at(server, outbound, "private", wrong).tags()
        assert "another" not in str(refused.value)


async def test_an_artifact_is_held_in_its_share_of_the_room_until_it_is_imported(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    async with Pusher(oci_registry.url) as pusher, ChartServer() as charts:
        await pusher.artifact("team/held", "1.0.0", FILES)
        charts.add(packed_chart("held", "1.0.0"))
        registry = at(oci_registry, outbound, "team/held")
        repository = ChartRepository(outbound, charts.url)
        [version] = await (await repository.index()).versions("held")
        manifest = await registry.manifest("1.0.0")
        room = Room()
        async with room.share("a") as share:
            await registry.content(manifest, share=share)
            assert room._held == len(FILES)
            archive = await repository.archive(version, share)
            assert room._held == len(FILES) + len(archive)
        assert room._held == 0


async def test_who_counts_is_told_what_a_registry_was_asked(
    oci_registry: RegistryServer, outbound: Outbound
) -> None:
    told: list[tuple[str, str, str, bool]] = []

    def observer(repo: str, request: str, revision: str, seconds: float, *, failed: bool) -> None:
        assert seconds > 0
        told.append((repo, request, revision, failed))

    async with Pusher(oci_registry.url) as pusher:
        digest = await pusher.artifact("team/counted", "1.0.0", FILES)
    reference = Reference.parse(f"oci://{oci_registry.host}/team/counted")
    registry = Registry(outbound, reference, PLAIN, observer=observer)
    await registry.tags()
    await registry.digest_of("1.0.0")
    await registry.content(await registry.manifest("1.0.0"))
    with pytest.raises(OciNotFoundError):
        await registry.digest_of("2.0.0")
    await ping(outbound, oci_registry.host, PLAIN, observer=observer)
    repo = str(reference)
    assert told == [
        (repo, "get-tags", "", False),
        (repo, "resolve-revision", "1.0.0", False),
        (repo, "digest-metadata", "1.0.0", False),
        (repo, "extract", digest, False),
        (repo, "resolve-revision", "2.0.0", True),
        (oci_registry.host, "test-repo", "", False),
    ]


async def test_a_registry_says_whether_it_takes_a_password(
    oci_registry: RegistryServer, outbound: Outbound, tmp_path: Path
) -> None:
    await ping(outbound, oci_registry.host, PLAIN)
    async with RegistryServer(tmp_path, username="ann", password=USER.password) as server:
        await ping(outbound, f"{server.host}/charts", USER)
        with pytest.raises(OciAccessError):
            await ping(outbound, f"oci://{server.host}/charts", PLAIN)
    with pytest.raises(OciTransientError):
        await ping(outbound, server.host, USER)


async def test_a_token_is_fetched_used_and_fetched_again_when_it_ends(
    outbound: Outbound, tmp_path: Path
) -> None:
    async with TokenServer(tmp_path, username="ann", password=USER.password) as tokens:
        authority = TokenAuthority(realm=tokens.url, service=SERVICE, issuer="tests", keys=tokens.keys)
        async with RegistryServer(tmp_path / "registry", authority=authority) as server:
            async with Pusher(server.url, token=tokens.token("team/app", "pull", "push")) as pusher:
                digest = await pusher.artifact("team/app", "1.0.0", FILES)
            await ping(outbound, server.host, USER)
            tokens.given.clear()
            registry = at(server, outbound, "team/app", USER)
            manifest = await registry.manifest("1.0.0")
            assert (manifest.digest, await registry.content(manifest)) == (digest, FILES)
            assert [one.scope for one in tokens.given] == ["repository:team/app:pull"]
            registry._session._until = 0.0
            assert await registry.tags() == ("1.0.0",)
            assert len(tokens.given) == 2
            registry._session._header = "Bearer of-yesterday"
            assert await registry.tags() == ("1.0.0",)
            assert len(tokens.given) == 3
            with pytest.raises(OciAccessError):
                await at(server, outbound, "team/app").tags()
            bearer = Credential(force_http=True, bearer_token=tokens.token("team/app", "pull"))
            assert await at(server, outbound, "team/app", bearer).tags() == ("1.0.0",)
