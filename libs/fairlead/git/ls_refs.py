"""Asking a remote for its branches and tags over a connection that is kept: no process, no `refs/pull/*`.

It is a short cut and nothing more: whatever is not a plain answer in Git's protocol version 2 is left to git,
which then says what is wrong. Invariant: a connection goes to an address that was checked, as git's do.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from fairlead.git.advertised import FOLLOWED, Advertised
from fairlead.git.credentials import Credential
from fairlead.git.errors import GitTransientError
from fairlead.outbound import AskedTooOftenError, Outbound, OutboundError, TooSlowError

SECONDS = 15.0
MAX_ANSWER = 64 << 20
"""Bytes that are read of an answer."""

_QUESTION = ("command=ls-refs\n", "agent=fairlead\n")
_PREFIXES = ("HEAD", *FOLLOWED)
HEADERS = {
    "Git-Protocol": "version=2",
    "Content-Type": "application/x-git-upload-pack-request",
    "Accept": "application/x-git-upload-pack-result",
    "User-Agent": "git/fairlead",
}
_LINE = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) ([^ \n]+)(?: symref-target:([^ \n]+))?\n?")


class NotPlainError(Exception):
    """The answer is git's to understand."""


class NotTakenError(NotPlainError):
    """What came cannot be taken in; something of it may lie about."""


class LsRefs:
    """Asks with the process' client, whose connections are kept."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def ask(self, url: str, credential: Credential, also: tuple[str, ...] = ()) -> Advertised:
        """The followed refs of a remote, and those named.

        Raises:
            NotPlainError: git should be asked instead.
            GitTransientError: the remote does not answer, and would not answer git.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.query:
            raise NotPlainError("not over HTTP")
        try:
            return parse(await self._posted(url, credential, also), also)
        except (TooSlowError, AskedTooOftenError) as error:
            raise GitTransientError(str(error)) from error
        except (OutboundError, ValueError) as error:
            raise NotPlainError(str(error)) from error

    async def _posted(self, url: str, credential: Credential, also: tuple[str, ...]) -> bytes:
        async with self._outbound.request(
            "POST",
            f"{url}/git-upload-pack",
            body=question(also),
            credential=credential,
            headers=HEADERS,
            limit=MAX_ANSWER,
            deadline=SECONDS,
            follow=False,
        ) as answer:
            if answer.content_type != HEADERS["Accept"]:
                raise NotPlainError("the answer is no list of refs")
            return await answer.read()


def question(also: tuple[str, ...], capabilities: bytes = b"") -> bytes:
    """What asks for the followed refs, and those named, of a server that began with these capabilities."""
    prefixes = tuple(f"ref-prefix {prefix}\n" for prefix in (*_PREFIXES, *also))
    told = (*_QUESTION, "object-format=sha256\n") if b"object-format=sha256" in capabilities else _QUESTION
    return lines(told) + b"0001" + lines(("symrefs\n", *prefixes)) + b"0000"


def lines(texts: tuple[str, ...]) -> bytes:
    """Texts as the protocol frames them."""
    encoded = (text.encode(errors="surrogateescape") for text in texts)
    return b"".join(b"%04x%b" % (len(text) + 4, text) for text in encoded)


def parse(body: bytes, also: tuple[str, ...] = ()) -> Advertised:
    """Read an answer to `ls-refs`. Raises ValueError when it is none, or not whole."""
    refs: dict[str, str] = {}
    head, at = "", 0
    while True:
        size = int(body[at : at + 4], 16)
        if size == 0:
            if len(body) != at + 4:
                raise ValueError("more follows than refs")
            return Advertised(refs=refs, head=head)
        found = _LINE.fullmatch(body[at + 4 : at + size])
        if size < 4 or found is None or len(body) < at + size:
            raise ValueError("not a list of refs")
        oid, name = found[1].decode(), found[2].decode(errors="surrogateescape")
        if name == "HEAD":
            head = (found[3] or found[1]).decode(errors="surrogateescape")
        elif name.startswith(FOLLOWED) or name in also:
            refs[name] = oid
        at += size
