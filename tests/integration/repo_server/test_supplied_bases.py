"""Bases of other repositories come from real Git servers, with the credentials that the project may use."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.git import GitProgram
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import Outbound
from fairlead.render import (
    EngineConfig,
    PoolConfig,
    RenderError,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
)
from fairlead.repo_server.supplying import git
from fairlead.repo_server.supplying.file import FileProvider
from fairlead.repo_server.supplying.git import GitProvider
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.shelf import Shelves
from fairlead.repo_server.supplying.submodule import SubmoduleProvider
from fairlead.repo_server.supplying.supply import Supplied, Supplier
from tests.integration.git.conftest import LOOPBACK
from tests.integration.render.engine_fixtures import Repository

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
PASSWORD = "canary-of-the-bases"


class Lab:
    """A Git server, a repository that is rendered, and who obtains what that lacks."""

    def __init__(self, folder: Path, pool: RenderPool, server: GitServer) -> None:
        self.folder, self.pool, self.git = folder, pool, server
        self.mirrors = folder / "mirrors"
        self.source = Repository(self.mirrors / "source")
        self.book, self.outbound = CredentialBook(), Outbound(LOOPBACK)
        home = folder / "home"
        home.mkdir(exist_ok=True)
        shelves = Shelves(self.mirrors)
        program = GitProgram(home=home, networks=LOOPBACK)
        self.bases = GitProvider(program, shelves, self.book)
        files = FileProvider(self.outbound, shelves, lambda: ("http", "https"), "file")
        self.modules = SubmoduleProvider(program, shelves, self.book)
        self.supplier = Supplier(pool, {"git": self.bases, "resource": files, "submodule": self.modules})

    async def base(self, name: str, *, at: str = "web", called: str = "one") -> WorkRepo:
        """A repository with one kustomization."""
        work = await WorkRepo.clone(await self.git.create(name), self.folder / "work" / name)
        await work.publish(
            {f"{at}/kustomization.yaml": "resources: [cm.yaml]\n", f"{at}/cm.yaml": CONFIG % called}, "first"
        )
        return work

    async def build(
        self,
        *entries: str,
        permits: tuple[str, ...] = ("*",),
        project: str = "shop",
        fresh: bool = False,
    ) -> tuple[list[str], Supplied]:
        """The names of what a kustomization with these resources builds."""
        commit = self.source.commit({"kustomization.yaml": f"resources: {json.dumps(entries)}\n"})
        mirror = self.source.mirror
        asker = Asker(
            project=project,
            source_repos=permits,
            url="https://git.example.com/web",
            mirror=mirror,
            commit=commit,
            fresh=fresh,
        )
        result, supplied = await self.supplier.render(RenderRequest(mirror=mirror, commit=commit), asker)
        return names(result), supplied


def names(result: RenderResult) -> list[str]:
    return [json.loads(document)["metadata"]["name"] for document in result.documents]


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path, engine: Path) -> AsyncIterator[Lab]:
    (tmp_path / "mirrors").mkdir()
    config = EngineConfig(binary=engine, mirrors=tmp_path / "mirrors")
    async with GitServer(tmp_path / "git") as server, RenderPool(PoolConfig(engine=config, size=1)) as pool:
        made = Lab(tmp_path, pool, server)
        yield made
        made.modules.close()
        await made.outbound.close()


async def test_a_base_is_what_its_revision_means_now(lab: Lab) -> None:
    work = await lab.base("bases")
    first = await work.head()
    await run_git("tag", "-a", "v1", "-m", "annotated", folder=work.folder)
    await work.push("--tags")
    await work.publish({"web/cm.yaml": CONFIG % "two"}, "second")
    url = f"{lab.git.repo_url('bases')}//web"
    assert (await lab.build(url))[0] == ["two"]
    for revision, settled in (("v1", False), ("refs/tags/v1", False), (first, True)):
        built, supplied = await lab.build(f"{url}?ref={revision}")
        assert built == ["one"]
        assert supplied.is_settled is settled
    assert (await lab.build(f"{url}?ref=main"))[0] == ["two"]
    await work.publish({"web/cm.yaml": CONFIG % "three"}, "third")
    assert (await lab.build(f"{url}?ref=main"))[0] == ["two"], "refs are believed for a while"
    assert (await lab.build(f"{url}?ref=main", fresh=True))[0] == ["three"]
    shelves = list(lab.mirrors.glob("supply-*"))
    assert len(shelves) == 1
    assert (shelves[0] / "shallow").exists(), "no history was fetched"


async def test_commits_that_nobody_asks_for_any_more_are_let_go(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "MOST", 3)
    monkeypatch.setattr(git, "KEPT", 2)
    work = await lab.base("bases")
    commits = [await work.head()]
    url = f"{lab.git.repo_url('bases')}//web"
    for number in range(4):
        assert (await lab.build(f"{url}?ref={commits[-1]}"))[0]
        commits.append(await work.publish({"web/cm.yaml": CONFIG % f"at-{number}"}, "more"))
    (shelf,) = lab.mirrors.glob("supply-*")
    held = {pin.name for pin in (shelf / "refs/fairlead/pins").iterdir()}
    assert held == set(commits[2:4])
    assert (await lab.build(f"{url}?ref={commits[0]}"))[0] == ["one"], "it is fetched once more"
    assert (await lab.build(f"{url}?ref={commits[3]}"))[0] == ["at-2"]


async def test_credentials_are_used_where_the_project_permits_the_repository(lab: Lab) -> None:
    await lab.base("private")
    url = lab.git.repo_url("private")
    lab.git.protect("private", username="someone", password=PASSWORD)
    with pytest.raises(RenderError) as caught:
        await lab.build(f"{url}//web")
    assert "canary" not in str(caught.value)
    lab.book.put("secret", entry_of("repository", {"url": url, "username": "someone", "password": PASSWORD}))
    built, supplied = await lab.build(f"{url}//web")
    assert (built, supplied.opened) == (["one"], (url,))
    with pytest.raises(RenderError):
        await lab.build(f"{url}//web", permits=("https://elsewhere.example/*",))
    other, another = await lab.build(f"{url.replace('://', f'://someone:{PASSWORD}@')}//web", permits=())
    assert (other, another.opened) == (["one"], ())


@pytest.mark.parametrize("revision", ["none", "--upload-pack=touch%20canary", "-x", "main%5E", "..", "a b"])
async def test_a_revision_that_names_nothing_is_refused(revision: str, lab: Lab) -> None:
    await lab.base("bases")
    with pytest.raises(RenderInvalidError, match=r"kustomization\.yaml: .*unable to resolve"):
        await lab.build(f"{lab.git.repo_url('bases')}//web?ref={revision}")


@pytest.mark.parametrize(
    "entry",
    [
        "ext::sh -c touch% canary",
        "git::ext::sh//x?ref=a",
        "https://-oProxyCommand=touch/a/b//c",
        "ssh://-oProxyCommand=touch/a/b//c",
        "file:///etc//x",
        "https://git.example/../../etc//x?ref=--upload-pack=x",
    ],
)
async def test_an_address_that_is_none_runs_nothing(entry: str, lab: Lab) -> None:
    with pytest.raises(RenderError):
        await lab.build(entry)


async def test_a_base_on_a_closed_network_is_not_asked_for(lab: Lab) -> None:
    await lab.base("bases")
    asked = lab.git.requests
    closed = Networks(closed=parse_networks("127.0.0.0/8"))
    program = GitProgram(home=lab.folder / "home", networks=closed)
    lab.supplier = Supplier(lab.pool, {"git": GitProvider(program, Shelves(lab.mirrors), lab.book)})
    with pytest.raises(RenderInvalidError, match=r"kustomization\.yaml: "):
        await lab.build(f"{lab.git.repo_url('bases')}//web")
    assert lab.git.requests == asked


async def test_files_at_addresses_are_fetched_without_credentials(lab: Lab) -> None:
    seen: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        if request.path == "/none.yaml":
            return web.Response(status=404)
        return web.Response(text=CONFIG % "far")

    server = web.AppRunner(app := web.Application())
    app.router.add_get("/{name}", serve)
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{server.addresses[0][1]}"
    lab.book.put("secret", entry_of("repo-creds", {"url": url, "username": "a", "password": PASSWORD}))
    built, supplied = await lab.build(f"{url}/all.yaml")
    assert (built, supplied.is_settled) == (["far"], False)
    with pytest.raises(RenderInvalidError, match=r"file http://127\.0\.0\.1:\d+/none\.yaml"):
        await lab.build(f"{url}/none.yaml")
    assert set(seen) == {""}
    await server.cleanup()


async def test_a_base_brings_its_own_submodules(lab: Lab) -> None:
    inner = await lab.base("group/inner", at="deep", called="deep")
    work = await lab.base("group/bases")
    text = '[submodule "m"]\n\tpath = web/m\n\turl = ../inner.git\n'
    await work.write({".gitmodules": text, "web/kustomization.yaml": "resources: [cm.yaml, m/deep]\n"})
    (work.folder / "web/m").mkdir()
    link = f"160000,{await inner.head()},web/m"
    await run_git("update-index", "--add", "--cacheinfo", link, folder=work.folder)
    await work.publish({}, "with a submodule")
    entry = f"{lab.git.repo_url('group/bases')}//web"
    asked = RenderRequest(
        mirror=lab.source.mirror,
        commit=lab.source.commit({"kustomization.yaml": f"resources: {json.dumps([entry])}\n"}),
        submodules=True,
    )
    asker = Asker(
        project="shop",
        source_repos=("*",),
        url="https://git.example.com/web",
        mirror=asked.mirror,
        commit=asked.commit,
    )
    result, supplied = await lab.supplier.render(asked, asker)
    assert sorted(names(result)) == ["deep", "one"]
    assert len(supplied.obtained) == 2
