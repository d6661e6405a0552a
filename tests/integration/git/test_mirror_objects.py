"""What a mirror has is read: trees, names, commits, by many at once."""

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from fairlead.git import MirrorCorruptError
from fairlead.git.changes import changes_between
from fairlead.git.history import MAX_MESSAGE, TAGS_AT_ONCE, describe
from fairlead.git.tree import Tree
from fairlead.local.git_command import run_git
from tests.integration.git.conftest import Bench

MAIN = "refs/heads/main"


async def test_the_paths_between_two_commits_are_those_that_differ_and_what_is_above(bench: Bench) -> None:
    first = {"a/1.txt": "x", "a/b/2.txt": "x", "gone/deep/3.txt": "x", "same/4.txt": "x", "type": "file"}
    work = await bench.repository(dict(first))
    old = await work.head()
    new = await work.publish(
        {"a/b/2.txt": "y", "gone/deep/3.txt": None, "new dir/é.txt": "x", "type": None, "type/x": "dir"}, "2"
    )
    await bench.mirror.check(bench.remote, list_first=True)
    changes = await changes_between(bench.mirror.trees, old, new)
    assert changes.paths == {
        *("", "a", "a/b", "a/b/2.txt", "gone", "gone/deep", "gone/deep/3.txt"),
        *("new dir", "new dir/é.txt", "type", "type/x"),
        *("/", "gone/", "gone/deep/", "new dir/", "type/"),
    }
    assert changes.touch(["a/b"])
    assert not changes.touch(["a/1.txt", "same"])


async def test_a_tree_is_read_once_for_every_commit_that_has_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = await bench.repository({"a/1.txt": "x", "b/2.txt": "x"})
    commits = [await work.head()]
    commits += [await work.publish({"a/1.txt": text}, text) for text in ("y", "z")]
    await bench.mirror.check(bench.remote, list_first=True)
    read: list[str] = []
    trees = bench.mirror.objects.trees

    async def noted(oids: Sequence[str]) -> list[Tree]:
        read.extend(oids)
        return await trees(oids)

    monkeypatch.setattr(bench.mirror.objects, "trees", noted)
    for old, new in itertools.pairwise(commits):
        assert (await changes_between(bench.mirror.trees, old, new)).touch(["a/1.txt"])
        await bench.mirror.paths.ids(new, ["a/1.txt", "b/2.txt"])
    assert len(read) == len(set(read)) == 2 * len(commits) + 1, "a root and a each, b once"


async def test_the_names_in_a_directory_are_the_same_while_none_comes_or_goes(bench: Bench) -> None:
    work = await bench.repository({"a/1.txt": "x", "a/b/2.txt": "x", "other/3.txt": "x"})
    commits = [await work.head()]
    commits.append(await work.publish({"a/1.txt": "y", "a/b/2.txt": "y", "a/b/3.txt": "y"}, "contents"))
    commits.append(await work.publish({"a/4.txt": "y"}, "a name"))
    commits.append(await work.publish({"a/b/2.txt": None, "a/b/3.txt": None, "a/b": "a file"}, "a kind"))
    await bench.mirror.check(bench.remote, list_first=True)
    found = [await bench.mirror.paths.ids(commit, ["a/", "/", "none/", "a/1.txt/"]) for commit in commits]
    names, root, missing, no_folder = zip(*found, strict=True)
    assert names[0] == names[1] != names[2] != names[3]
    assert len(set(root)) == 1
    assert {*missing, *no_folder} == {""}
    changes = [
        await changes_between(bench.mirror.trees, old, new) for old, new in itertools.pairwise(commits)
    ]
    assert [change.touch(["a/"]) for change in changes] == [False, True, True]
    assert not any(change.touch(["/"]) for change in changes)


async def test_objects_are_asked_by_many_at_once(bench: Bench) -> None:
    work = await bench.repository({f"d{i}/f.txt": str(i) for i in range(200)})
    await bench.mirror.check(bench.remote, list_first=True)
    commit = await work.head()
    find = bench.mirror.paths.find
    answers = await asyncio.gather(*(find(commit, f"d{i}", ["f.txt", "x"]) for i in range(200)))
    assert all(file and not other for file, other in answers)
    for folder in ("nope", "d1/f.txt", "..", "d1/..", "/d1", "d1/", "a\nb"):
        assert await find(commit, folder, ["f.txt"]) == [None]


async def test_a_reader_that_is_cancelled_leaves_no_answers_for_the_next(bench: Bench) -> None:
    work = await bench.repository({f"d{i}/f.txt": str(i) for i in range(300)})
    await bench.mirror.check(bench.remote, list_first=True)
    commit = await work.head()
    task = asyncio.create_task(bench.mirror.objects.commits_of([commit] * 20_000))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await bench.mirror.objects.commit_of(commit) == commit


async def test_a_commit_is_described_with_its_author_and_date(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    when = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05+05:30"}
    args = ("commit", "--quiet", "--allow-empty", "-m", "subject\n\nbody")
    await run_git(*args, folder=work.folder, env=when)
    await work.push()
    await bench.mirror.check(bench.remote, list_first=True)
    told = await describe(bench.mirror, await work.head())
    assert told.date == "2026-01-02T03:04:05+05:30"
    assert told.message == "subject\n\nbody\n"


async def test_a_commit_is_described_whatever_its_author_is_called_and_however_many_tags_there_are(
    bench: Bench,
) -> None:
    work = await bench.repository({"a.txt": "1"})
    other = await work.head()
    odd = {"GIT_AUTHOR_NAME": "Zo\u00eb <x> \u2028", "GIT_AUTHOR_EMAIL": "zo\u00eb@host"}
    message = "m" * (MAX_MESSAGE + 10)
    (work.folder.parent / "message").write_text(message, encoding="utf-8")
    args = ("commit", "--quiet", "--allow-empty", "--file", str(work.folder.parent / "message"))
    await run_git(*args, folder=work.folder, env=odd)
    head = await work.head()
    for number in range(TAGS_AT_ONCE + 3):
        await run_git(
            "update-ref", f"refs/tags/t{number:03}", head if number % 100 == 0 else other, folder=work.folder
        )
    await work.push()
    await work.tag("annotated", message="words")
    await work.push("refs/tags/*:refs/tags/*")
    await bench.mirror.check(bench.remote, list_first=True)
    told = await describe(bench.mirror, head)
    assert told.tags == ("annotated", "t000", "t100", "t200")
    assert told.message == message[:MAX_MESSAGE]
    assert told.author.startswith("Zo\u00eb")
    with pytest.raises(MirrorCorruptError):
        await describe(bench.mirror, "f" * 40)


@pytest.mark.parametrize("name", ["odd\u2028name", "odd\x85name", "odd\udce9name"], ids=ascii)
async def test_a_name_with_what_elsewhere_ends_a_line_is_a_name_like_any_other(
    bench: Bench, name: str
) -> None:
    work = await bench.repository({"a.txt": "1"})
    await run_git("update-ref", f"refs/heads/{name}", await work.head(), folder=bench.git.path("repo"))
    await bench.mirror.check(bench.remote, list_first=True)
    assert bench.mirror.refs == {MAIN: await work.head(), f"refs/heads/{name}": await work.head()}
    await run_git("pack-refs", "--all", folder=bench.mirror.path)
    commit = await work.publish({"a.txt": "2"}, "second")
    assert [moved.new for moved in await bench.mirror.check(bench.remote, list_first=True)] == [commit]
