"""Repositories over SSH: real git behind a real SSH server, and servers that lie."""

import asyncio
import base64
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncssh
import msgspec
import pytest
import pytest_asyncio

from fairlead.git import (
    AuthenticationError,
    Credential,
    GitError,
    GitInvalidError,
    GitTransientError,
    HostKeyError,
    RepositoryNotFoundError,
    RevisionError,
    UrlRefusedError,
)
from fairlead.git.remote import Remote
from fairlead.git.ssh import KnownHosts, Ssh, listing
from fairlead.git.ssh import join as joining
from fairlead.git.ssh import pool as pooling
from fairlead.local.git_command import run_git
from fairlead.local.ssh_server import Process, SshServer
from fairlead.matching.networks import Networks
from tests.integration.git.conftest import LOOPBACK, Bench

KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")
AWAITED = 60.0


def private(key: asyncssh.SSHKey, form: str = "openssh", **more: Any) -> str:
    return key.export_private_key(form, **more).decode()


OURS = Credential(ssh_private_key=private(KEY))


class Over(msgspec.Struct):
    """A server over SSH beside the one over HTTP, on the same repositories."""

    server: SshServer
    ssh: Ssh
    bench: Bench

    def to(self, credential: Credential = OURS, *, name: str = "repo", ssh: Ssh | None = None) -> Remote:
        program = msgspec.structs.replace(self.bench.program, ssh=ssh or self.ssh)
        return Remote(program=program, url=self.server.repo_url(name), credential=credential)


@pytest_asyncio.fixture(loop_scope="session")
async def over(bench: Bench) -> AsyncIterator[Over]:
    async with SshServer(bench.git.folder) as server:
        server.allow(KEY)
        ssh = Ssh(LOOPBACK, KnownHosts(server.known_hosts))
        yield Over(server, ssh, bench)
        await ssh.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(AWAITED):
        while not true():
            await asyncio.sleep(0.01)


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


async def test_a_server_that_is_not_known_is_refused_with_its_key(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    nobody = Ssh(LOOPBACK)
    shown = over.server.host_key.get_fingerprint()
    with pytest.raises(HostKeyError, match="knownhosts: key is unknown") as refused:
        await over.to(ssh=nobody).list_refs()
    assert shown in str(refused.value) and "argocd-ssh-known-hosts-cm" in str(refused.value)
    assert over.server.commands == []
    assert nobody.trust(over.server.known_hosts)
    assert (await over.to(ssh=nobody).list_refs()).refs, "it acts at once"
    await nobody.close()
    with pytest.raises(HostKeyError):
        await over.bench.mirror.check(over.to(ssh=Ssh(LOOPBACK)), list_first=False)
    insecure = msgspec.structs.replace(OURS, insecure=True)
    careless = Ssh(LOOPBACK)
    assert (await over.to(insecure, ssh=careless).list_refs()).refs
    with pytest.raises(HostKeyError):
        await over.to(ssh=careless).list_refs()
    await careless.close()


async def test_another_key_than_the_known_one_is_refused(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256"):
        key = asyncssh.generate_private_key(kind)
        known = f"[127.0.0.1]:{over.server.port} {key.export_public_key().decode().strip()}\n"
        with pytest.raises(HostKeyError, match="knownhosts: key mismatch") as refused:
            await over.to(ssh=Ssh(LOOPBACK, KnownHosts(known))).list_refs()
        assert key.get_fingerprint() in str(refused.value)
    revoked = over.server.known_hosts + f"@revoked * {over.server.known_hosts.split(' ', 1)[1]}"
    with pytest.raises(HostKeyError, match="which is revoked"):
        await over.to(ssh=Ssh(LOOPBACK, KnownHosts(revoked))).list_refs()


async def test_a_server_whose_key_an_authority_signed_is_known(over: Over, tmp_path: Path) -> None:
    await over.bench.repository({"a.txt": "1"})
    authority = asyncssh.generate_private_key("ssh-ed25519")
    signed = authority.generate_host_certificate(over.server.host_key, "git", principals=["127.0.0.1"])
    line = authority.export_public_key().decode()
    async with SshServer(over.bench.git.folder, certificate=signed, key=over.server.host_key) as server:
        server.allow(KEY)
        ssh = Ssh(LOOPBACK, KnownHosts(f"@cert-authority [127.0.0.1]:* {line}"))
        remote = msgspec.structs.replace(over.to(ssh=ssh), url=server.repo_url("repo"))
        assert (await remote.list_refs()).refs
        await ssh.close()


async def test_trust_that_ends_ends_connections(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    await over.to().list_refs()
    assert len(over.server.open) == 1
    over.ssh.trust(f"elsewhere {over.server.known_hosts.split(' ', 1)[1]}")
    await until(lambda: not over.server.open)
    with pytest.raises(HostKeyError):
        await over.to().list_refs()


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("ssh-ed25519", "openssh"),
        ("ssh-ed25519", "pkcs8-pem"),
        ("ecdsa-sha2-nistp256", "openssh"),
        ("ecdsa-sha2-nistp521", "pkcs8-pem"),
        ("ssh-rsa", "openssh"),
        ("ssh-rsa", "pkcs1-pem"),
    ],
)
async def test_keys_of_every_kind_open_a_repository(over: Over, kind: str, form: str) -> None:
    await over.bench.repository({"a.txt": "1"})
    key = asyncssh.generate_private_key(kind)
    over.server.allow(key)
    text = private(key, form).strip().replace("\n", "\r\n")
    assert (await over.to(Credential(ssh_private_key=text)).list_refs()).refs


async def test_what_is_wrong_with_a_key_is_said_without_it(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    text = private(KEY)
    for credential, words in (
        (Credential(ssh_private_key=private(OTHER, passphrase="canary")), "encrypted with a passphrase"),
        (Credential(ssh_private_key=private(OTHER, "pkcs8-pem", passphrase="canary")), "encrypted"),
        (Credential(ssh_private_key="canary"), "no private key that can be read"),
        (Credential(ssh_private_key=text[:200]), "no private key that can be read"),
        (Credential(ssh_private_key=private(OTHER)), "does not take the repository's key for the user git"),
        (Credential(), "the repository has none"),
    ):
        with pytest.raises(AuthenticationError, match=words) as refused:
            await over.to(credential).list_refs()
        assert "canary" not in str(refused.value)
        assert text[100:140] not in str(refused.value)
    assert over.server.commands == []


async def test_a_key_is_in_no_file_no_argument_and_no_environment(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    seen: list[str] = []

    async def slow(process: Process) -> None:
        async with asyncio.timeout(AWAITED):
            while not seen:
                await asyncio.sleep(0.01)
                seen.extend(text for text in processes() if str(over.bench.mirror.path) in text)
        await over.server.serve_git(process)

    await over.bench.mirror.check(over.to(), list_first=True)
    over.server.answer = slow
    await over.bench.mirror.check(over.to(), list_first=False)
    secret = OURS.ssh_private_key.splitlines()[2]
    assert not any(secret in text or "SSH_AUTH_SOCK" in text for text in seen)
    files = [file for file in over.bench.folder.rglob("*") if file.is_file()]
    assert not any(secret.encode() in file.read_bytes() for file in files)


def processes() -> list[str]:
    """Arguments and environment of each process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.append((folder / "cmdline").read_text() + (folder / "environ").read_text(errors="replace"))
    return found


async def test_nothing_of_the_users_ssh_is_used(
    over: Over, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await over.bench.repository({"a.txt": "1"})
    folder = tmp_path / "user" / ".ssh"
    folder.mkdir(parents=True)
    marker = tmp_path / "marker"
    (folder / "config").write_text(f"Host *\n  ProxyCommand touch {marker}\n  User other\n")
    (folder / "id_ed25519").write_text(private(KEY))
    (folder / "known_hosts").write_text(over.server.known_hosts)
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {marker}")
    assert (await over.to().list_refs()).refs
    with pytest.raises(AuthenticationError, match="has none"):
        await over.to(Credential()).list_refs()
    with pytest.raises(HostKeyError):
        await over.to(ssh=Ssh(LOOPBACK)).list_refs()
    await over.bench.mirror.check(over.to(), list_first=False)
    assert not marker.exists()


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


def refusing(words: str) -> Callable[[Process], Awaitable[None]]:
    async def refuse(process: Process) -> None:
        process.stderr.write(words.encode())
        process.exit(1)

    return refuse


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


async def test_a_key_that_is_withdrawn_opens_nothing_more(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    over.ssh.keep([OURS.ssh_private_key])
    await over.to().list_refs()
    assert len(over.server.open) == 1
    over.server.allow(OTHER)
    over.ssh.keep([private(OTHER)])
    await until(lambda: not over.server.open)
    assert (await over.to().list_refs()).refs, "who asks with a key of its own is answered"
    await until(lambda: not over.server.open)


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


async def test_through_a_proxy_the_same_is_read(over: Over) -> None:
    await over.bench.repository({"a.txt": "1"})
    for kind in ("http", "socks5"):
        async with Proxy(kind) as proxy:
            way = msgspec.structs.replace(OURS, proxy=f"{kind}://us%40er:pa%3Ass@127.0.0.1:{proxy.port}")
            assert (await over.to(way).list_refs()).refs
            await over.bench.mirror.check(over.to(way), list_first=False)
            assert proxy.asked == [f"127.0.0.1:{over.server.port}"]
            assert proxy.told == ["us@er:pa:ss"]
            around = msgspec.structs.replace(way, no_proxy="127.0.0.0/8")
            assert (await over.to(around).list_refs()).refs
            assert len(proxy.asked) == 1


async def test_a_proxy_that_is_none_or_refuses_is_named(over: Over) -> None:
    before = over.server.connections
    for proxy, words in (
        ("ftp://127.0.0.1:1", "proxy"),
        ("socks5://", "proxy"),
        ("https://127.0.0.1:1", "socks5://host:port or http://host:port"),
        ("socks5://127.0.0.1:1", "could not reach"),
        ("-oProxyCommand=touch /tmp/x", "proxy"),
    ):
        with pytest.raises((GitInvalidError, GitTransientError), match=words):
            await over.to(msgspec.structs.replace(OURS, proxy=proxy)).list_refs()
    async with Proxy("http", status="403 Forbidden") as refusing_proxy:
        way = msgspec.structs.replace(OURS, proxy=f"http://127.0.0.1:{refusing_proxy.port}")
        with pytest.raises(GitTransientError, match="403 Forbidden"):
            await over.to(way).list_refs()
    assert over.server.connections == before


class Proxy:
    """A proxy on loopback that writes down where it was asked to go, and by whom."""

    def __init__(self, kind: str, status: str = "200 OK") -> None:
        self.asked: list[str] = []
        self.told: list[str] = []
        self.port = 0
        self._kind = kind
        self._status = status

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = await (self._http if self._kind == "http" else self._socks)(reader, writer)
        self.asked.append(f"{host}:{port}")
        if not self._status.startswith("200"):
            writer.close()
            return
        there, back = await asyncio.open_connection(host, port)
        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.told += [
            base64.b64decode(line.split(" ")[2]).decode() for line in lines if line.startswith("Proxy-Auth")
        ]
        writer.write(f"HTTP/1.1 {self._status}\r\nX: y\r\n\r\n".encode())
        host, _, port = lines[0].split(" ")[1].rpartition(":")
        return host, int(port)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        methods = await reader.readexactly((await reader.readexactly(2))[1])
        assert 2 in methods
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        words = [(await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)]
        self.told.append(":".join(words))
        writer.write(b"\x01\x00")
        await reader.readexactly(3)
        kind = (await reader.readexactly(1))[0]
        assert kind == 1
        host = ".".join(str(byte) for byte in await reader.readexactly(4))
        port = int.from_bytes(await reader.readexactly(2), "big")
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        return host, port


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    finally:
        target.close()


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
