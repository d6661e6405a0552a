"""A mirror has what its remote has, whatever happened to either."""

from pathlib import Path
from unittest import mock

import msgspec
import pytest

from fairlead.git import GitError, GitTransientError, Mirror, MovedRef, RevisionError
from fairlead.git.changes import changes_between
from fairlead.git.history import describe
from fairlead.git.mirror import PIN
from fairlead.git.revisions import resolve
from fairlead.local.git_command import run_git
from tests.integration.git.conftest import Bench

MAIN = "refs/heads/main"


async def test_the_first_look_clones_and_the_next_fetches_what_moved(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    assert await bench.mirror.check(bench.remote, list_first=True) == (MovedRef(ref=MAIN, old="", new=first),)
    assert bench.mirror.head == MAIN
    generation = bench.mirror.generation
    second = await work.publish({"a.txt": "2"}, "second")
    moved = await bench.mirror.check(bench.remote, list_first=False)
    assert moved == (MovedRef(ref=MAIN, old=first, new=second),)
    assert bench.mirror.generation == generation + 1


async def test_a_look_that_finds_nothing_new_fetches_nothing(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    generation, requests = bench.mirror.generation, bench.git.requests
    assert await bench.mirror.check(bench.remote, list_first=True) == ()
    assert bench.mirror.generation == generation
    handshake_and_listing = 2
    assert bench.git.requests - requests == handshake_and_listing


async def test_force_pushes_and_deletions_are_moves(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    second = await work.publish({"a.txt": "2"}, "second")
    await work.checkout("side", create=True)
    await work.push("side")
    await bench.mirror.check(bench.remote, list_first=True)
    await work.checkout("main")
    await work.reset(first)
    await work.push(force=True)
    await work.delete_branch("side")
    assert await bench.mirror.check(bench.remote, list_first=False) == (
        MovedRef(ref=MAIN, old=second, new=first),
        MovedRef(ref="refs/heads/side", old=second, new=""),
    )


async def test_a_branch_may_take_the_place_of_a_folder_of_branches(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await work.checkout("x/y", create=True)
    await work.push("x/y")
    await bench.mirror.check(bench.remote, list_first=True)
    await work.delete_branch("x/y")
    await run_git("branch", "-m", "x/y", "x", folder=work.folder)
    await work.push("x")
    moved = await bench.mirror.check(bench.remote, list_first=False)
    assert [(m.ref, bool(m.new)) for m in moved] == [("refs/heads/x", True), ("refs/heads/x/y", False)]


async def test_another_default_branch_is_noticed(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await work.checkout("next", create=True)
    await work.push("next")
    await bench.mirror.check(bench.remote, list_first=True)
    await run_git("symbolic-ref", "HEAD", "refs/heads/next", folder=bench.git.path("repo"))
    await bench.mirror.check(bench.remote, list_first=True)
    assert bench.mirror.head == "refs/heads/next"


async def test_a_move_that_could_not_be_written_down_is_found_by_the_next_look(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    await bench.mirror.check(bench.remote, list_first=True)
    second = await work.publish({"a.txt": "2"}, "second")
    with (
        mock.patch.object(Path, "write_bytes", side_effect=OSError(28, "No space left on device")),
        pytest.raises(GitTransientError, match="cannot be written"),
    ):
        await bench.mirror.check(bench.remote, list_first=True)
    assert bench.mirror.refs[MAIN] == first
    moved = await bench.mirror.check(bench.remote, list_first=True)
    assert moved == (MovedRef(ref=MAIN, old=first, new=second),)


async def test_another_default_branch_survives_a_restart_although_no_ref_moved(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await work.checkout("next", create=True)
    await work.push("next")
    await bench.mirror.check(bench.remote, list_first=True)
    await run_git("symbolic-ref", "HEAD", "refs/heads/next", folder=bench.git.path("repo"))
    await bench.mirror.check(bench.remote, list_first=True)
    again = Mirror(bench.program, bench.mirror.path)
    await again.open()
    assert again.head == "refs/heads/next"
    again.close()


async def test_a_default_branch_is_not_believed_before_what_it_means_is_here(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    await work.checkout("next", create=True)
    await work.publish({"a.txt": "2"}, "second")
    await work.push("next")
    await run_git("symbolic-ref", "HEAD", "refs/heads/next", folder=bench.git.path("repo"))
    with (
        mock.patch("fairlead.git.remote.Remote.fetch", side_effect=GitTransientError("cut")),
        pytest.raises(GitTransientError),
    ):
        await bench.mirror.check(bench.remote, list_first=True)
    assert bench.mirror.head == MAIN


async def test_looks_are_counted_in_an_epoch_that_no_two_openings_share(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    assert bench.mirror.looks == 0
    for _ in range(2):
        await bench.mirror.check(bench.remote, list_first=True)
    assert (bench.mirror.looks, bench.mirror.settled) == (2, 1)
    await work.publish({"a.txt": "2"}, "second")
    await bench.mirror.check(bench.remote, list_first=False)
    assert (bench.mirror.looks, bench.mirror.settled) == (3, 3)
    again = Mirror(bench.program, bench.mirror.path)
    await again.open()
    assert (again.looks, again.epoch != bench.mirror.epoch) == (0, True)
    again.close()


async def test_a_mirror_goes_on_in_another_process_from_what_is_on_disk(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    again = Mirror(bench.program, bench.mirror.path)
    await again.open()
    assert again.refs == {MAIN: await work.head()}
    assert (again.head, again.generation) == (MAIN, bench.mirror.generation)
    again.close()


async def test_leftovers_of_a_killed_git_are_swept(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    commit = await work.publish({"a.txt": "2"}, "second")
    path = bench.mirror.path
    leftovers = [path / "packed-refs.lock", path / "refs/heads/main.lock", path / "objects/pack/tmp_pack_x"]
    for file in leftovers:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    again = Mirror(bench.program, path)
    [moved] = await again.check(bench.remote, list_first=False)
    assert moved.new == commit
    assert not any(file.exists() for file in leftovers)
    again.close()


@pytest.mark.parametrize("victim", ["HEAD", "config", "objects"])
async def test_a_damaged_mirror_is_cloned_again_once(bench: Bench, victim: str) -> None:
    work = await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    damage(bench.mirror.path / victim)
    commit = await work.publish({"a.txt": "2"}, "second")
    again = Mirror(bench.program, bench.mirror.path)
    await again.check(bench.remote, list_first=False)
    assert again.refs == {MAIN: commit}
    changes = await changes_between(again.trees, await work.head("HEAD~1"), commit)
    assert changes.paths == {"", "a.txt"}
    again.close()


async def test_a_generation_is_never_used_twice(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    generation = bench.mirror.generation
    await bench.mirror.renew(bench.remote, generation=generation)
    newer = bench.mirror.generation
    assert newer > generation
    await bench.mirror.renew(bench.remote, generation=generation)
    assert bench.mirror.generation == newer


async def test_many_refs_are_packed_and_still_read(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    for number in range(70):
        await run_git("tag", f"t{number}", folder=work.folder)
    await work.push("--tags")
    await bench.mirror.check(bench.remote, list_first=True)
    before = dict(bench.mirror.refs)
    await bench.mirror.maintain()
    assert "refs/tags/t69" in (bench.mirror.path / "packed-refs").read_text()
    again = Mirror(bench.program, bench.mirror.path)
    await again.open()
    assert again.refs == before
    again.close()


async def test_a_commit_that_no_branch_reaches_is_fetched_by_its_id(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    lost = await work.publish({"a.txt": "2"}, "second")
    await work.reset(first)
    await work.push(force=True)
    await bench.mirror.check(bench.remote, list_first=True)
    found = await resolve(lost, bench.mirror, bench.remote)
    assert found.commit == lost
    assert (bench.mirror.path / f"{PIN}{lost}").exists()
    with pytest.raises(RevisionError, match=f"unable to resolve '{'0' * 40}' to a commit SHA"):
        await resolve("0" * 40, bench.mirror, bench.remote)


async def test_revisions_are_resolved_like_argo_cd_does(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    await work.tag("v1.0.0", message="annotated")
    await work.tag("lib-1.5.0")
    second = await work.publish({"a.txt": "2"}, "second")
    await work.tag("v1.2.0-rc.1")
    await work.push(f"HEAD:refs/heads/{first[:8]}")
    await bench.mirror.check(bench.remote, list_first=True)

    async def commit(text: str, tag_prefix: str = "") -> str:
        return (await resolve(text, bench.mirror, bench.remote, tag_prefix=tag_prefix)).commit

    assert await commit("") == await commit("HEAD") == await commit("main") == await commit(MAIN) == second
    assert await commit("v1.0.0") == await commit("refs/tags/v1.0.0") == await commit("^1.0") == first
    assert await commit(">=1.0.0-0") == second
    assert await commit("1.x", tag_prefix="lib-") == first
    assert await commit(first) == await commit(first[:12]) == first
    assert await commit(first[:8]) == second, "a branch goes before an abbreviated commit"
    for missing in ("nope", "^9", "abcdef1", "-x", "main^", "main:a.txt", "../main"):
        with pytest.raises(RevisionError, match="unable to resolve"):
            await commit(missing)


def damage(path: Path) -> None:
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file():
            file.chmod(0o644)
            file.write_bytes(b"rot")


async def test_a_damaged_remote_takes_nothing_from_the_mirror(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    await bench.mirror.check(bench.remote, list_first=True)
    second = await work.publish({"a.txt": "2"}, "second")
    blob = await run_git("rev-parse", "HEAD:a.txt", folder=work.folder)
    file = bench.git.path("repo") / "objects" / blob[:2] / blob[2:]
    content = file.read_bytes()
    damage(file)
    for _ in range(2):
        with pytest.raises(GitTransientError):
            await bench.mirror.check(bench.remote, list_first=False)
    assert bench.mirror.refs == {MAIN: first}
    assert await bench.mirror.objects.has_commit(first)
    assert [entry.name for entry in bench.mirror.path.parent.iterdir()] == [bench.mirror.name]
    file.write_bytes(content)
    assert await bench.mirror.check(bench.remote, list_first=False) == (
        MovedRef(ref=MAIN, old=first, new=second),
    )


async def test_a_mirror_that_cannot_be_cloned_again_stays_as_it_is(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    generation = bench.mirror.generation
    with pytest.raises(GitError):
        await bench.mirror.renew(bench.to(bench.git.repo_url("absent")), generation=generation)
    assert await bench.mirror.objects.has_commit(await work.head())
    await bench.mirror.renew(bench.remote, generation=generation)
    assert bench.mirror.generation > generation
    assert await bench.mirror.objects.has_commit(await work.head())


async def test_a_detached_head_is_fetched_though_no_branch_reaches_it(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await work.checkout("aside", create=True)
    commit = await work.publish({"a.txt": "2"}, "aside")
    await run_git("update-ref", "--no-deref", "HEAD", commit, folder=bench.git.path("repo"))
    await work.delete_branch("aside")
    await bench.mirror.check(bench.remote, list_first=True)
    assert (await resolve("HEAD", bench.mirror, bench.remote)).commit == commit
    assert await bench.mirror.objects.has_commit(commit)


async def test_a_default_branch_that_gives_way_to_another_is_noticed_without_a_listing(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    await work.checkout("next", create=True)
    await work.push("next")
    await run_git("symbolic-ref", "HEAD", "refs/heads/next", folder=bench.git.path("repo"))
    await work.delete_branch("main")
    await bench.mirror.check(bench.remote, list_first=False)
    assert bench.mirror.head == "refs/heads/next"


async def test_a_shallow_mirror_has_as_much_history_as_was_asked_for_and_finds_older_commits(
    bench: Bench,
) -> None:
    work = await bench.repository({"a.txt": "0"})
    commits = [await work.head()]
    for number in range(1, 6):
        commits.append(await work.publish({"a.txt": str(number)}, str(number)))
    shallow = msgspec.structs.replace(bench.remote, depth=2)
    await bench.mirror.check(shallow, list_first=True)
    assert [await bench.mirror.objects.has_commit(one) for one in commits] == [False] * 4 + [True] * 2
    assert bench.mirror.cut() == {commits[4]}
    commits.append(await work.publish({"a.txt": "6"}, "6"))
    [moved] = await bench.mirror.check(shallow, list_first=True)
    assert (moved.old, moved.new) == (commits[5], commits[6])
    assert (await changes_between(bench.mirror.trees, commits[5], commits[6])).paths == {"a.txt", ""}
    assert (await describe(bench.mirror, commits[6])).message == "6\n"
    pinned = await resolve(commits[2], bench.mirror, shallow)
    assert pinned.commit == commits[2]
    assert bench.mirror.is_shallow
    abbreviated = await resolve(commits[0][:10], bench.mirror, shallow)
    assert abbreviated.commit == commits[0]


async def test_another_depth_takes_effect_with_the_next_look_though_nothing_moved(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "0"})
    first = await work.head()
    await work.publish({"a.txt": "1"}, "1")
    shallow = msgspec.structs.replace(bench.remote, depth=1)
    await bench.mirror.check(shallow, list_first=True)
    assert not await bench.mirror.objects.has_commit(first)
    again = Mirror(bench.program, bench.mirror.path)
    assert await again.check(shallow, list_first=True) == ()
    assert again.is_shallow
    assert await again.check(bench.remote, list_first=True) == ()
    assert not again.is_shallow
    assert await again.objects.has_commit(first)
    again.close()


async def test_a_ref_that_replaces_commits_replaces_nothing(bench: Bench) -> None:
    """What is verified must be what is rendered."""
    work = await bench.repository({"a.txt": "0"})
    first = await work.head()
    second = await work.publish({"a.txt": "1"}, "1")
    await bench.mirror.check(bench.remote, list_first=True)
    await run_git("update-ref", f"refs/replace/{second}", first, folder=bench.mirror.path)
    [body] = await bench.mirror.objects.contents([second], "commit")
    assert body.endswith(b"\n\n1\n")
    assert await bench.mirror.follow(bench.remote, f"refs/replace/{second}") == ()


async def test_a_first_fetch_leaves_branches_and_tags_and_nothing_of_the_remote(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    await work.tag("v1", message="annotated")
    await run_git("update-ref", "refs/pull/7/head", "main", folder=bench.git.path("repo"))
    await bench.mirror.check(bench.remote, list_first=True)
    held = await run_git("for-each-ref", "--format=%(refname)", folder=bench.mirror.path)
    assert held.split() == ["refs/heads/main", "refs/tags/v1"]
    assert "remote" not in (bench.mirror.path / "config").read_text()
    assert bench.remote.url not in (bench.mirror.path / "config").read_text()
    await run_git("fsck", "--strict", folder=bench.mirror.path)
    assert not bench.mirror.path.with_name("one.new").exists()


async def test_a_first_fetch_that_fails_leaves_an_empty_mirror_and_is_made_up_for(bench: Bench) -> None:
    await bench.git.create("other")
    with pytest.raises(GitError):
        await bench.mirror.check(bench.to(bench.git.repo_url("missing")), list_first=False)
    assert bench.mirror.is_empty
    assert not bench.mirror.path.with_name("one.new").exists()
    await bench.repository({"a.txt": "1"})
    assert await bench.mirror.check(bench.remote, list_first=True)
