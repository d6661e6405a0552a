"""The host keys that are trusted: text in the form of OpenSSH's known_hosts (contract 11.4).

Invariant: what cannot be read vouches for nobody, and spoils nothing of what can; a key that is revoked is
refused whatever else vouches for it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from fairlead.git.urls import SSH_PORT

AUTHORITY, REVOKED = "@cert-authority", "@revoked"
_HASHED = "|1|"


class HostKey(msgspec.Struct, frozen=True):
    """A public key: its kind, such as ssh-ed25519, and its bytes on the wire."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it."""
        return f"SHA256:{base64.b64encode(sha256(self.blob).digest()).decode().rstrip('=')}"

    @property
    def line(self) -> str:
        """As it stands in known_hosts."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one host: its keys, who may sign others for it, and keys that it must not show."""

    keys: tuple[HostKey, ...] = ()
    authorities: tuple[HostKey, ...] = ()
    revoked: tuple[HostKey, ...] = ()

    def accepts(self, key: HostKey) -> bool:
        """Whether the host is who it says when it shows this key."""
        return key in self.keys and key not in self.revoked


class _Entry(msgspec.Struct, frozen=True):
    marker: str
    hosts: str
    key: HostKey


class KnownHosts:
    """All that is known, by host and port; `put` replaces it while connections are made."""

    def __init__(self, text: str = "") -> None:
        self._text = ""
        self._exact: dict[str, list[_Entry]] = {}
        self._others: list[tuple[re.Pattern[str] | None, _Entry]] = []
        self.unread = 0
        self.put(text)

    def put(self, text: str) -> bool:
        """This is known now; whether that is something else. `unread` counts lines that mean nothing."""
        if text == self._text:
            return False
        exact: dict[str, list[_Entry]] = {}
        others: list[tuple[re.Pattern[str] | None, _Entry]] = []
        unread = 0
        for line in text.splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            entry = _entry(line)
            if entry is None:
                unread += 1
            elif entry.hosts.startswith("|"):
                others.append((None, entry))
            elif any(mark in entry.hosts for mark in "*?!"):
                others.append((_pattern(entry.hosts), entry))
            else:
                for host in entry.hosts.split(","):
                    exact.setdefault(host, []).append(entry)
        self._text, self._exact, self._others, self.unread = text, exact, others, unread
        return True

    def of(self, host: str, port: int) -> Vouched:
        """What is known of a host. For another port than SSH's own, what is known of the name alone counts
        where nothing is known of the port, as OpenSSH has it."""
        host = host.lower()
        plain = list(self._about(host))
        if port == SSH_PORT:
            return _vouched(plain, revoked=plain)
        here = list(self._about(f"[{host}]:{port}"))
        return _vouched(here if any(e.marker != REVOKED for e in here) else plain, revoked=[*here, *plain])

    def _about(self, name: str) -> Iterator[_Entry]:
        yield from self._exact.get(name, ())
        for pattern, entry in self._others:
            if _is_hash_of(entry.hosts, name) if pattern is None else pattern.fullmatch(name):
                yield entry


def _vouched(entries: Iterable[_Entry], *, revoked: Iterable[_Entry]) -> Vouched:
    told = list(entries)
    return Vouched(
        keys=tuple(e.key for e in told if not e.marker),
        authorities=tuple(e.key for e in told if e.marker == AUTHORITY),
        revoked=tuple(e.key for e in revoked if e.marker == REVOKED),
    )


def _entry(line: str) -> _Entry | None:
    words = line.split()
    marker = words.pop(0) if words[0].startswith("@") else ""
    if marker not in ("", AUTHORITY, REVOKED) or len(words) < 3:
        return None
    hosts, kind, text = words[:3]
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    if blob[4 : 4 + int.from_bytes(blob[:4], "big")] != kind.encode():
        return None
    if hosts.startswith("|") and not _is_hash(hosts):
        return None
    return _Entry(marker, hosts if hosts.startswith("|") else hosts.lower(), HostKey(kind, blob))


def _pattern(hosts: str) -> re.Pattern[str]:
    """Names with commas; `*` and `?` stand for others, and who fits one after a `!` is not meant at all."""
    names = hosts.split(",")
    meant = "|".join(_glob(name) for name in names if not name.startswith("!")) or r"(?!)"
    never = "".join(rf"(?!(?:{_glob(name[1:])})\Z)" for name in names if name.startswith("!"))
    return re.compile(f"{never}(?:{meant})", re.S)


def _glob(name: str) -> str:
    """A run of stars is one star: else a long one takes long to fail."""
    return re.sub(r"(?:\\\*)+", "[^\n]*", re.escape(name)).replace(r"\?", "[^\n]")


def _is_hash(hosts: str) -> bool:
    parts = hosts.removeprefix(_HASHED).split("|")
    try:
        return hosts.startswith(_HASHED) and len(parts) == 2 and all(base64.b64decode(p) for p in parts)
    except binascii.Error:
        return False


def _is_hash_of(hosts: str, name: str) -> bool:
    salt, wanted = (base64.b64decode(part) for part in hosts.removeprefix(_HASHED).split("|"))
    return hmac.compare_digest(hmac.new(salt, name.encode(), "sha1").digest(), wanted)
