"""Mirrors of charts and artifacts: looked at together, made anew when damaged, asked no more than need be."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from fairlead.charts import ChartRepository
from fairlead.events import Cause, RenderSettings, decode
from fairlead.events.envelope import encode
from fairlead.git import GitProgram, RevisionError
from fairlead.git.entries import REPOSITORY, entry_of
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed, packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from fairlead.oci import OciAccessError, Registry
from fairlead.outbound import Outbound
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering.listing import Listing
from fairlead.repo_server.remotes import versions
from fairlead.repo_server.remotes.chart import Chart
from fairlead.repo_server.remotes.chart_index import ChartIndex
from fairlead.repo_server.remotes.declared import AppKey, Member
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.interests import Interests
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.watching.poll import Poller
from fairlead.rpc.tree import FileContent, FilesRead, InTree, ListedDirectories, PathPattern
from tests.integration.git.conftest import LOOPBACK

INDEX = "index.yaml"


class Lab:
    """Mirrors without a service around them, and a chart repository."""

    def __init__(self, folder: Path, charts: ChartServer, outbound: Outbound) -> None:
        home = folder / "home"
        home.mkdir()
        self.charts, self.outbound, self.book = charts, outbound, Repositories()
        self.following = Following()
        self.mirrors = Mirrors(
            folder=folder / "mirrors",
            program=GitProgram(home=home, networks=LOOPBACK),
            book=self.book,
            followed=self.following.revisions,
            outbound=outbound,
        )

    def chart(self, name: str = "web") -> Chart:
        found = self.mirrors.of(self.charts.url, "default", name)
        assert isinstance(found, Chart)
        return found

    def asked(self, path: str) -> int:
        return [one.path for one in self.charts.asked].count(path)


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    outbound = Outbound(LOOPBACK)
    async with ChartServer() as charts:
        made = Lab(tmp_path, charts, outbound)
        yield made
        await made.mirrors.close()
    await outbound.close()


async def look(chart: Chart, *, join: bool = False) -> None:
    await chart.check(Cause.REFRESH, list_first=True, join=join)


async def test_one_look_at_an_index_serves_all_its_charts_on_one_task(lab: Lab) -> None:
    charts = []
    for number in range(40):
        lab.charts.add(packed_chart(f"web{number}", "1.0.0"))
        charts.append(lab.chart(f"web{number}"))
    await asyncio.gather(*(look(chart) for chart in charts))
    assert lab.asked(INDEX) <= 2
    assert all(list(chart.mirror.refs) == ["refs/tags/1.0.0"] for chart in charts)
    assert len({chart.looked_at_as for chart in charts}) == 1
    assert len({chart.mirror.epoch for chart in charts}) == len(charts), "each has an order of its own"

    for chart in charts:
        lab.following.join(Member(AppKey("argocd", chart.name), 0), chart, "1.*", "", 0)
        chart.mirror.checked_at = 0.0
    begun: list[str] = []
    poller = Poller(mirrors=lab.mirrors, following=lab.following, advancer=cast(Any, None), period=60.0)
    poller._start = lambda repository: begun.append(repository.looked_at_as)  # type: ignore[method-assign]
    poller.hurry_all()
    poller._begin_due()
    assert begun == [charts[0].looked_at_as]


async def test_an_index_that_did_not_change_is_neither_read_nor_told_again(lab: Lab) -> None:
    lab.charts.add(packed_chart("web", "1.0.0"))
    repository = ChartRepository(lab.outbound, lab.charts.url)
    first = await repository.index()
    assert await repository.index(first) is first, "the server says that it is the same"
    first.etag = ""
    assert await repository.index(first) is first, "its bytes are the same"
    lab.charts.add(packed_chart("web", "1.1.0"))
    assert await repository.index(first) is not first


async def test_a_chart_that_came_during_a_look_is_looked_at_by_another(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        lab.charts.add(packed_chart(name, "1.0.0"))
    real, reading, go_on = ChartIndex.read, asyncio.Event(), asyncio.Event()

    async def read(index: ChartIndex) -> Any:
        reading.set()
        await go_on.wait()
        return await real(index)

    monkeypatch.setattr(ChartIndex, "read", read)
    first = asyncio.create_task(look(lab.chart("one")))
    await reading.wait()
    late = lab.chart("two")
    await late.mirror.open()
    second = asyncio.create_task(look(late, join=True))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, second)
    assert (await late.resolve("1.0.0")).shown == "1.0.0"


async def test_a_damaged_mirror_is_made_anew_with_the_same_commits(lab: Lab) -> None:
    lab.charts.add(packed_chart("web", "1.0.0"))
    chart = lab.chart()
    await look(chart)
    found = await chart.resolve("*")
    generation = chart.mirror.generation
    chart.mirror.objects.close()
    shutil.rmtree(chart.mirror.path / "objects" / "pack")
    assert not await chart.mirror.objects.has_commit(found.commit)
    await chart.renew(generation)
    assert await chart.mirror.objects.has_commit(found.commit)
    assert await chart.resolve("*") == found
    assert chart.mirror.generation > generation


async def test_what_nobody_follows_is_let_go_of_and_made_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.charts.add(packed_chart("web", "1.0.0"))
    chart = lab.chart()
    await look(chart)
    found = await chart.resolve("1.0.0")
    assert await chart.resolve("1.0.0") == found
    assert lab.asked(path) == 1
    await chart.mirror.unpin(set())
    assert await chart.resolve("1.0.0") == found
    assert lab.asked(path) == 1, "so few are kept"
    monkeypatch.setattr("fairlead.git.mirror.MAX_PINS", 0)
    await chart.mirror.unpin({found.commit})
    assert lab.asked(path) == 1
    await chart.mirror.unpin(set())
    assert await chart.resolve("1.0.0") == found
    assert lab.asked(path) == 2


async def test_what_was_refused_is_not_fetched_again_for_a_while(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.charts.add(packed_chart("web", "1.0.0"), digest="0" * 64)
    chart = lab.chart()
    await look(chart)
    for _ in range(3):
        with pytest.raises(RevisionError, match="digest"):
            await chart.resolve("1.0.0")
    assert lab.asked(path) == 1
    monkeypatch.setattr(versions, "REFUSAL_HOLDS", 0.0)
    with pytest.raises(RevisionError, match="digest"):
        await chart.resolve("1.0.0")
    assert lab.asked(path) == 2


async def test_what_no_digest_vouches_for_is_fetched_again_where_somebody_doubts_it(lab: Lab) -> None:
    path = lab.charts.add(packed_chart("web", "1.0.0", {"values.yaml": "a: 1"}), digest="")
    vouched = lab.charts.add(packed_chart("web", "2.0.0"))
    chart = lab.chart()
    await look(chart)
    first, other = await chart.resolve("1.0.0"), await chart.resolve("2.0.0")
    lab.charts.files[path] = packed_chart("web", "1.0.0", {"values.yaml": "a: 2"})
    assert await chart.resolve("1.0.0") == first
    chart.doubt()
    again = await chart.resolve("1.0.0")
    assert again.commit != first.commit
    assert again.shown == first.shown
    assert await chart.resolve("2.0.0") == other
    assert (lab.asked(path), lab.asked(vouched)) == (2, 1)


async def test_credentials_of_projects_and_passed_on_ones_lead_to_mirrors_of_their_own(lab: Lab) -> None:
    url = lab.charts.url
    lab.book.put(
        "own", entry_of(REPOSITORY, {"url": url, "project": "team", "password": "p", "username": "u"})
    )
    shared, own = lab.mirrors.of(url, "default", "web"), lab.mirrors.of(url, "team", "web")
    passing = lab.mirrors.of(url, "default", "web", pass_credentials=True)
    assert len({shared.mirror.name, own.mirror.name, passing.mirror.name}) == 3
    assert {one.identity for one in (shared, own, passing)} == {shared.identity}
    assert lab.mirrors.of(f"{url}/", "default", "web") is shared
    lab.mirrors.forget(shared)
    assert lab.mirrors.of(url, "default", "web") is not shared


async def test_tags_are_followed_where_a_registry_lists_none(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_: Registry) -> tuple[str, ...]:
        raise OciAccessError("listing is for administrators")

    monkeypatch.setattr(Registry, "tags", refused)
    (tmp_path / "registry").mkdir()
    async with RegistryServer(tmp_path / "registry") as registry, Pusher(registry.url) as pusher:
        url = f"oci://{registry.host}/team/web"
        data = {"url": url, "type": "oci", "insecureOCIForceHttp": "true"}
        lab.book.put("registry", entry_of(REPOSITORY, data))
        first = await pusher.artifact("team/web", "1.0.0", packed({"a.yaml": "a"}))
        artifact = lab.mirrors.of(url, "default")
        lab.following.join(Member(AppKey("argocd", "exact"), 0), artifact, "1.0.0", "", 0)
        lab.following.join(Member(AppKey("argocd", "ranged"), 0), artifact, "^1", "", 0)
        await artifact.check(Cause.REFRESH, list_first=True)
        assert (await artifact.resolve("1.0.0")).shown == first
        with pytest.raises(RevisionError, match="listing is for administrators"):
            await artifact.resolve("^1")
        second = await pusher.artifact("team/web", "1.0.0", packed({"a.yaml": "b"}))
        assert (await artifact.resolve("1.0.0")).shown == first, "a tag means the same until the next look"
        await artifact.check(Cause.POLL, list_first=True)
        assert (await artifact.resolve("1.0.0")).shown == second
        assert (await artifact.resolve(first)).shown == first


async def test_what_an_artifact_holds_is_told_to_generators_as_its_tag_means_it_now(
    lab: Lab, tmp_path: Path
) -> None:
    (tmp_path / "registry").mkdir()
    async with RegistryServer(tmp_path / "registry") as registry, Pusher(registry.url) as pusher:
        url = f"oci://{registry.host}/team/sets"
        data = {"url": url, "type": "oci", "insecureOCIForceHttp": "true"}
        lab.book.put("registry", entry_of(REPOSITORY, data))
        listing = Listing(
            mirrors=lab.mirrors,
            interests=Interests(),
            integrity=Integrity(lab.book),
            supplier=cast(Any, None),
            program=lab.mirrors.program,
            settings=RenderSettings,
        )
        asked = InTree(repo_url=url, revision="^1", project="default", patterns=(PathPattern(path="apps/*"),))
        await pusher.artifact("team/sets", "1.0.0", packed({"apps/a/x.yaml": "name: a", "b.yaml": ""}))
        found = decode(ListedDirectories, await listing.directories("", encode(asked)))
        assert found.directories == ("apps/a",)
        files = decode(FilesRead, await listing.files("", encode(asked)))
        assert files.files == (FileContent("apps/a/x.yaml", b"name: a"),)
        await pusher.artifact("team/sets", "1.1.0", packed({"apps/b/x.yaml": "name: b"}))
        found = decode(ListedDirectories, await listing.directories("", encode(asked)))
        assert found.directories == ("apps/b",)
