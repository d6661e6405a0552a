"""What a dry commit says of itself, and of commits elsewhere that it was made for.

Who makes dry commits (such as a CI that writes an image's tag) names the commit that led to it in trailers
`Argocd-reference-commit-sha`, `-author`, `-subject`, `-body`, `-repourl` and `-date`; the body is a JSON text
where it has several lines.
"""

import re
from collections.abc import Iterator

import msgspec

from fairlead.rpc.hydration import DryCommit

MAX_SUBJECT = 1000
MAX_BODY = 32 << 10
MAX_REFERENCES = 20
"""Characters and commits that are told on."""
_TRAILER = re.compile(
    r"^argocd-reference-commit-(?P<field>sha|author|subject|body|repourl|date)[ \t]*:[ \t]*(?P<value>.*)$",
    re.I,
)
_SHA = re.compile(r"^[0-9a-f]{5,64}$", re.I)
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
_ADDRESS = re.compile(r"^(https?|ssh)://[^\s@]+(@[^\s@]+)?$|^[\w.+-]+@[\w.-]+:[^\s]+$", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class ReferencedCommit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A commit in another repository; `date` is RFC 3339."""

    author: str = ""
    date: str = ""
    subject: str = ""
    body: str = ""
    sha: str = ""
    repo_url: str = msgspec.field(name="repoURL", default="")


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """What led to the dry commit."""

    commit: ReferencedCommit


class DryMetadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The `hydrator.metadata` of the root: a dry commit without its trailers that name others."""

    repo_url: str = msgspec.field(name="repoURL")
    dry_sha: str
    author: str = ""
    date: str = ""
    subject: str = ""
    body: str = ""
    references: tuple[Reference, ...] = ()


def metadata_of(dry: DryCommit) -> DryMetadata:
    """What is told of a dry commit."""
    lines = _CONTROL.sub(" ", dry.message.replace("\r\n", "\n")).split("\n")
    kept = [line for line in lines if not _TRAILER.match(line)]
    subject, _, body = "\n".join(kept).strip("\n").partition("\n")
    return DryMetadata(
        repo_url=dry.repo_url,
        dry_sha=dry.sha,
        author=_line(dry.author),
        date=dry.date,
        subject=subject.strip()[:MAX_SUBJECT],
        body=body.strip()[:MAX_BODY],
        references=tuple(_references(lines)),
    )


def _references(lines: list[str]) -> Iterator[Reference]:
    """A field that comes again begins another commit."""
    groups: list[dict[str, str]] = [{}]
    for line in lines:
        if found := _TRAILER.match(line):
            field, value = found["field"].lower(), found["value"].strip()
            if field in groups[-1]:
                groups.append({})
            groups[-1][field] = value
    commits = (_referenced(group) for group in groups[:MAX_REFERENCES])
    return (Reference(commit=commit) for commit in commits if commit != ReferencedCommit())


def _referenced(fields: dict[str, str]) -> ReferencedCommit:
    """What is not what it should be is left out: anybody who may commit writes trailers."""
    return ReferencedCommit(
        author=_line(fields.get("author", "")),
        date=_matching(_DATE, fields.get("date", "")),
        subject=fields.get("subject", "")[:MAX_SUBJECT],
        body=_body(fields.get("body", ""))[:MAX_BODY],
        sha=_matching(_SHA, fields.get("sha", "")),
        repo_url=_matching(_ADDRESS, fields.get("repourl", "")),
    )


def _body(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return _CONTROL.sub(" ", msgspec.json.decode(text, type=str))
    except msgspec.DecodeError:
        return ""


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.match(text) else ""


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())[:MAX_SUBJECT]
