"""Repositories over SSH: real git behind a real SSH server."""

import asyncio
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from fairlead.git import (
    GitError,
    RevisionError,
    UrlRefusedError,
)
from fairlead.git.ssh import KnownHosts, Ssh
from fairlead.local.git_command import run_git
from fairlead.matching.networks import Networks
from tests.integration.git.over_ssh import KEY, OURS, Over, private


async def test_the_same_is_read_as_over_http_on_one_connection(over: Over) -> None:
    work = await over.bench.repository({"a.txt": "1"})
    folder = over.bench.git.path("repo")
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    await run_git(*who, "tag", "-a", "-m", "annotated", "v1", "main", folder=folder)
    await run_git("branch", "feature/ünï", "main", folder=folder)
    await run_git("update-ref", "refs/pull/7/head", "main", folder=folder)
    remote, mirror = over.to(), over.bench.mirror
    assert await remote.list_refs() == await over.bench.remote.list_refs()
    assert {move.ref for move in await mirror.check(remote, list_first=True)} == set(mirror.refs)
    assert await mirror.check(remote, list_first=True) == ()
    commit = await work.publish({"a.txt": "2"}, "second")
    assert [move.new for move in await mirror.check(remote, list_first=True)] == [commit]
    assert await mirror.objects.has_commit(commit)
    assert over.server.connections == 1
    assert set(over.server.commands) == {"git-upload-pack '/repo.git'"}


async def test_the_older_versions_of_the_protocol_are_spoken(over: Over) -> None:
    await over.bench.git.create("empty")
    work = await over.bench.repository({"a.txt": "1"})
    await run_git(
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@e",
        "tag",
        "-am",
        "x",
        "v1",
        "main",
        folder=over.bench.git.path("repo"),
    )
    over.server.passes_protocol = False
    for name in ("repo", "empty"):
        there = over.bench.to(over.bench.git.repo_url(name))
        assert await over.to(name=name).list_refs() == await there.list_refs()
    mirror = over.bench.mirror
    assert await mirror.check(over.to(), list_first=True)
    head = await work.publish({"a.txt": "2"}, "second")
    assert [move.new for move in await mirror.check(over.to(), list_first=False)] == [head]
    (over.bench.git.path("repo") / "HEAD").write_text(f"{head}\n")
    assert (await over.to().list_refs()).head == head


async def test_any_git_command_reaches_the_remote_by_its_address(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    remote = over.to()
    listed = await remote.program.run(
        ("ls-remote", "--end-of-options", remote.url), url=remote.url, credential=OURS
    )
    assert b"refs/heads/main" in listed


async def test_no_connection_goes_to_an_address_that_is_closed(over: Over) -> None:
    closed = Ssh(Networks(), KnownHosts(over.server.known_hosts))
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"):
        remote = msgspec.structs.replace(
            over.to(ssh=closed), url=f"ssh://git@{host}:{over.server.port}/repo.git"
        )
        for ask in (remote.list_refs, lambda remote=remote: remote.fetch(over.bench.mirror.path)):
            with pytest.raises(UrlRefusedError, match="from where nothing is fetched"):
                await ask()
    assert over.server.connections == 0


async def test_much_comes_through_whole(over: Over) -> None:
    files = {f"f{number}": os.urandom(1 << 20) for number in range(12)}
    await over.bench.repository(files)  # type: ignore[arg-type]
    await over.bench.mirror.check(over.to(), list_first=True)
    await run_git("fsck", "--strict", folder=over.bench.mirror.path)


async def test_a_commit_that_no_branch_reaches_is_refused_as_over_http(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    await over.bench.mirror.check(over.to(), list_first=True)
    with pytest.raises(RevisionError):
        await over.bench.mirror.obtain(over.to(), "a" * 40)


async def test_many_at_once_share_connections_that_have_room(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    await asyncio.gather(*(over.to().list_refs() for _ in range(30)))
    assert over.server.connections <= 2
    over.server.hang_up()
    over.server.sessions = 1
    found = await asyncio.gather(*(over.to().list_refs() for _ in range(6)))
    assert all(one.refs for one in found), "a server that takes one command at a time is asked on more"


async def test_a_path_is_one_word_for_the_server(over: Over) -> None:
    for path in ("it's/$(touch%20x)`y`;z!.git", "a'%3Btouch%20y%3B'"):
        remote = msgspec.structs.replace(over.to(), url=f"ssh://git@127.0.0.1:{over.server.port}/{path}")
        with pytest.raises(GitError):
            await remote.list_refs()
    told = ["git-upload-pack '/it'\\''s/$(touch x)`y`;z'\\!'.git'", "git-upload-pack '/a'\\'';touch y;'\\'''"]
    assert over.server.commands == told


async def test_a_mirror_over_ssh_is_refused_where_nothing_carries_it(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    remote = msgspec.structs.replace(over.to(), program=over.bench.program)
    with pytest.raises(UrlRefusedError, match="nothing is read over SSH here"):
        await remote.list_refs()


@pytest.mark.skipif(shutil.which("ssh") is None, reason="the stock client is only to compare with")
async def test_the_servers_of_these_tests_serve_the_stock_client(over: Over, tmp_path: Path) -> None:
    await over.bench.repository({"a.txt": "1"})
    key, known = tmp_path / "key", tmp_path / "known"
    key.touch(mode=0o600)
    key.write_text(private(KEY))
    known.write_text(over.server.known_hosts)
    command = (
        f"ssh -F none -i {key} -o UserKnownHostsFile={known} -o IdentitiesOnly=yes -o IdentityAgent=none"
    )
    listed = await run_git(
        "ls-remote", over.server.repo_url("repo"), folder=tmp_path, env={"GIT_SSH_COMMAND": command}
    )
    assert "refs/heads/main" in listed
