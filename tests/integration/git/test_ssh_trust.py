"""Repositories over SSH: whom we believe to be the server, and with which key we come."""

import asyncio
import contextlib
from pathlib import Path

import asyncssh
import msgspec
import pytest

from fairlead.git import (
    AuthenticationError,
    Credential,
    HostKeyError,
)
from fairlead.git.ssh import KnownHosts, Ssh
from fairlead.local.ssh_server import Process, SshServer
from tests.integration.git.conftest import LOOPBACK
from tests.integration.git.over_ssh import AWAITED, KEY, OTHER, OURS, Over, private, until


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
