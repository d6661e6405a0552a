"""What charts lack comes from real repositories, registries and servers, for who may have it."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.events import RenderSettings
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from fairlead.matching.networks import Networks
from fairlead.outbound import Outbound
from fairlead.render import (
    EngineConfig,
    PoolConfig,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
)
from fairlead.repo_server.supplying import file
from fairlead.repo_server.supplying.chart import ChartProvider
from fairlead.repo_server.supplying.file import FileProvider
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.shelf import Shelves
from fairlead.repo_server.supplying.supply import Supplied, Supplier
from tests.integration.git.conftest import LOOPBACK
from tests.integration.render.engine_fixtures import Repository

CONFIG = (
    "apiVersion: v1\nkind: ConfigMap\n"
    "metadata: {name: '{{ .Chart.Name }}-{{ .Chart.Version }}'}\ndata: {of: '{{ .Values.of }}'}\n"
)
EVERYTHING = ("*",)
PASSWORD = "canary-of-the-charts"


class Lab:
    """A repository below the folder of mirrors, an engine, and providers of all that it may lack."""

    def __init__(self, folder: Path, pool: RenderPool, networks: Networks = LOOPBACK) -> None:
        self.mirrors, self.schemes = folder / "mirrors", ("https", "http")
        self.source = Repository(self.mirrors / "source")
        self.book, self.outbound = CredentialBook(), Outbound(networks)
        shelves = Shelves(self.mirrors)
        self.settings = RenderSettings(helm_user_agent="fleet/1.0")
        self.charts = ChartProvider(self.outbound, shelves, self.book, settings=lambda: self.settings)
        self.files = FileProvider(self.outbound, shelves, lambda: self.schemes)
        self.supplier = Supplier(pool, {"chart": self.charts, "file": self.files})

    def declare(self, url: str, **data: str) -> None:
        """The one Secret of a repository."""
        self.book.put("secret", entry_of("repository", {"url": url, "type": "helm", **data}))

    def chart(self, *dependencies: str) -> str:
        """A commit with a chart that depends on these, each `name version repository`."""
        lines = [
            f"- {{name: {name}, version: '{version}', repository: '{repository}'}}"
            for name, version, repository in (one.split() for one in dependencies)
        ]
        text = "\n".join(["apiVersion: v2", "name: web", "version: 0.1.0", "dependencies:", *lines, ""])
        return self.source.commit({"Chart.yaml": text})

    async def render(
        self,
        commit: str,
        *,
        project: str = "shop",
        permits: tuple[str, ...] = EVERYTHING,
        fresh: bool = False,
        **helm: object,
    ) -> tuple[RenderResult, Supplied]:
        """What is made of it for a project."""
        mirror = self.source.mirror
        request = RenderRequest(mirror=mirror, commit=commit, options={"helm": helm} if helm else {})
        asker = Asker(
            project=project,
            source_repos=permits,
            url="https://git.example.com/web",
            mirror=mirror,
            commit=commit,
            fresh=fresh,
            pass_credentials=helm.get("passCredentials") is True,
        )
        return await self.supplier.render(request, asker)


def names(result: RenderResult) -> set[str]:
    return {json.loads(document)["metadata"]["name"] for document in result.documents}


def archive(name: str, version: str) -> bytes:
    return packed_chart(name, version, {"values.yaml": "of: chart\n", "templates/config.yaml": CONFIG})


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path, engine: Path) -> AsyncIterator[Lab]:
    (tmp_path / "mirrors").mkdir()
    config = EngineConfig(binary=engine, mirrors=tmp_path / "mirrors")
    async with RenderPool(PoolConfig(engine=config, size=1)) as pool:
        made = Lab(tmp_path, pool)
        yield made
        await made.outbound.close()


@pytest_asyncio.fixture(loop_scope="session")
async def charts() -> AsyncIterator[ChartServer]:
    async with ChartServer(username="ann", password=PASSWORD) as server:
        for version in ("1.0.0", "1.4.0", "2.0.0", "2.1.0-rc.1"):
            server.add(archive("cache", version))
        server.add(archive("cold", "2.0.0"))
        server.add(archive("store", "1.0.0"))
        yield server


async def test_charts_of_a_declared_repository_are_fetched_once_where_the_project_permits_it(
    lab: Lab, charts: ChartServer
) -> None:
    lab.declare(charts.url, name="stable", username="ann", password=PASSWORD)
    commit = lab.chart(f"cache 1.x.x {charts.url}", f"cold 2.0.0 {charts.url}", "store 1.0.0 @stable")
    result, supplied = await lab.render(commit)
    assert names(result) == {"cache-1.4.0", "cold-2.0.0", "store-1.0.0"}
    assert (supplied.is_settled, supplied.opened) == (False, (charts.url,))
    assert [one.path for one in charts.asked].count("index.yaml") == 1
    assert {one.agent for one in charts.asked} == {"fleet/1.0"}
    exact = lab.chart(f"cache 2.0.0 {charts.url}")
    result, supplied = await lab.render(exact)
    assert (names(result), supplied.is_settled) == ({"cache-2.0.0"}, True)
    asked = len(charts.asked)
    await lab.render(exact)
    assert len(charts.asked) == asked, "an exact version is known"
    await lab.render(exact, fresh=True)
    assert len(charts.asked) > asked, "who insists has it fetched again"

    told = len(charts.asked)
    with pytest.raises(RenderInvalidError, match=r"dependency cache 2\.0\.0 of http.*credentials|401"):
        await lab.render(exact, permits=("https://git.example.com/*",))
    assert {one.authorization for one in charts.asked[told:]} == {""}
    for permits in ((), ("https://git.example.com/*",)):
        with pytest.raises(RenderInvalidError, match="no repository definition for @stable"):
            await lab.render(lab.chart("cache 1.0.0 @stable"), permits=permits)


async def test_a_repository_of_another_project_lends_nothing(lab: Lab, charts: ChartServer) -> None:
    lab.declare(charts.url, name="theirs", project="theirs", username="ann", password=PASSWORD)
    commit = lab.chart(f"cache 1.0.0 {charts.url}")
    _, supplied = await lab.render(commit, project="theirs")
    assert supplied.opened == (f"theirs {charts.url}",)
    asked = len(charts.asked)
    with pytest.raises(RenderInvalidError):
        await lab.render(commit, project="ours")
    assert {one.authorization for one in charts.asked[asked:]} == {""}
    with pytest.raises(RenderInvalidError, match="no repository definition for alias:theirs"):
        await lab.render(lab.chart("cache 1.0.0 alias:theirs"), project="ours")


async def test_charts_come_from_registries_however_these_are_declared(
    lab: Lab, tmp_path: Path, charts: ChartServer
) -> None:
    async with RegistryServer(tmp_path / "registry", username="ann", password=PASSWORD) as server:
        async with Pusher(server.url, username="ann", password=PASSWORD) as pusher:
            for version in ("3.0.0", "3.1.0+build.5", "4.0.0-rc.1"):
                await pusher.chart("team/charts", archive("store", version))
        known = {"username": "ann", "password": PASSWORD, "insecureOCIForceHttp": "true", "enableOCI": "true"}
        commit = lab.chart(f"store 3.x.x oci://{server.host}/team/charts")
        for place in (f"oci://{server.host}/team/charts", f"{server.host}/team/charts", server.host):
            lab.declare(place, **known)
            result, supplied = await lab.render(commit, fresh=True)
            assert (names(result), supplied.is_settled) == ({"store-3.1.0+build.5"}, False)
        exact = lab.chart(f"store 3.1.0+build.5 oci://{server.host}/team/charts")
        assert (await lab.render(exact))[1].is_settled
        missing = lab.chart(f"store 9.0.0 oci://{server.host}/team/charts")
        with pytest.raises(RenderInvalidError, match=r"Chart\.yaml: dependency store 9\.0\.0 of oci://"):
            await lab.render(missing)
        theirs = ("*", f"!oci://{server.host}/team/charts")
        with pytest.raises(RenderTransientError, match=r"dependency store 3\.1\.0.*could not reach"):
            await lab.render(exact, project="theirs", permits=theirs)


async def test_what_cannot_be_had_is_said_in_words_with_the_file_that_wants_it(
    lab: Lab, charts: ChartServer
) -> None:
    lab.declare(charts.url, username="ann", password=PASSWORD)
    bad = charts.add(archive("bad", "1.0.0"), digest="0" * 64)
    charts.add(archive("away", "1.0.0"), url="http://127.0.0.1:1/away-1.0.0.tgz")
    for text, words in {
        f"none 1.0.0 {charts.url}": "no chart of that name|none",
        f"cache 7.x {charts.url}": "constraint '7.x' not found",
        f"bad 1.0.0 {charts.url}": "digest",
        "cache 1.0.0 ftp://charts.example.com": "charts cannot be fetched from ftp://",
        "cache 1.0.0 @nobody": "no repository definition for @nobody",
    }.items():
        with pytest.raises(RenderInvalidError, match=words) as caught:
            await lab.render(lab.chart(text))
        assert str(caught.value).startswith("Chart.yaml: "), str(caught.value)
        assert {entry.path for entry in caught.value.reads} == {""}
        assert PASSWORD not in str(caught.value)
    with pytest.raises(RenderTransientError, match=r"Chart\.yaml: dependency away"):
        await lab.render(lab.chart(f"away 1.0.0 {charts.url}"))
    assert bad in {one.path for one in charts.asked}


async def test_nothing_is_fetched_from_networks_that_are_closed(
    tmp_path: Path, engine: Path, charts: ChartServer
) -> None:
    (tmp_path / "mirrors").mkdir()
    config = EngineConfig(binary=engine, mirrors=tmp_path / "mirrors")
    async with RenderPool(PoolConfig(engine=config, size=1)) as pool:
        lab = Lab(tmp_path, pool, Networks())
        for commit, helm in (
            (lab.chart(f"cache 1.0.0 {charts.url}"), {}),
            (lab.chart(f"cache 1.0.0 oci://127.0.0.1:{charts.port}/charts"), {}),
            (
                lab.source.commit({"Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n"}),
                {"valueFiles": [f"{charts.url}/index.yaml"]},
            ),
        ):
            with pytest.raises(RenderInvalidError):
                await lab.render(commit, **helm)
        await lab.outbound.close()
    assert charts.asked == []


async def test_value_files_are_fetched_by_the_schemes_that_are_allowed(
    lab: Lab, charts: ChartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts.files |= {"a.yaml": b"of: address\n", "large.yaml": b"#" * 2048, "broken.yaml": b"a: ["}
    commit = lab.source.commit(
        {"Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "templates/c.yaml": CONFIG}
    )
    address = f"http://ann:{PASSWORD}@127.0.0.1:{charts.port}"
    result, supplied = await lab.render(commit, valueFiles=[f"{address}/a.yaml"])
    assert json.loads(result.documents[0])["data"] == {"of": "address"}
    assert not supplied.is_settled
    charts.files["a.yaml"] = b"of: other\n"
    asked = len(charts.asked)
    await lab.render(commit, valueFiles=[f"{address}/a.yaml"])
    assert len(charts.asked) == asked, "a burst costs one look"
    result, _ = await lab.render(commit, fresh=True, valueFiles=[f"{address}/a.yaml"])
    assert json.loads(result.documents[0])["data"] == {"of": "other"}
    monkeypatch.setattr(file, "LARGEST", 1024)
    for path, words in {
        f"{address}/none.yaml": "404|not there",
        f"http://127.0.0.1:{charts.port}/a.yaml": "401|credentials",
        f"{address}/large.yaml": "1024",
        f"{address}/broken.yaml": "failed to parse",
        "ftp://127.0.0.1/a.yaml": "the URL scheme 'ftp' is not allowed",
        "file:///etc/passwd": "the URL scheme 'file' is not allowed",
    }.items():
        with pytest.raises(RenderInvalidError, match=words) as caught:
            await lab.render(commit, valueFiles=[path])
        assert PASSWORD not in str(caught.value)
    lab.schemes = ()
    with pytest.raises(RenderInvalidError, match="the URL scheme 'http' is not allowed"):
        await lab.render(commit, valueFiles=[f"{address}/a.yaml"])


async def test_credentials_of_a_chart_repository_go_to_another_host_only_where_that_is_asked_for(
    lab: Lab, charts: ChartServer
) -> None:
    lab.declare(charts.url, username="ann", password=PASSWORD)
    async with ChartServer() as other:
        path = other.add(archive("far", "1.0.0"))
        charts.add(archive("far", "1.0.0"), url=f"http://localhost:{other.port}/{path}")
        commit = lab.chart(f"far 1.0.0 {charts.url}")
        await lab.render(commit)
        assert {one.authorization for one in other.asked} == {""}
        await lab.render(commit, fresh=True, passCredentials=True)
        assert any(one.authorization for one in other.asked)


async def test_a_password_in_an_address_is_for_who_brings_it(lab: Lab, charts: ChartServer) -> None:
    place = f"127.0.0.1:{charts.port}"
    commit = lab.chart(f"cache 1.0.0 http://ann:{PASSWORD}@{place}")
    result, supplied = await lab.render(commit, permits=())
    assert (names(result), supplied.opened) == ({"cache-1.0.0"}, ())
    for other in (f"http://{place}", f"http://ann:wrong@{place}"):
        with pytest.raises(RenderInvalidError) as caught:
            await lab.render(lab.chart(f"cache 1.0.0 {other}"))
        assert "wrong" not in str(caught.value)


async def test_what_was_tidied_away_is_fetched_anew(lab: Lab, charts: ChartServer) -> None:
    lab.declare(charts.url, username="ann", password=PASSWORD)
    commit = lab.chart(f"cache 1.0.0 {charts.url}")
    await lab.render(commit)
    [shelf] = [one for one in lab.mirrors.iterdir() if one.name.startswith("supply-")]
    shelf.rename(shelf.with_name("gone"))
    result, _ = await lab.render(commit)
    assert names(result) == {"cache-1.0.0"}


def test_a_repository_is_found_by_its_name_the_projects_own_first() -> None:
    book = CredentialBook()
    for name, project in (("a", ""), ("b", "shop"), ("c", "other")):
        url = f"https://{name}.example.com"
        book.put(name, entry_of("repository", {"url": url, "name": "stable", "project": project}))
    found = {project: book.named("stable", project) for project in ("shop", "else", "")}
    assert {p: e.url for p, e in found.items() if e} == {
        "shop": "https://b.example.com",
        "else": "https://a.example.com",
        "": "https://a.example.com",
    }
    assert book.named("none", "shop") is None
    assert msgspec.structs.asdict(found["shop"])["name"] == "stable" if found["shop"] else False


async def test_a_chart_whose_shelf_was_wiped_is_fetched_again(lab: Lab, charts: ChartServer) -> None:
    lab.declare(charts.url, username="ann", password=PASSWORD)
    commit = lab.chart(f"cache 2.0.0 {charts.url}")
    assert names((await lab.render(commit))[0]) == {"cache-2.0.0"}
    for shelf in lab.mirrors.glob("supply-*"):
        shutil.rmtree(shelf)
    await lab.render(lab.chart(f"cache 1.4.0 {charts.url}"))
    assert list(lab.mirrors.glob("supply-*")), "begun anew by another chart of the repository"
    assert names((await lab.render(commit))[0]) == {"cache-2.0.0"}
