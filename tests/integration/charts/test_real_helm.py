"""What Helm itself writes is read here, and what is pushed here Helm pulls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.archives import create_repository
from fairlead.charts import ChartRepository, choose, import_chart
from fairlead.git import Credential
from fairlead.local.builds import built
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from fairlead.oci import Reference, Registry, version_of
from fairlead.outbound import Outbound
from tests.golden.corpus.tools import HELM, Tool
from tests.integration.charts.test_repository import LOOPBACK

VERSIONS = ("1.0.0", "1.10.0", "1.2.0+build.7", "2.0.0-rc.1")


class Helm:
    """The program, with a home and a folder of its own."""

    def __init__(self, tool: Tool, folder: Path) -> None:
        self._tool = tool
        self.folder = folder

    async def __call__(self, *arguments: str) -> str:
        return await self._tool.run(self.folder, *arguments, home=self.folder)

    async def package(self, chart: str, version: str) -> bytes:
        await self("package", chart, "--version", version)
        return (self.folder / f"{chart}-{version}.tgz").read_bytes()


@pytest_asyncio.fixture(loop_scope="session")
async def helm(tmp_path: Path) -> Helm:
    running = Helm(Tool(await built(HELM)), tmp_path)
    await running("create", "web")
    return running


@pytest_asyncio.fixture(loop_scope="session")
async def outbound() -> AsyncIterator[Outbound]:
    client = Outbound(LOOPBACK)
    yield client
    await client.close()


@pytest.mark.parametrize("json", [False, True])
async def test_an_index_that_helm_wrote_and_its_charts_are_read(
    helm: Helm, outbound: Outbound, json: bool
) -> None:
    archives = {version: await helm.package("web", version) for version in VERSIONS}
    (helm.folder / "other.tgz").write_bytes(packed_chart("other", "0.1.0"))
    await helm("repo", "index", ".", *(["--json"] if json else []))
    async with ChartServer() as server:
        server.files = {file.name: file.read_bytes() for file in helm.folder.iterdir() if file.is_file()}
        repository = ChartRepository(outbound, server.url)
        index = await repository.index()
        assert index.names() == ("other", "web")
        versions = {one.version: one for one in await index.versions("web")}
        assert tuple(versions) == ("2.0.0-rc.1", "1.10.0", "1.2.0+build.7", "1.0.0")
        assert choose(versions, "^1") == "1.10.0"
        for version, archive in archives.items():
            assert await repository.archive(versions[version]) == archive
            target = helm.folder / f"{version}.git"
            create_repository(target)
            assert await import_chart(target, archive, name="web", version=version)


async def test_charts_go_from_helm_to_us_and_from_us_to_helm_through_a_registry(
    helm: Helm, outbound: Outbound, oci_registry: RegistryServer
) -> None:
    registry = Registry(
        outbound, Reference.parse(f"{oci_registry.host}/from-helm", "web"), Credential(force_http=True)
    )
    for version in VERSIONS:
        archive = await helm.package("web", version)
        await helm("push", f"web-{version}.tgz", f"oci://{oci_registry.host}/from-helm", "--plain-http")
        tag = next(tag for tag in await registry.tags() if version_of(tag) == version)
        manifest = await registry.manifest(tag)
        assert manifest.is_chart
        assert await registry.content(manifest) == archive
    async with Pusher(oci_registry.url) as pusher:
        ours = packed_chart("ours", "1.2.0+build.7", {"values.yaml": "a: 1\n"})
        await pusher.chart("to-helm", ours)
    await helm(
        "pull", f"oci://{oci_registry.host}/to-helm/ours", "--plain-http", "--version", "1.2.0+build.7"
    )
    assert (helm.folder / "ours-1.2.0+build.7.tgz").read_bytes() == ours
