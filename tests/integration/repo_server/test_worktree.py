"""Worktrees, of commits that Git itself would refuse to check out among them."""

import asyncio
import os
from pathlib import Path

import pytest

from fairlead.git import GitProgram
from fairlead.render import RenderInvalidError
from fairlead.repo_server.rendering import tree as trees
from fairlead.repo_server.rendering.tree import Graft
from fairlead.repo_server.rendering.worktree import Worktrees
from tests.integration.repo_server.hostile_trees import Bare

OUT = "repository contains out-of-bounds symlinks. file: "


@pytest.fixture
def worktrees(tmp_path: Path) -> Worktrees:
    (tmp_path / "home").mkdir()
    made = Worktrees(tmp_path / "worktrees", GitProgram(home=tmp_path / "home"))
    made.sweep()
    return made


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare(tmp_path / "bare.git")


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "worktrees").iterdir())


async def test_a_worktree_is_the_commit_and_is_gone_afterwards(
    worktrees: Worktrees, bare: Bare, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {"a/b/c.yaml": "c: 1\n", "run.sh": "#!/bin/sh\n", "big": b"x" * (9 << 20)}
    commit = bare.of(files, {"a/link": "b/c.yaml", "folder": "a"}, executable="run.sh")
    async with worktrees.of(bare.path, commit) as folder:
        assert (folder / "a/link").read_text() == "c: 1\n"
        assert (folder / "folder/b/c.yaml").read_text() == "c: 1\n"
        assert (folder / "big").stat().st_size == 9 << 20
        assert os.access(folder / "run.sh", os.X_OK)
        assert not (folder / "a/b/c.yaml").stat().st_mode & 0o111
        assert folder.stat().st_mode & 0o777 == 0o700
        closed = folder / "a/closed/inner"
        closed.mkdir(parents=True)
        (closed / "x").write_text("x")
        closed.chmod(0)
        closed.parent.chmod(0)
    assert left(tmp_path) == []


async def test_submodules_and_files_kept_elsewhere_are_grafted(
    worktrees: Worktrees, bare: Bare, tmp_path: Path
) -> None:
    other = Bare(tmp_path / "other.git")
    module = other.of({"lib/x.yaml": "x: 1\n"})
    large = other.blob("large")
    leaf = ("100644", bare.blob("version https://git-lfs.github.com/spec/v1\n"))
    root = bare.tree({"module": ("160000", module), "large.bin": leaf, "a.yaml": ("100644", bare.blob("a"))})
    commit = bare.commit(root)
    async with worktrees.of(bare.path, commit) as folder:
        assert not (folder / "module").exists()
    grafts = {
        "module": Graft(mirror=other.path, object=module),
        "large.bin": Graft(mirror=other.path, object=large),
    }
    async with worktrees.of(bare.path, commit, grafts) as folder:
        assert (folder / "module/lib/x.yaml").read_text() == "x: 1\n"
        assert (folder / "large.bin").read_text() == "large"
        assert (folder / "a.yaml").read_text() == "a"


@pytest.mark.parametrize(
    "links",
    [
        {"a/out": "/etc/passwd"},
        {"a/out": "../../x"},
        {"a/out": "../.."},
        {"d/l": "..", "a/out": "../d/l/../x"},
        {"a/out": "one", "a/one": "two", "a/two": "../../three"},
    ],
)
async def test_a_link_that_leads_out_is_refused_in_the_contracts_words(
    worktrees: Worktrees, bare: Bare, tmp_path: Path, links: dict[str, str]
) -> None:
    commit = bare.of({"a/x": "x"}, links)
    with pytest.raises(RenderInvalidError, match=OUT):
        async with worktrees.of(bare.path, commit):
            pass
    assert left(tmp_path) == []


async def test_links_that_stay_or_lead_nowhere_or_in_circles_are_taken(
    worktrees: Worktrees, bare: Bare
) -> None:
    links = {"a/up": "../b", "b/round": "round", "c": "nowhere/at/all", "d": "a/up/../b"}
    commit = bare.of({"a/x": "x", "b/y": "y"}, links)
    async with worktrees.of(bare.path, commit) as folder:
        assert (folder / "a/up/y").read_text() == "y"


@pytest.mark.parametrize("name", ["..", ".git", ".GIT", "."])
async def test_a_name_that_leads_out_is_refused_and_writes_nothing(
    worktrees: Worktrees, bare: Bare, tmp_path: Path, name: str
) -> None:
    inner = bare.tree({"config": ("100644", bare.blob("bad"))})
    commit = bare.commit(bare.tree({name: ("040000", inner)}))
    with pytest.raises(RenderInvalidError, match="no path that can be written"):
        async with worktrees.of(bare.path, commit):
            pass
    assert left(tmp_path) == []
    assert not (tmp_path / "config").exists()


async def test_too_many_files_and_too_large_ones_are_refused_before_they_are_read(
    worktrees: Worktrees, bare: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = bare.of({"a": "a" * 100, "b": "b" * 100, "c": "c"})
    monkeypatch.setattr(trees, "BYTES", 150)
    with pytest.raises(RenderInvalidError, match="larger than"):
        async with worktrees.of(bare.path, commit):
            pass
    monkeypatch.setattr(trees, "FILES", 2)
    with pytest.raises(RenderInvalidError, match="more than 2 files"):
        async with worktrees.of(bare.path, commit):
            pass


async def test_what_a_killed_process_left_is_swept_and_a_cancelled_user_leaves_nothing(
    worktrees: Worktrees, bare: Bare, tmp_path: Path
) -> None:
    (tmp_path / "worktrees/old/a").mkdir(parents=True)
    (tmp_path / "worktrees/old/a").chmod(0)
    worktrees.sweep()
    assert left(tmp_path) == []
    commit, inside = bare.of({"a": "a"}), asyncio.Event()

    async def use() -> None:
        async with worktrees.of(bare.path, commit):
            inside.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(use())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    while left(tmp_path):
        await asyncio.sleep(0.01)
