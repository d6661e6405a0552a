"""Repositories over SSH: servers that refuse, lie, hang, flood or go away."""

import asyncio
import contextlib
import os

import asyncssh
import pytest

from fairlead.git import (
    AuthenticationError,
    GitError,
    GitTransientError,
    RepositoryNotFoundError,
)
from fairlead.git.ssh import join as joining
from fairlead.git.ssh import listing
from fairlead.git.ssh import pool as pooling
from fairlead.local.ssh_server import Process
from tests.integration.git.over_ssh import Over, refusing


async def test_what_a_server_refuses_is_said_in_its_words(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    with pytest.raises(RepositoryNotFoundError, match="does not appear to be a git repository"):
        await over.to(name="missing").list_refs()
    with pytest.raises(RepositoryNotFoundError):
        await over.bench.mirror.check(over.to(name="missing"), list_first=False)
    for said, kind in (
        ("ERROR: Repository not found.", RepositoryNotFoundError),
        (
            "ERROR: The project you were looking for could not be found or you don't have permission",
            RepositoryNotFoundError,
        ),
        ("ERROR: Permission to team/web.git denied to deploy key", AuthenticationError),
        ("Internal server error", GitTransientError),
    ):
        over.server.answer = refusing(f"\x1b]0;canary\x07\x1b[31m{said}\x1b[0m\x07\n")
        for ask in (over.to().list_refs, lambda: over.bench.mirror.check(over.to(), list_first=False)):
            with pytest.raises(kind) as refused:
                await ask()
            assert said in str(refused.value)
            assert "\x1b" not in str(refused.value) and "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (
            b"Welcome to \x1b[5mthis\x1b[0m machine!\r\n$ ",
            "does not speak Git's protocol; it says 'Welcome to this",
        ),
        (b"003bERR access denied or repository not exported: /repo.git", "access denied"),
        (b"zzzz", "does not speak Git's protocol"),
        (b"0010version 2\n", "ended without an answer|not understood"),
        (b"", "ended without an answer"),
    ],
)
async def test_what_is_not_git_is_told_from_it(over: Over, printed: bytes, words: str) -> None:
    async def lie(process: Process) -> None:
        process.stdout.write(printed)
        process.exit(0)

    over.server.answer = lie
    with pytest.raises(GitError, match=words) as refused:
        await over.to().list_refs()
    assert "\x1b" not in str(refused.value)


async def test_a_flood_of_complaints_or_refs_is_cut_off(over: Over, monkeypatch: pytest.MonkeyPatch) -> None:
    async def complain(process: Process) -> None:
        for _ in range(200):
            process.stderr.write(b"x" * 10_000)
        process.exit(1)

    over.server.answer = complain
    with pytest.raises(GitTransientError) as refused:
        await over.to().list_refs()
    assert len(str(refused.value)) < 1000

    async def list_for_ever(process: Process) -> None:
        with contextlib.suppress(asyncssh.Error, OSError):
            while True:
                process.stdout.write(b"003f" + b"a" * 40 + b" refs/heads/branch\n")
                await process.stdout.drain()

    monkeypatch.setattr(listing, "MAX_ANSWER", 100_000)
    over.server.answer = list_for_ever
    with pytest.raises(GitTransientError, match="answers with more than"):
        await over.to().list_refs()


async def test_a_server_that_hangs_or_drips_is_left(over: Over, monkeypatch: pytest.MonkeyPatch) -> None:
    await over.bench.repository({"a.txt": "1"})

    async def hang(process: Process) -> None:
        await process.stdin.read()

    await over.bench.mirror.check(over.to(), list_first=True)
    monkeypatch.setattr(listing, "SILENCE", 0.5)
    over.server.answer = hang
    with pytest.raises(GitTransientError, match=r"says nothing for 0\.5 s"):
        await over.to().list_refs()

    async def drip(process: Process) -> None:
        with contextlib.suppress(asyncssh.Error, OSError):
            for byte in b"fff0" + b"x" * 2000:
                process.stdout.write(bytes([byte]))
                await asyncio.sleep(0.05)

    over.server.answer = drip
    monkeypatch.setattr(joining, "DRIP_SECONDS", 0.5)
    with pytest.raises(GitTransientError, match=r"less than 1024 bytes in 0\.5 s"):
        await over.bench.mirror.check(over.to(), list_first=False)
    monkeypatch.setattr("fairlead.git.ssh.carrier.LISTING_SECONDS", 1.0)
    with pytest.raises(GitTransientError, match="no end after 1 s"):
        await over.to().list_refs()
    over.server.answer = None
    monkeypatch.undo()
    assert (await over.to().list_refs()).refs, "it is heard again"


async def test_a_connection_that_is_gone_is_made_anew(over: Over, monkeypatch: pytest.MonkeyPatch) -> None:
    await over.bench.repository({"a.txt": "1"})
    for _ in range(2):
        assert (await over.to().list_refs()).refs
    over.server.hang_up()
    assert (await over.to().list_refs()).refs
    monkeypatch.setattr(pooling, "STALE_SECONDS", 0.5)
    over.server.fall_silent()
    assert (await over.to().list_refs()).refs, "a kept connection that says nothing is not waited for"
    assert over.server.connections == 3


async def test_a_server_that_is_away_is_asked_seldom_and_found_again(
    over: Over, monkeypatch: pytest.MonkeyPatch
) -> None:
    await over.bench.repository({"a.txt": "1"})
    monkeypatch.setattr(pooling, "HOLDS", (600.0,))
    await over.server.stop()
    for _ in range(3):
        with pytest.raises(GitTransientError, match="could not reach"):
            await over.to().list_refs()
    await over.server.start()
    with pytest.raises(GitTransientError, match="could not reach"):
        await over.to().list_refs()
    assert over.server.connections == 0
    over.ssh.trust(over.server.known_hosts + "\n")
    assert (await over.to().list_refs()).refs, "other trust is reason to look again"


async def test_a_fetch_that_breaks_off_leaves_all_as_it_was(over: Over) -> None:
    work = await over.bench.repository({"a.txt": "1"})
    mirror = over.bench.mirror
    await mirror.check(over.to(), list_first=True)
    before = dict(mirror.refs)
    head = await work.publish({"big": os.urandom(4 << 20)}, "big")

    async def break_off(process: Process) -> None:
        asyncio.get_running_loop().call_later(0.05, over.server.hang_up)
        await over.server.serve_git(process)

    over.server.answer = break_off
    with contextlib.suppress(GitTransientError):
        while mirror.refs == before:  # once in a while it is quicker than the break
            await mirror.check(over.to(), list_first=False)
    over.server.answer = None
    await mirror.check(over.to(), list_first=True)
    assert mirror.refs["refs/heads/main"] == head
