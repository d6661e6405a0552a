"""What a push brought is fetched over a kept connection, and is what git would have fetched."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from fairlead.git import Credential, GitTransientError, Mirror, fetch_pack
from fairlead.git.fetch_pack import FetchPack, unwrapped
from fairlead.git.ls_refs import LsRefs, lines
from fairlead.git.program import GitProgram
from fairlead.git.remote import Remote
from fairlead.local.git_command import run_git
from fairlead.local.work_repo import WorkRepo
from fairlead.outbound import Outbound
from fairlead.outbound.slots import Slots
from tests.integration.git.conftest import LOOPBACK, Bench
from tests.integration.git.test_mirror import damage

MAIN = "refs/heads/main"


@pytest_asyncio.fixture(loop_scope="session")
async def outbound() -> AsyncIterator[Outbound]:
    outbound = Outbound(LOOPBACK, slots=Slots(per_host=1))
    yield outbound
    await outbound.close()


@pytest.fixture
def remote(bench: Bench, outbound: Outbound) -> Remote:
    """As a repo-server has it: what is asked of a host shares that host's places, of which there is one."""
    own = {"ls_refs": LsRefs(outbound), "fetch_pack": FetchPack(outbound), "slots": outbound.slots}
    return Remote(program=msgspec.structs.replace(bench.program, **own), url=bench.remote.url)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses from which git itself fetched."""
    run, addresses = GitProgram.run, list[str]()

    async def noted(self: GitProgram, arguments: Sequence[str], **told: Any) -> bytes:
        addresses.extend((told["url"],) if {"fetch", "clone"} & {*arguments} else ())
        return await run(self, arguments, **told)

    monkeypatch.setattr(GitProgram, "run", noted)
    return addresses


async def is_whole(bench: Bench) -> bool:
    told = await run_git("fsck", "--full", "--strict", "--connectivity-only", folder=bench.mirror.path)
    return "missing" not in told and "broken" not in told


async def looked(bench: Bench, remote: Remote) -> int:
    """How many refs a look found moved; what is here then is what git finds there."""
    moved = await bench.mirror.check(remote, list_first=False)
    assert bench.mirror.refs == (await bench.remote.list_refs()).refs
    listed = await run_git("for-each-ref", "--format=%(refname) %(objectname)", folder=bench.mirror.path)
    assert dict(line.split() for line in listed.splitlines()) == bench.mirror.refs
    assert await is_whole(bench)
    return len(moved)


async def pushed_beside(work: WorkRepo, *branches: str) -> None:
    for branch in branches:
        await work.push(f"HEAD:refs/heads/{branch}")


async def test_a_push_is_fetched_without_git_and_other_moves_are_left_to_it(
    bench: Bench, remote: Remote, fetched: list[str]
) -> None:
    work = await bench.repository({"a/1.txt": "1", "a/2.txt": "2", "b.txt": "1"})
    first = await work.head()
    assert await looked(bench, remote) == 1
    fetched.clear()
    assert await looked(bench, remote) == 0
    await work.publish({"a/1.txt": "new", "c/deep/3.txt": "3"}, "an edit")
    await work.publish({"a/2.txt": None}, "a removal")
    assert await looked(bench, remote) == 1
    assert fetched == [], "one push, two commits"
    await pushed_beside(work, "beside", "more")
    assert await looked(bench, remote) == 2
    assert fetched, "branches that are new"
    fetched.clear()
    await work.publish({"b.txt": "2"}, "for three branches")
    await pushed_beside(work, "beside", "more")
    assert await looked(bench, remote) == 3
    await work.publish({"b.txt": "3"}, "for one of them")
    await looked(bench, remote)
    await pushed_beside(work, "beside")
    assert await looked(bench, remote) == 1
    assert fetched == [], "moved to where another is"
    await run_git("update-ref", "refs/heads/more", first, folder=bench.git.path("repo"))
    assert await looked(bench, remote) == 1
    assert fetched, "back to a commit that only older ones reach"
    fetched.clear()
    await run_git("update-ref", "-d", "refs/heads/more", folder=bench.git.path("repo"))
    assert await looked(bench, remote) == 1
    assert fetched, "a branch that is gone"


async def test_refs_that_were_packed_move_too(bench: Bench, remote: Remote, fetched: list[str]) -> None:
    work = await bench.repository({"a.txt": "1"})
    await pushed_beside(work, "team/one")
    await looked(bench, remote)
    await run_git("pack-refs", "--all", "--prune", folder=bench.mirror.path)
    fetched.clear()
    await work.publish({"a.txt": "2"}, "second")
    await pushed_beside(work, "team/one")
    assert await looked(bench, remote) == 2
    assert fetched == []


async def test_a_pack_that_lacks_what_it_names_is_not_taken(
    bench: Bench, remote: Remote, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = await bench.repository({"a.txt": "1"})
    await looked(bench, remote)
    commit = await work.publish({"a.txt": "2"}, "second")
    lacking = await packed(bench, commit)

    async def answered(*_: Any) -> bytes:
        return lacking

    monkeypatch.setattr(FetchPack, "ask", answered)
    fetched.clear()
    assert await looked(bench, remote) == 1
    assert fetched, "git got what is whole"


async def packed(bench: Bench, *names: str) -> bytes:
    """A pack of these objects alone."""
    with (bench.folder / "names").open("w+b") as file:
        file.write("".join(f"{name}\n" for name in names).encode())
        file.seek(0)
        arguments = (f"--git-dir={bench.git.path('repo')}", "pack-objects", "--stdout", "-q")
        return await bench.program.run(arguments, given=file)


@pytest.mark.parametrize("damage", ["cut", "byte", "empty", "nonsense"])
async def test_a_damaged_pack_is_not_taken(
    bench: Bench, remote: Remote, fetched: list[str], monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    work = await bench.repository({"a.txt": "1"})
    await looked(bench, remote)
    await work.publish({"a.txt": "2"}, "second")
    ask = FetchPack.ask

    async def damaged(self: FetchPack, *told: Any) -> bytes:
        pack = await ask(self, *told)
        middle = len(pack) // 2
        return {
            "cut": pack[:-7],
            "byte": pack[:middle] + bytes((pack[middle] ^ 1,)) + pack[middle + 1 :],
            "empty": b"",
            "nonsense": b"PACK" + bytes(100),
        }[damage]

    monkeypatch.setattr(FetchPack, "ask", damaged)
    fetched.clear()
    assert await looked(bench, remote) == 1
    assert fetched
    assert not list(bench.mirror.path.glob("objects/pack/tmp_*"))


async def test_what_is_larger_than_a_push_is_left_to_git_is_no_failure_and_disturbs_nothing(
    bench: Bench, remote: Remote, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[tuple[str, bool]]()

    def observed(url: str, request: str, seconds: float, *, failed: bool) -> None:
        del url, seconds
        told.append((request, failed))

    program = msgspec.structs.replace(remote.program, observer=observed)
    work = await bench.repository({"a.txt": "1"})
    await looked(bench, remote)
    monkeypatch.setattr(fetch_pack, "MAX_PACK", 100)
    await work.publish({"a.txt": "2"}, "second")
    fetched.clear()
    packing = bench.mirror._collecting = asyncio.create_task(asyncio.sleep(600))
    assert await looked(bench, msgspec.structs.replace(remote, program=program)) == 1
    assert fetched
    assert told == [("ls-remote", False), ("fetch", False)]
    assert not packing.done()
    packing.cancel()


@pytest.mark.parametrize("victim", ["HEAD", "config", "objects"])
async def test_a_damaged_mirror_is_cloned_again_when_a_push_comes(
    bench: Bench, remote: Remote, victim: str
) -> None:
    work = await bench.repository({"a.txt": "1"})
    await looked(bench, remote)
    damage(bench.mirror.path / victim)
    commit = await work.publish({"a.txt": "2"}, "second")
    with closing(Mirror(bench.program, bench.mirror.path)) as again:
        await again.check(remote, list_first=False)
        assert again.refs == {MAIN: commit}
        assert await again.objects.has_commit(commit)


async def test_a_remote_that_hangs_in_its_pack_is_not_asked_by_git_too_but_by_git_alone_then(
    bench: Bench, remote: Remote, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = await bench.repository({"a.txt": "1"})
    await looked(bench, remote)
    await work.publish({"a.txt": "2"}, "second")
    before, refs = (
        dict(bench.mirror.refs),
        await LsRefs(remote_outbound(remote)).ask(remote.url, Credential()),
    )
    monkeypatch.setattr(fetch_pack, "SECONDS", 0.3)

    async def known(*_: Any) -> Any:
        return refs

    monkeypatch.setattr(LsRefs, "ask", known)
    fetched.clear()
    bench.git.hang()
    with pytest.raises(GitTransientError, match="no end after"):
        await bench.mirror.check(remote, list_first=True)
    bench.git.resume()
    assert (bench.mirror.refs, fetched) == (before, [])
    assert await looked(bench, remote) == 1
    assert fetched, "it may be slow, which git has the patience for"


def remote_outbound(remote: Remote) -> Outbound:
    assert remote.program.ls_refs is not None
    return remote.program.ls_refs._outbound


def packets(*parts: bytes) -> bytes:
    return b"".join(b"%04x%b" % (len(part) + 4, part) for part in parts) + b"0000"


def test_a_pack_is_put_together_of_what_is_said_beside_progress() -> None:
    assert unwrapped(packets(b"packfile\n", b"\1PA", b"\2counting", b"\1CK")) == b"PACK"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"0000",
        packets(b"packfile\n", b"\1PA")[:-4],
        packets(b"packfile\n", b"\1PA") + b"0000",
        packets(b"packfile\n", b"\3no memory"),
        packets(b"ERR upload-pack: not our ref"),
        packets(b"shallow-info\n", b"shallow " + b"a" * 40),
        b"0001" + packets(b"packfile\n"),
        lines(("packfile\n",)) + b"ffff" + b"\1x",
        b"<html>",
    ],
)
def test_what_is_no_whole_pack_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        unwrapped(body)


@pytest.mark.parametrize("is_packed", [False, True])
async def test_a_ref_that_was_not_written_whole_when_the_power_failed_is_found_again(
    bench: Bench, remote: Remote, is_packed: bool
) -> None:
    work = await bench.repository({"a.txt": "1"})
    await looked(bench, remote)
    if is_packed:
        await run_git("pack-refs", "--all", "--prune", folder=bench.mirror.path)
    ref = bench.mirror.path / MAIN
    ref.parent.mkdir(exist_ok=True)
    ref.write_bytes(b"")
    commit = await work.publish({"a.txt": "2"}, "second")
    with closing(Mirror(bench.program, bench.mirror.path)) as again:
        await again.check(remote, list_first=False)
        assert again.refs == {MAIN: commit}
