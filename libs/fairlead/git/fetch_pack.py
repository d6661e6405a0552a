"""Fetching what a push to a few branches brought over a connection that is kept: one process instead of five.

It is a short cut and nothing more: whatever is not a plain answer in Git's protocol version 2, or larger than
a push usually is, is left to `git fetch`. Invariant: objects are taken in by git itself, which checks each of
them and that all they name is here; with a mirror that was whole before it is whole then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from fairlead.git.credentials import Credential
from fairlead.git.errors import GitTransientError
from fairlead.git.ls_refs import HEADERS, NotPlainError, lines
from fairlead.outbound import AskedTooOftenError, Outbound, OutboundError, TooSlowError

SECONDS = 15.0
MAX_PACK = 4 << 20
"""Bytes of an answer from which the rest is left to git, which tells of its progress."""
MAX_WANTED = 16
"""Refs that are fetched at once."""
MAX_HAVES = 64
"""Commits that the remote is told are here."""
SHA1 = 40
"""Digits of the ids of a repository whose objects are named by SHA-1; others are left to git."""

_PACK, _PROGRESS = 1, 2


class FetchPack:
    """Asks with the process' client, whose connections are kept."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def ask(
        self, url: str, credential: Credential, wanted: Collection[str], here: Iterable[str]
    ) -> bytes:
        """A thin pack with what `wanted` objects need beside what is `here`, the likeliest first.

        Raises:
            NotPlainError: git should be asked instead.
            GitTransientError: the remote does not answer, and would not answer git.
        """
        if urlsplit(url).scheme not in {"http", "https"} or urlsplit(url).query:
            raise NotPlainError("not over HTTP")
        if len(wanted) > MAX_WANTED or any(len(oid) != SHA1 for oid in wanted):
            raise NotPlainError("more than a few commits")
        try:
            async with self._outbound.request(
                "POST",
                f"{url}/git-upload-pack",
                body=question(wanted, here),
                credential=credential,
                headers=HEADERS,
                limit=MAX_PACK,
                deadline=SECONDS,
                follow=False,
            ) as answer:
                if answer.content_type != HEADERS["Accept"]:
                    raise NotPlainError("the answer is no pack")
                return unwrapped(await answer.read())
        except (TooSlowError, AskedTooOftenError) as error:
            raise GitTransientError(str(error)) from error
        except (OutboundError, ValueError) as error:
            raise NotPlainError(str(error)) from error


def question(wanted: Iterable[str], here: Iterable[str]) -> bytes:
    """What asks for objects without a word about how far the remote is."""
    haves = tuple(f"have {oid}\n" for oid in here)[:MAX_HAVES]
    asked = ("thin-pack\n", "no-progress\n", "ofs-delta\n", *(f"want {oid}\n" for oid in wanted))
    return b"".join(
        (lines(("command=fetch\n", "agent=fairlead\n")), b"0001", lines((*asked, *haves, "done\n")), b"0000")
    )


def unwrapped(body: bytes) -> bytes:
    """The pack of an answer. Raises ValueError when it is none, or not whole."""
    packets = _packets(body)
    if next(packets, b"").rstrip(b"\n") != b"packfile":
        raise ValueError("more is said than a pack")
    pack = []
    for packet in packets:
        if packet[:1] == bytes((_PACK,)):
            pack.append(packet[1:])
        elif packet[:1] != bytes((_PROGRESS,)):
            raise ValueError("the remote failed to make the pack")
    return b"".join(pack)


def _packets(body: bytes) -> Iterator[bytes]:
    at = 0
    while size := int(body[at : at + 4], 16):
        if size <= 4 or len(body) < at + size:
            raise ValueError("the answer is not whole")
        yield body[at + 4 : at + size]
        at += size
    if len(body) != at + 4:
        raise ValueError("more follows than a pack")
