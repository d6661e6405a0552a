"""What a merge would be is made beside all refs, and is the same in every mirror."""

import asyncio
from typing import Any

import pytest

from fairlead.git import GitInvalidError, Mirror, merging
from fairlead.git.changes import changes_between
from fairlead.local.git_command import run_git
from fairlead.local.work_repo import WorkRepo
from tests.integration.git.conftest import Bench

LINES = "one: 1\n\n\n\n\n\n\ntwo: 2\n"
BRANCH = "feature"


async def parted(bench: Bench, *, main: dict[str, str], feature: dict[str, str]) -> tuple[WorkRepo, str, str]:
    """A branch and the main one, both pushed, which parted at the first commit."""
    work = await bench.repository({"a.yaml": LINES, "b.yaml": "b\n"})
    await work.checkout(BRANCH, create=True)
    head = await work.publish(feature, "theirs") if feature else await work.head()
    await work.push()
    await work.checkout("main")
    target = await work.publish(main, "ours") if main else await work.head()
    await bench.mirror.check(bench.remote, list_first=False)
    return work, target, head


async def test_a_merge_has_what_both_sides_changed_even_of_one_file(bench: Bench) -> None:
    ours, theirs = LINES.replace("1", "11"), LINES.replace("2", "22")
    work, target, head = await parted(bench, main={"a.yaml": ours}, feature={"a.yaml": theirs, "c.yaml": "c"})
    found = await bench.mirror.merge(bench.remote, target, head)
    shown = await run_git("show", f"{found.commit}:a.yaml", folder=bench.mirror.path)
    changes = await changes_between(bench.mirror.trees, target, found.commit)
    assert shown.split() == ["one:", "11", "two:", "22"]
    assert {"a.yaml", "c.yaml"} <= (changes.paths or frozenset())
    assert found.base == await work.head(f"{target}~1")


async def test_a_merge_moves_no_ref_and_is_the_same_in_another_mirror(bench: Bench) -> None:
    _, target, head = await parted(bench, main={"b.yaml": "ours"}, feature={"c.yaml": "theirs"})
    refs = dict(bench.mirror.refs)
    first = await bench.mirror.merge(bench.remote, target, head)
    other = Mirror(bench.program, bench.folder / "mirrors" / "two")
    try:
        await other.check(bench.remote, list_first=False)
        assert await other.merge(bench.remote, target, head) == first
    finally:
        await other.objects.end()
    assert (await bench.mirror.check(bench.remote, list_first=True), bench.mirror.refs) == ((), refs)


async def test_a_branch_that_has_all_of_the_other_is_the_merge_itself(bench: Bench) -> None:
    _, target, head = await parted(bench, main={}, feature={"c.yaml": "theirs"})
    ahead = await bench.mirror.merge(bench.remote, target, head)
    behind = await bench.mirror.merge(bench.remote, head, target)
    assert (ahead.commit, behind.commit) == (head, head)


async def test_what_cannot_be_merged_is_no_commit_and_names_its_files(bench: Bench) -> None:
    _, target, head = await parted(bench, main={"b.yaml": "ours"}, feature={"b.yaml": "theirs"})
    found = await bench.mirror.merge(bench.remote, target, head)
    assert (found.commit, found.conflicts) == ("", ("b.yaml",))


async def test_histories_with_nothing_in_common_are_not_merged(bench: Bench) -> None:
    work, target, _ = await parted(bench, main={}, feature={})
    await run_git("checkout", "--quiet", "--orphan", "alone", folder=work.folder)
    alone = await work.publish({"d.yaml": "d"}, "alone")
    await bench.mirror.check(bench.remote, list_first=False)
    with pytest.raises(GitInvalidError, match="no history in common"):
        await bench.mirror.merge(bench.remote, target, alone)


async def test_nobody_who_fetches_waits_for_a_merge_and_each_is_made_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, target, head = await parted(bench, main={"b.yaml": "ours"}, feature={"c.yaml": "theirs"})
    begun, may_go, made = asyncio.Event(), asyncio.Event(), merging.merged
    times = 0

    async def slow(*arguments: Any) -> merging.Merge:
        nonlocal times
        times += 1
        begun.set()
        await may_go.wait()
        return await made(*arguments)

    monkeypatch.setattr(merging, "merged", slow)
    running = [asyncio.create_task(bench.mirror.merge(bench.remote, target, head)) for _ in range(3)]
    async with asyncio.timeout(30):
        await begun.wait()
    await work.publish({"d.yaml": "d"}, "meanwhile")
    async with asyncio.timeout(30):
        [moved] = await bench.mirror.check(bench.remote, list_first=True)
    may_go.set()
    found = await asyncio.gather(*running)
    assert (moved.ref, times, len({each.commit for each in found})) == ("refs/heads/main", 1, 1)
    await run_git("reflog", "expire", "--expire=now", "--all", folder=bench.mirror.path)
    await run_git("prune", "--expire=now", folder=bench.mirror.path)
    again = await bench.mirror.merge(bench.remote, target, head)
    assert (again, await bench.mirror.objects.has_commit(again.commit)) == (found[0], True)
