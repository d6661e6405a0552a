"""What a push changed, and how GitHub would tell it.

Why: a demo must show the way from a push to the cluster that a hosted repository has. Invariant: only a
change the repository truly holds is told.
"""

import hashlib
import hmac
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from fairlead.local.git_command import AUTHOR, EMAIL

NOTHING = "0" * 40
FLUSH = b"0000"
MAX_COMMANDS_BYTES = 256 * 1024


class RefChange(msgspec.Struct, frozen=True, kw_only=True):
    """One ref moved by a push; an id of zeros means it wasn't there, or no longer is."""

    ref: str
    before: str
    after: str


class PushReader:
    """Passes a push's body through and remembers its commands, which come first."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self._start = b""
        self._done = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            if not self._done and len(self._start) < MAX_COMMANDS_BYTES:
                self._start += chunk
                self._done = FLUSH in chunk
            yield chunk

    def changes(self) -> list[RefChange]:
        """The commands read so far."""
        return [change for line in _packets(self._start) if (change := _parse(line)) is not None]


def has_happened(repository: Path, change: RefChange) -> bool:
    """Whether the repository holds the change; a push writes loose refs, so no process is needed."""
    file = repository / change.ref
    if change.after == NOTHING:
        return not file.exists()
    return file.is_file() and file.read_text().strip() == change.after


def payload(change: RefChange, *, name: str, url: str) -> bytes:
    """The body of GitHub's `push` webhook for this change, without its list of commits."""
    web_url = url.removesuffix(".git")
    owner, _, short = name.rpartition("/")
    body = {
        "ref": change.ref,
        "before": change.before,
        "after": change.after,
        "created": change.before == NOTHING,
        "deleted": change.after == NOTHING,
        "forced": False,
        "commits": [],
        "head_commit": None if change.after == NOTHING else {"id": change.after},
        "repository": {
            "id": int(hashlib.sha256(name.encode()).hexdigest()[:8], 16),
            "name": short,
            "full_name": name,
            "private": False,
            "owner": {"name": owner, "login": owner},
            "html_url": web_url,
            "url": web_url,
            "clone_url": url,
            "git_url": url,
            "default_branch": "main",
        },
        "pusher": {"name": AUTHOR, "email": EMAIL},
    }
    return msgspec.json.encode(body)


def headers(body: bytes, secret: str) -> dict[str, str]:
    """The headers GitHub sends, signed when there is a secret."""
    told = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/fairlead",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
    }
    if secret:
        told["X-Hub-Signature-256"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return told


def _packets(data: bytes) -> list[bytes]:
    lines = []
    while len(data) >= 4:
        try:
            size = int(data[:4], 16)
        except ValueError:
            break
        if size <= 4:  # a flush ends the commands
            break
        lines.append(data[4:size])
        data = data[size:]
    return lines


def _parse(line: bytes) -> RefChange | None:
    words = line.split(b"\0")[0].decode(errors="replace").strip().split(" ", 2)
    if len(words) != 3 or len(words[0]) != len(NOTHING):
        return None
    return RefChange(before=words[0], after=words[1], ref=words[2])
