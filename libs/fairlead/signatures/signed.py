"""Commits and annotated tags as Git stores them: what was signed, the signature, and who is meant.

Invariant: payload and signature are split exactly as Git does it. An object with more than one signature is
one whose signature cannot be verified.
"""

from __future__ import annotations

import re

import msgspec

MAX_NAME = 500
"""Characters of an author that are shown."""
SEAL = re.compile(r"^argocd-gpg-seal:[ \t]*\S", re.I)
"""A trailer that makes a signed commit vouch for all before it (contract 7.11)."""
_TRAILER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]*[ \t]*:")
_SIGNATURES = (b"gpgsig ", b"gpgsig-sha256 ")
_BEGINS = (b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN PGP MESSAGE-----", b"-----BEGIN SSH SIGNATURE-----")
_BEGINS_ELSE = b"-----BEGIN SIGNED MESSAGE-----"
_PERSON = re.compile(rb"^(?P<who>.*?) ?(?P<mail><[^<>\n]*>) (?P<at>-?\d+) [+-]\d{4}$")


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """One object. `who` is `Name <address>`; `at` the Unix second it was committed or tagged."""

    payload: bytes
    signature: bytes
    who: str
    at: int
    message: str
    parents: tuple[str, ...] = ()

    @property
    def is_seal(self) -> bool:
        """Whether its trailers say that it vouches for all before it."""
        return any(SEAL.match(line) for line in _trailers(self.message))


def signed_commit(body: bytes) -> Signed:
    """A commit object's body."""
    head, gap, message = body.partition(b"\n\n")
    kept, signatures, skipping = list[bytes](), list[bytes](), False
    for line in head.split(b"\n"):
        if line.startswith(b" ") and skipping:
            signatures.append(line[1:])
            continue
        skipping = line.startswith(_SIGNATURES)
        if skipping:
            signatures.append(line.partition(b" ")[2])
        else:
            kept.append(line)
    fields = [line.partition(b" ") for line in kept]
    who, _ = _person(next((value for name, _, value in fields if name == b"author"), b""))
    _, at = _person(next((value for name, _, value in fields if name == b"committer"), b""))
    return Signed(
        payload=b"\n".join(kept) + gap + message,
        signature=b"\n".join(signatures),
        who=who,
        at=at,
        message=message.decode(errors="replace"),
        parents=tuple(value.decode() for name, _, value in fields if name == b"parent"),
    )


def signed_tag(body: bytes) -> Signed:
    """A tag object's body: the signature is the last block in it that begins as one does."""
    head, _, message = body.partition(b"\n\n")
    start = _last_block(body)
    tagger = next((line[7:] for line in head.split(b"\n") if line.startswith(b"tagger ")), b"")
    who, at = _person(tagger)
    return Signed(
        payload=body[:start],
        signature=body[start:],
        who=who,
        at=at,
        message=message.decode(errors="replace"),
    )


def _last_block(body: bytes) -> int:
    at, found = 0, len(body)
    for line in body.splitlines(keepends=True):
        if line.startswith((*_BEGINS, _BEGINS_ELSE)):
            found = at
        at += len(line)
    return found


def _person(value: bytes) -> tuple[str, int]:
    found = _PERSON.match(value)
    if found is None:
        return value.decode(errors="replace")[:MAX_NAME], 0
    who = f"{found['who'].decode(errors='replace')} {found['mail'].decode(errors='replace')}".strip()
    return who[:MAX_NAME], int(found["at"])


def _trailers(message: str) -> list[str]:
    """The lines of the last paragraph, when all of it are trailers or belong to one."""
    last = message.rstrip().replace("\r\n", "\n").rpartition("\n\n")[2].split("\n")
    is_block = all(_TRAILER.match(line) or line[:1] in (" ", "\t") for line in last)
    return last if is_block else []
