"""Chart repositories that are honest, protected, elsewhere, and lying."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.archives import create_repository
from fairlead.charts import (
    ChartAccessError,
    ChartContentError,
    ChartInvalidError,
    ChartNotFoundError,
    ChartRepository,
    ChartTransientError,
    ChartVersion,
    choose,
    import_chart,
)
from fairlead.git import Credential
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed, packed_chart
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import Outbound

LOOPBACK = Networks(opened=parse_networks("127.0.0.0/8"))
WEB = packed_chart(
    "web", "1.2.0", {"templates/a.yaml": "kind: ConfigMap\n", "charts/db-1.0.0.tgz": b"\x1f\x8bfile"}
)
PASSWORD = "of-the-charts"


@pytest_asyncio.fixture(loop_scope="session")
async def outbound() -> AsyncIterator[Outbound]:
    client = Outbound(LOOPBACK)
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[ChartServer]:
    async with ChartServer() as running:
        running.add(WEB)
        yield running


async def only(repository: ChartRepository, chart: str = "web") -> ChartVersion:
    [version] = await (await repository.index()).versions(chart)
    return version


async def test_a_chart_goes_from_a_repository_to_a_commit(
    server: ChartServer, outbound: Outbound, tmp_path: Path
) -> None:
    server.add(packed_chart("web", "1.3.0"))
    server.add(packed_chart("web", "2.0.0-rc.1"))
    repository = ChartRepository(outbound, f"{server.url}/")
    versions = {one.version: one for one in await (await repository.index()).versions("web")}
    assert choose(versions, "*") == "1.3.0"
    archive = await repository.archive(versions[choose(versions, "~1.2")])
    assert archive == WEB
    create_repository(tmp_path / "web.git")
    commit = await import_chart(tmp_path / "web.git", archive, name="web", version="1.2.0")
    git = ["git", f"--git-dir={tmp_path / 'web.git'}"]
    listed = subprocess.run(
        [*git, "ls-tree", "-r", "--name-only", commit], capture_output=True, check=True, text=True
    )
    assert listed.stdout.split() == ["Chart.yaml", "charts/db-1.0.0.tgz", "templates/a.yaml"]


async def test_an_index_that_has_not_changed_is_not_sent_again(
    server: ChartServer, outbound: Outbound
) -> None:
    repository = ChartRepository(outbound, server.url)
    first = await repository.index()
    assert await repository.index(first) is first
    server.add(packed_chart("other", "1.0.0"))
    second = await repository.index(first)
    assert (first.names(), second.names()) == (("web",), ("other", "web"))


async def test_a_password_opens_a_repository_and_is_told_to_no_other_host(outbound: Outbound) -> None:
    async with ChartServer(username="ann", password=PASSWORD) as protected, ChartServer() as elsewhere:
        elsewhere.files["far.tgz"] = WEB
        protected.add(WEB, url=f"{elsewhere.url}/far.tgz")
        known = Credential(username="ann", password=PASSWORD)
        with pytest.raises(ChartAccessError):
            await ChartRepository(outbound, protected.url).index()
        repository = ChartRepository(outbound, protected.url, known)
        assert await repository.archive(await only(repository)) == WEB
        assert [one.authorization for one in elsewhere.asked] == [""]
        passing = ChartRepository(outbound, protected.url, known, pass_credentials=True)
        assert await passing.archive(await only(passing)) == WEB
        assert elsewhere.asked[-1].authorization == known.header()


async def test_a_redirect_to_another_host_takes_no_password_along(outbound: Outbound) -> None:
    async with ChartServer(username="ann", password=PASSWORD) as protected, ChartServer() as elsewhere:
        path = protected.add(WEB)
        elsewhere.files["far.tgz"] = WEB
        protected.redirects[path] = f"{elsewhere.url}/far.tgz"
        repository = ChartRepository(outbound, protected.url, Credential(username="ann", password=PASSWORD))
        assert await repository.archive(await only(repository)) == WEB
        assert [one.authorization for one in elsewhere.asked] == [""]


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/x.tgz", "file:///etc/passwd", "gopher://x/"])
async def test_an_index_leads_to_no_closed_address(server: ChartServer, outbound: Outbound, url: str) -> None:
    server.add(packed_chart("far", "1.0.0"), url=url)
    repository = ChartRepository(outbound, server.url)
    with pytest.raises(ChartInvalidError, match=r"chart far 1.0.0"):
        await repository.archive(await only(repository, "far"))


async def test_an_archive_of_another_digest_is_refused(server: ChartServer, outbound: Outbound) -> None:
    path = server.add(packed_chart("lie", "1.0.0"))
    server.files[path] = packed_chart("lie", "1.0.0", {"more": "of it"})
    repository = ChartRepository(outbound, server.url)
    with pytest.raises(ChartContentError, match=r"chart lie 1.0.0: the server gave an archive of digest"):
        await repository.archive(await only(repository, "lie"))
    server.add(packed_chart("untold", "1.0.0"), digest="")
    assert await repository.archive(await only(repository, "untold"))


async def test_what_fails_says_whether_it_is_tried_again(server: ChartServer, outbound: Outbound) -> None:
    repository = ChartRepository(outbound, server.url)
    version = await only(repository)
    server.statuses[version.urls[0]] = 503
    with pytest.raises(ChartTransientError):
        await repository.archive(version)
    server.statuses[version.urls[0]] = 404
    with pytest.raises(ChartNotFoundError, match=r"chart web 1.2.0"):
        await repository.archive(version)
    with pytest.raises(ChartNotFoundError, match="no address"):
        await repository.archive(msgspec.structs.replace(version, urls=()))
    with pytest.raises(ChartNotFoundError, match=r"/nowhere/index\.yaml"):
        await ChartRepository(outbound, f"{server.url}/nowhere").index()
    await server.stop()
    with pytest.raises(ChartTransientError):
        await repository.index()


async def test_an_index_without_end_is_cut_at_its_bound(server: ChartServer, outbound: Outbound) -> None:
    with pytest.raises(ChartContentError, match=r"index\.yaml"):
        await ChartRepository(outbound, server.url, max_index=100).index()


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (packed_chart("other", "1.2.0"), "of chart 'other'"),
        (packed_chart("web", "1.2.1"), "of version '1.2.1'"),
        (packed({"web/values.yaml": ""}), "has no Chart.yaml"),
        (packed({"web/Chart.yaml": "- a"}), "Chart.yaml cannot be read"),
        (packed({"web/Chart.yaml": "name: &a web\nversion: *a"}), "Chart.yaml cannot be read"),
        (packed({"Chart.yaml": "name: web"}), "in no folder"),
        (packed({"web/../../etc/x": ""}), "leads out of its folder"),
        (b"<html>", "no tar archive|ends early"),
        (WEB[:100], "damaged"),
    ],
)
async def test_an_archive_that_is_not_the_chart_is_refused(
    tmp_path: Path, archive: bytes, words: str
) -> None:
    create_repository(tmp_path / "web.git")
    with pytest.raises(ChartContentError, match=words) as refused:
        await import_chart(tmp_path / "web.git", archive, name="team/web", version="1.2.0")
    assert str(refused.value).startswith("chart team/web 1.2.0: ")
    assert not list((tmp_path / "web.git/objects/pack").iterdir())


@pytest.mark.parametrize(
    ("told", "wanted"), [("v1.2.0", "1.2.0"), ("1.2", "1.2.0"), ("1.2.0+b", "1.2.0_b"), ("1.2.0", "")]
)
async def test_one_version_may_be_spelt_in_several_ways(tmp_path: Path, told: str, wanted: str) -> None:
    create_repository(tmp_path / "web.git")
    assert await import_chart(
        tmp_path / "web.git", packed_chart("web", f'"{told}"'), name="web", version=wanted
    )
