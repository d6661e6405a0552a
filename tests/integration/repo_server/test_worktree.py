"""Worktrees, of commits that Git itself would refuse to check out among them."""

import asyncio
import os
from pathlib import Path

import pytest

from fairlead.git import GitProgram
from fairlead.render import RenderInvalidError, RenderRequest, Want
from fairlead.repo_server.rendering import tree as trees
from fairlead.repo_server.rendering.tree import Graft
from fairlead.repo_server.rendering.worktree import Worktrees
from fairlead.repo_server.supplying.provider import Asker, Obtained, Origin
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.repo_server.supplying.whole import Wholes
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


class Shelf:
    """Obtains what is in a repository of this machine, and remembers what was wanted."""

    def __init__(self, *held: tuple[str, Obtained]) -> None:
        self.held = dict(held)
        self.wanted: list[Want] = []

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        assert asker.origin(want) is not None, "who provides it knows where it is named"
        self.wanted.append(want)
        return self.held[want.oid]


async def test_all_that_a_tree_lacks_is_obtained_however_deep_it_lies(
    worktrees: Worktrees, bare: Bare, tmp_path: Path
) -> None:
    outer, inner = Bare(tmp_path / "outer.git"), Bare(tmp_path / "inner.git")
    digest = "ab" * 32
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 5\n"
    deep = inner.of({"x.yaml": "x: 1\n", "large.bin": pointer})
    files = {"y.yaml": ("100644", outer.blob("y: 1\n")), "inner": ("160000", deep)}
    middle = outer.commit(outer.tree(files))
    large = inner.blob("large")
    own = {
        "outer": ("160000", middle),
        "run": ("100755", bare.blob(pointer)),
        "a": ("100644", bare.blob("a")),
    }
    commit = bare.commit(bare.tree(own))

    def obtained(repo: Bare, oid: str) -> Obtained:
        lies = Origin(url=f"https://git.example/{repo.path.name}", mirror=repo.path, commit=oid, depth=1)
        return Obtained(mirror=repo.path, object=oid, origin=lies, opened=(lies.url,))

    modules = Shelf((middle, obtained(outer, middle)), (deep, obtained(inner, deep)))
    lfs = Shelf((digest, Obtained(mirror=inner.path, object=large)))
    supplier = Supplier(None, {"submodule": modules, "lfs": lfs})  # type: ignore[arg-type]
    wholes = Wholes(GitProgram(home=tmp_path / "home"), supplier)
    asker = Asker(
        project="p", source_repos=("*",), url="https://git.example/a", mirror=bare.path, commit=commit
    )
    request = RenderRequest(mirror=bare.path, commit=commit, submodules=True, lfs=True)
    lacking = await wholes.lacking(request, asker)
    assert [want.file for want in modules.wanted] == ["outer", "outer/inner"]
    assert {(want.file, want.size) for want in lfs.wanted} == {("outer/inner/large.bin", 5), ("run", 5)}
    assert lacking.opened == ("https://git.example/inner.git", "https://git.example/outer.git")
    async with worktrees.of(bare.path, commit, lacking.grafts) as folder:
        assert (folder / "outer/y.yaml").read_text() == "y: 1\n"
        assert (folder / "outer/inner/x.yaml").read_text() == "x: 1\n"
        assert (folder / "outer/inner/large.bin").read_text() == "large"
        assert (folder / "run").read_text() == "large"
        assert os.access(folder / "run", os.X_OK)
        assert (folder / "a").read_text() == "a"
    switched_off = RenderRequest(mirror=bare.path, commit=commit)
    assert (await wholes.lacking(switched_off, asker)).grafts == {}


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
