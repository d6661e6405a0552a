"""Who made a commit, when, and what they said."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec

from fairlead.git.mirror import Mirror

MAX_MESSAGE = 64 << 10
"""Characters of a commit message that are passed on."""


class CommitDescription(msgspec.Struct, frozen=True, kw_only=True):
    """`author` is `Name <address>`, `date` RFC 3339 with the author's offset."""

    author: str
    date: str
    message: str
    tags: tuple[str, ...] = ()


async def describe(mirror: Mirror, commit: str) -> CommitDescription:
    """Describe a commit of the mirror. Raises MirrorCorruptError when it is not there."""
    [body] = await mirror.objects.contents([commit], "commit")
    head, _, message = body.decode(errors="replace").partition("\n\n")
    author, date = _author(head)
    return CommitDescription(
        author=author, date=date, message=message[:MAX_MESSAGE], tags=await _tags(mirror, commit)
    )


def _author(head: str) -> tuple[str, str]:
    line = next((text for text in head.split("\n") if text.startswith("author ")), "author")
    who, _, when = line.removeprefix("author ").rpartition("> ")
    seconds, _, offset = when.partition(" ")
    return (f"{who}>" if who else ""), _time(seconds, offset)


def _time(seconds: str, offset: str) -> str:
    try:
        shift = timedelta(hours=int(offset[:3]), minutes=int(offset[0] + offset[3:]))
        return datetime.fromtimestamp(int(seconds), UTC).astimezone(timezone(shift)).isoformat()
    except (ValueError, IndexError, OverflowError, OSError):
        return ""


async def _tags(mirror: Mirror, commit: str) -> tuple[str, ...]:
    tags = {ref: oid for ref, oid in mirror.refs.items() if ref.startswith("refs/tags/")}
    commits = await mirror.objects.commits_of(list(tags.values()))
    return tuple(
        ref.removeprefix("refs/tags/") for ref, peeled in zip(tags, commits, strict=True) if peeled == commit
    )
