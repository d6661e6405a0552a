"""Who made a commit, when, and what they said."""

import asyncio
from pathlib import Path

import msgspec

from fairlead.git.mirror import Mirror

MAX_MESSAGE = 64 << 10
"""Characters of a commit message that are passed on."""
TAGS_AT_ONCE = 256
"""Tags that are asked for in one go."""


class CommitDescription(msgspec.Struct, frozen=True, kw_only=True):
    """`author` is `Name <address>`, `date` RFC 3339 with the author's offset."""

    author: str
    date: str
    message: str
    tags: tuple[str, ...] = ()


async def describe(mirror: Mirror, commit: str) -> CommitDescription:
    """Describe a commit of the mirror. Raises MirrorCorruptError when it is not there."""
    await mirror.objects.contents([commit], "commit")
    author, date, message = await asyncio.to_thread(_read, mirror.path, commit)
    return CommitDescription(
        author=author, date=date, message=message[:MAX_MESSAGE], tags=await _tags(mirror, commit)
    )


def _read(path: Path, commit: str) -> tuple[str, str, str]:
    """Author, date and message."""
    import git  # noqa: PLC0415 - 14 MB that only a question about a commit costs

    with git.Repo(path) as repo:
        found = git.Commit(repo, bytes.fromhex(commit))
        message = found.message if isinstance(found.message, str) else found.message.decode(errors="replace")
        return f"{found.author.name} <{found.author.email}>", found.authored_datetime.isoformat(), message


async def _tags(mirror: Mirror, commit: str) -> tuple[str, ...]:
    """A few at a time, so that others read the mirror meanwhile."""
    tags = [(ref, oid) for ref, oid in mirror.refs.items() if ref.startswith("refs/tags/")]
    found: list[str] = []
    for start in range(0, len(tags), TAGS_AT_ONCE):
        some = tags[start : start + TAGS_AT_ONCE]
        commits = await mirror.objects.commits_of([oid for _, oid in some])
        found += [ref for (ref, _), peeled in zip(some, commits, strict=True) if peeled == commit]
    return tuple(sorted(ref.removeprefix("refs/tags/") for ref in found))
