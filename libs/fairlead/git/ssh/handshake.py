"""From a connected socket to an SSH connection of a known server that knows us.

Invariant: nothing of this machine's or this user's SSH configuration counts: no file, no agent, no default
key, no password, no forwarding.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import os
import socket

import asyncssh

from fairlead.git.errors import (
    MAX_DETAIL,
    AuthenticationError,
    GitError,
    GitInvalidError,
    GitTransientError,
    HostKeyError,
    plain,
)
from fairlead.git.ssh.known_hosts import HostKey, Vouched
from fairlead.git.urls import SSH_PORT, SshTarget

HANDSHAKE_SECONDS = 15.0
KEEPALIVE_SECONDS = 15
KEEPALIVES_MISSED = 3
"""Answers that may be missing in a row before a connection is taken for dead."""

_CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
"""The quickest first: what comes through is large."""
_KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)

logging.getLogger("asyncssh").setLevel(logging.ERROR)


class Trust(asyncssh.SSHClient):
    """Decides on the key that a server shows; `shown` is it, `refusal` why it was not taken."""

    def __init__(self, target: SshTarget, vouched: Vouched) -> None:
        self.shown: HostKey | None = None
        self.refusal = ""
        self._target = target
        self._vouched = vouched

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Whether the server is who it should be."""
        self.shown = HostKey(key.get_algorithm(), key.public_data)
        if self._vouched.accepts(self.shown):
            return True
        self.refusal = self._why(self.shown)
        return False

    def _why(self, key: HostKey) -> str:
        told = f"the SSH server {known_as(self._target)} shows the key {key.kind} {key.fingerprint}"
        if key in self._vouched.revoked:
            return f"{told}, which is revoked"
        if not self._vouched.keys:
            return (
                f"knownhosts: key is unknown: {told}, and no key of it is known; if that one is right, add "
                "it to argocd-ssh-known-hosts-cm (argocd cert add-ssh)"
            )
        known = ", ".join(sorted(k.fingerprint for k in self._vouched.keys)[:3])
        return (
            f"knownhosts: key mismatch: {told}, and not one that is known of it ({known}): it may be another "
            "server; if its key was changed, change it in argocd-ssh-known-hosts-cm too"
        )


def known_as(target: SshTarget) -> str:
    """A server's name in known_hosts."""
    return target.host if target.port == SSH_PORT else f"[{target.host}]:{target.port}"


async def shake_hands(
    target: SshTarget,
    sock: socket.socket,
    *,
    key: asyncssh.SSHKey | None,
    vouched: Vouched | None,
) -> tuple[asyncssh.SSHClientConnection, HostKey | None]:
    """The connection, and the key by which its server is known; without `vouched` any server is taken.

    Raises:
        HostKeyError: nobody vouches for the server.
        AuthenticationError: it does not take the key, or wants one.
        GitTransientError: anything else.
    """
    trust = Trust(target, vouched or Vouched())
    _name_user()
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            connection = await asyncssh.connect(
                target.host,
                target.port,
                sock=sock,
                config=None,
                username=target.user,
                client_factory=lambda: trust,
                known_hosts=None if vouched is None else _known(vouched),
                server_host_key_algs=_kinds(vouched or Vouched()),
                encryption_algs=_CIPHERS,
                compression_algs=["none"],
                client_keys=None if key is None else [key],
                preferred_auth=["publickey"],
                agent_path=None,
                agent_forwarding=False,
                x509_trusted_certs=None,
                x509_trusted_cert_paths=[],
                password_auth=False,
                kbdint_auth=False,
                host_based_auth=False,
                gss_host=None,
                utf8_decode_errors="replace",
                client_version="fairlead",
                login_timeout=HANDSHAKE_SECONDS,
                keepalive_interval=KEEPALIVE_SECONDS,
                keepalive_count_max=KEEPALIVES_MISSED,
            )
    except (asyncssh.Error, OSError, ValueError, TimeoutError) as error:
        sock.close()
        raise _explained(target, trust, error, has_key=key is not None) from error
    except BaseException:
        sock.close()
        raise
    return connection, trust.shown


def _known(vouched: Vouched) -> tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]:
    """What asyncssh is to check by itself: certificates. Plain keys come to `Trust`, all of them."""
    authorities = _imported(vouched.authorities)
    return [], authorities, _imported(vouched.revoked) if authorities else []


def _imported(keys: tuple[HostKey, ...]) -> list[asyncssh.SSHKey]:
    found = []
    for key in keys:
        with contextlib.suppress(asyncssh.KeyImportError):
            found.append(asyncssh.import_public_key(key.line))
    return found


def _kinds(vouched: Vouched) -> list[str]:
    """The kinds of keys that a server may show, those that are known of it first."""
    known = {key.kind for key in vouched.keys}
    kinds = sorted(_KINDS, key=lambda kind: ("ssh-rsa" if kind.startswith("rsa-") else kind) not in known)
    certified = [f"{kind}-cert-v01@openssh.com" for kind in _KINDS] if vouched.authorities else []
    return [*certified, *kinds]


def _explained(target: SshTarget, trust: Trust, error: Exception, *, has_key: bool) -> GitError:
    name, why = known_as(target), plain(str(error))[:MAX_DETAIL] or type(error).__name__
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return HostKeyError(trust.refusal or f"the SSH server {name}: {why}")
    if isinstance(error, asyncssh.PermissionDenied):
        if not has_key:
            return AuthenticationError(f"the SSH server {name} wants a key, and the repository has none")
        return AuthenticationError(
            f"the SSH server {name} does not take the repository's key for the user {target.user}: {why}"
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return GitInvalidError(f"the SSH server {name} and we have nothing in common: {why}")
    if isinstance(error, TimeoutError):
        why = f"no end of the handshake after {HANDSHAKE_SECONDS:g} s"
    return GitTransientError(f"could not reach the SSH server {name}: {why}")


def _name_user() -> None:
    """asyncssh asks for the name of this process's user, whom containers often do not know."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = "fairlead"
