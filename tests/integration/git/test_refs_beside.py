"""Refs beside branches and tags, as those of pull requests: held once somebody names one, and followed."""

import pytest

from fairlead.git import Mirror, MovedRef, RevisionError
from fairlead.git.advertised import is_beside
from fairlead.git.mirror import MAX_ALSO
from fairlead.git.revisions import resolve
from fairlead.local.git_command import run_git
from tests.integration.git.conftest import Bench

PULL = "refs/pull/7/head"


async def test_a_ref_that_was_named_is_fetched_followed_and_given_up(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    main = await work.head()
    asked = await work.publish({"a.txt": "2"}, "second")
    await work.push(f"HEAD:{PULL}")
    await work.push(f"HEAD:{PULL}ers")
    await work.reset(main)
    await work.push(force=True)
    mirror, remote = bench.mirror, bench.remote
    await mirror.check(remote, list_first=True)
    with pytest.raises(RevisionError):
        await resolve(PULL, mirror, remote)
    assert await mirror.follow(remote, PULL) == (MovedRef(ref=PULL, old="", new=asked),)
    assert (await resolve(PULL, mirror, remote)).commit == asked
    assert mirror.refs == {"refs/heads/main": main, PULL: asked}
    looks, requests = mirror.looks, bench.git.requests
    assert await mirror.follow(remote, PULL) == ()
    assert (mirror.looks, bench.git.requests) == (looks, requests), "what is held is not asked for again"

    await work.checkout("other", create=True)
    newer = await work.publish({"a.txt": "3"}, "third")
    await work.push(f"HEAD:{PULL}", force=True)
    moved = await mirror.check(remote, list_first=False)
    assert MovedRef(ref=PULL, old=asked, new=newer) in moved

    await run_git("pack-refs", "--all", folder=mirror.path)
    again = Mirror(bench.program, mirror.path)
    await again.open()
    assert again.refs == mirror.refs, "it is known after a restart"
    again.close()

    await mirror.renew(remote, generation=mirror.generation)
    assert mirror.refs[PULL] == newer, "a new clone has it, too"
    await run_git("update-ref", "-d", PULL, folder=bench.git.path("repo"))
    assert await mirror.check(remote, list_first=True) == (MovedRef(ref=PULL, old=newer, new=""),)
    await work.push(f"HEAD:{PULL}")
    assert await mirror.check(remote, list_first=True) == (MovedRef(ref=PULL, old="", new=newer),)

    await mirror.unpin({PULL})
    assert PULL in mirror.refs
    await mirror.unpin(set())
    assert PULL not in mirror.refs
    assert await mirror.check(remote, list_first=True) == ()


async def test_so_many_refs_are_held_and_no_more(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=True)
    bench.mirror._state = type(bench.mirror._state)(
        generation=bench.mirror.generation,
        head=bench.mirror.head,
        also=tuple(f"refs/pull/{number}/head" for number in range(MAX_ALSO)),
    )
    with pytest.raises(RevisionError):
        await bench.mirror.follow(bench.remote, "refs/changes/1")
    assert await bench.mirror.check(bench.remote, list_first=True) == ()


@pytest.mark.parametrize(
    "ref",
    [
        *(
            "main",
            "refs/heads/main",
            "refs/tags/v1",
            "refs/fairlead/pins/x",
            "refs/x",
            "refs/pull/../heads/x",
        ),
        *(
            "refs/pull/.hidden",
            "refs/pull/x.lock",
            "refs/pull//x",
            "refs/pull/x/",
            "refs/pull/a b",
            "refs/p/x@{1}",
        ),
        *("refs/pull/*", "refs/pull/a:b", "refs/pull/^x", "refs/pull/x\n", "refs/pull/\\x", "refs/p/-x", ""),
        f"refs/pull/{'x' * 300}",
    ],
)
def test_what_is_no_name_of_such_a_ref_reaches_neither_git_nor_the_disk(ref: str) -> None:
    assert not is_beside(ref)


@pytest.mark.parametrize(
    "ref", [PULL, "refs/changes/01/1/1", "refs/merge-requests/3/head", "refs/notes/commits"]
)
def test_refs_of_pull_requests_and_changes_are_such_refs(ref: str) -> None:
    assert is_beside(ref)
