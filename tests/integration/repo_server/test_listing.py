"""What generators are told of repositories, from one commit that a look found after the question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.generating.repositories import RepositoryAnswers
from fairlead.applicationset_controller.generating.sources import Place, Rights
from fairlead.bus.topology import SETTINGS_BUCKET
from fairlead.events import RenderSettings, SignaturesDemanded
from fairlead.events.envelope import encode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from fairlead.model.generators import PathItem
from tests.integration.repo_server.suite import PATIENCE, Suite, running
from tests.integration.repo_server.test_submodules import link

FILES = {
    "README.md": "words\n",
    "apps/web/config.json": '{"name": "web"}\n',
    "apps/api/config.json": '{"name": "api"}\n',
    "apps/api/v2/config.json": '{"name": "api2"}\n',
    "apps/old/config.json": "{}\n",
    "apps/.hidden/config.json": '{"name": "hidden"}\n',
    ".github/workflows/ci.yaml": "on: push\n",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def suite(tmp_path_factory: pytest.TempPathFactory, engine: Path) -> AsyncIterator[Suite]:
    """One for all: each test has repositories of its own."""
    folder = tmp_path_factory.mktemp("listing")
    async with GitServer(folder / "git") as git, running(folder, git, engine) as started:
        yield started


def patterns(*paths: str) -> list[PathItem]:
    return [PathItem(path=path.removeprefix("!"), exclude=path.startswith("!")) for path in paths]


def place(suite: Suite, name: str, revision: str = "main", **more: Any) -> Place:
    return Place(repo_url=suite.git.repo_url(name), revision=revision, project="default", **more)


async def test_directories_and_files_are_told_as_their_globs_name_them(suite: Suite) -> None:
    work = await suite.repository("generated", FILES)
    here = place(suite, "generated")
    old, new = RepositoryAnswers(suite.bus), RepositoryAnswers(suite.bus, globstar=True)
    assert await old.directories(here, patterns("apps/*", "!apps/old")) == ["apps/api", "apps/web"]
    assert await old.directories(here, patterns("*")) == ["apps"]
    assert await old.directories(here, patterns("*/*/*")) == ["apps/api/v2"]
    found = dict(await old.files(here, patterns("apps/*/config.json", "!apps/old")))
    assert list(found) == sorted(path for path in FILES if path.startswith("apps/") and "old" not in path)
    assert found["apps/api/config.json"] == b'{"name": "api"}\n'
    assert [path for path, _ in await new.files(here, patterns("apps/*/config.json"))] == [
        "apps/.hidden/config.json",
        "apps/api/config.json",
        "apps/old/config.json",
        "apps/web/config.json",
    ]
    with pytest.raises(SourceError, match="brace that is never closed"):
        await new.files(here, patterns("{apps"))
    with pytest.raises(SourceError, match="unable to resolve 'gone' to a commit SHA"):
        await old.directories(place(suite, "generated", "gone"), patterns("*"))
    with pytest.raises(SourceError, match="nowhere"):
        await old.directories(place(suite, "nowhere"), patterns("*"))

    before = await work.head()
    told = len(suite.told)
    commit = await work.publish({"apps/new/config.json": "{}\n"}, "one more")
    await suite.webhook("generated")
    await suite.until(lambda: commit in [one["data"].get("new") for one in suite.told[told:]])
    assert "apps/new" in await old.directories(here, patterns("apps/*"))
    assert "apps/new" not in await old.directories(place(suite, "generated", before), patterns("apps/*"))

    settings = RenderSettings(hidden_directories=True)
    await suite.bus.key_value(SETTINGS_BUCKET).put(RENDER_SETTINGS, encode(settings))
    async with asyncio.timeout(PATIENCE):
        while not await old.directories(here, patterns(".*")):
            await asyncio.sleep(0.1)
    assert await old.directories(here, patterns("apps/.*", ".*/*")) == [".github/workflows", "apps/.hidden"]


async def test_links_are_followed_within_the_repository_and_no_further(suite: Suite) -> None:
    work = await suite.repository(
        "linked", {"shared/base.json": '{"name": "base"}\n', "apps/a/x.json": "{}\n"}
    )
    answers, here = RepositoryAnswers(suite.bus), place(suite, "linked")
    await put_link(work, "apps/b/x.json", "../../shared/base.json")
    await put_link(work, "apps/folder", "../shared")
    await work.publish({}, "links that stay")
    found = await answers.files(here, patterns("apps/*"))
    assert found == [("apps/a/x.json", b"{}\n"), ("apps/b/x.json", b'{"name": "base"}\n')]
    assert await answers.directories(here, patterns("apps/*")) == ["apps/a", "apps/b"]
    for target, words in (("../../../etc/passwd", "leads out of"), ("gone.json", "leads nowhere")):
        await put_link(work, "apps/b/x.json", target)
        await work.publish({}, target)
        with pytest.raises(SourceError, match=words):
            await answers.files(here, patterns("apps/*"))


async def test_a_long_answer_comes_in_pages_of_one_commit(suite: Suite) -> None:
    large = "x" * 1_500_000
    await suite.repository(
        "large", {f"f/{n}.txt": f"{n}{large}" for n in range(6)} | {"g/big.txt": large * 3}
    )
    answers, here = RepositoryAnswers(suite.bus), place(suite, "large")
    found = await answers.files(here, patterns("f/*"))
    assert [(path, content[:2]) for path, content in found] == [
        (f"f/{n}.txt", f"{n}x".encode()) for n in range(6)
    ]
    with pytest.raises(SourceError, match=r"g/big\.txt is larger than 4 MiB"):
        await answers.files(here, patterns("g/*"))


async def test_submodules_are_walked_into_at_the_commit_that_the_tree_names(suite: Suite) -> None:
    inner = await suite.repository("inner", {"parts/one/x.json": '{"name": "inner"}\n'})
    work = await suite.repository("outer", {"apps/a/x.json": "{}\n"})
    await link(work, "apps/mod", suite.git.repo_url("inner"), await inner.head())
    await work.publish({}, "a submodule")
    here = place(suite, "outer", rights=Rights(source_repos=("*",)))
    answers = RepositoryAnswers(suite.bus)
    assert await answers.directories(here, patterns("apps/*/*/*")) == ["apps/mod/parts/one"]
    assert await answers.directories(here, patterns("apps/*")) == ["apps/a", "apps/mod"]
    assert [path for path, _ in await answers.files(here, patterns("apps/*.json"))] == [
        "apps/a/x.json",
        "apps/mod/parts/one/x.json",
    ]
    without = RepositoryAnswers(suite.bus, submodules=False)
    assert await without.directories(here, patterns("apps/*", "apps/*/*")) == ["apps/a", "apps/mod"]


async def test_an_unsigned_commit_is_not_read_where_the_project_demands_signatures(suite: Suite) -> None:
    await suite.repository("unsigned", {"apps/a/x.json": "{}\n"})
    demanded = SignaturesDemanded(mode="head", keys={"4AEE18F83AFDEB23": ""})
    here = place(suite, "unsigned", rights=Rights(signatures=demanded))
    for asked in (RepositoryAnswers(suite.bus).directories, RepositoryAnswers(suite.bus).files):
        with pytest.raises(SourceError, match=r"GIT/GPG: Failed verifying revision .* by .*: unsigned"):
            await asked(here, patterns("apps/*"))


async def put_link(work: WorkRepo, path: str, target: str) -> None:
    """A symbolic link in the index and the work tree."""
    file = work.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.symlink_to(target)
    await run_git("add", path, folder=work.folder)
