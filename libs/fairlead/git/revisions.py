"""From what a person wrote as a revision to one commit (contract 7.9).

Invariant: a text resolves to what the fetched refs say or to nothing; nothing is guessed when it is gone.
"""

import re
from typing import Protocol

import msgspec

from fairlead.git.advertised import OBJECT_ID
from fairlead.git.errors import RevisionError
from fairlead.git.mirror import Mirror
from fairlead.git.refs import Refs
from fairlead.git.remote import Remote
from fairlead.git.semver import highest, parse_range

_ABBREVIATED = re.compile(r"^[0-9a-f]{7,39}$", re.I)
_TAG = "refs/tags/"
_BRANCH = "refs/heads/"


MAX_REVISION = 1024
"""Characters a revision may have; a ref's name is a path, and no file system takes longer ones."""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The commit, and the ref that led to it; "" for a commit that was named itself.

    `shown` is what people are told the revision is, where that is something else than the commit.
    """

    commit: str
    ref: str = ""
    shown: str = ""

    @property
    def revision(self) -> str:
        """What people are told."""
        return self.shown or self.commit


class Seen(Protocol):
    """What one look found: a mirror as it is now, or as it was."""

    @property
    def refs(self) -> Refs:
        """The refs with what they point at."""

    @property
    def head(self) -> str:
        """The default branch's ref, or a commit."""


def is_pinned(revision: str) -> bool:
    """Whether a revision is a full commit id, which never moves."""
    return bool(OBJECT_ID.match(revision.lower()))


def may_be_commit(revision: str) -> bool:
    """Whether a revision could be a commit id, whole or abbreviated."""
    return is_pinned(revision) or bool(_ABBREVIATED.match(revision))


def ref_of(revision: str, seen: Seen, *, tag_prefix: str = "") -> str:
    """The full ref that a revision means; "" when it is no ref (a commit id, or nothing)."""
    if is_pinned(revision):
        return ""
    if revision in {"", "HEAD"}:
        return seen.head if seen.head in seen.refs else ""
    if revision in seen.refs:
        return revision
    found = _matching_tag(revision, seen, tag_prefix)
    if found:
        return found
    literal = (_BRANCH + revision, _TAG + revision, f"refs/{revision}")
    return next((ref for ref in literal if ref in seen.refs), "")


def may_follow(revision: str, ref: str) -> bool:
    """Whether a ref that appears or goes could change what a revision means."""
    if revision in {"", "HEAD"} or ref.endswith(f"/{revision}") or ref == revision:
        return True
    return ref.startswith(_TAG) and parse_range(revision) is not None


async def resolve(
    revision: str, mirror: Mirror, remote: Remote, *, tag_prefix: str = "", seen: Seen | None = None
) -> Resolved:
    """The commit of a revision, by the refs of the last fetch or of the look that is given; a commit id is
    fetched when it is not here.

    Raises:
        RevisionError: it names nothing.
        GitError: the remote was needed and failed.
    """
    if len(revision) > MAX_REVISION:
        raise RevisionError(f"{revision[:80]}…")
    seen = seen or mirror
    ref = ref_of(revision, seen, tag_prefix=tag_prefix)
    if ref:
        return Resolved(commit=await _peeled(revision, seen.refs[ref], ref, mirror), ref=ref)
    if is_pinned(revision):
        await mirror.obtain(remote, revision.lower())
        return Resolved(commit=await _peeled(revision, revision.lower(), "", mirror))
    if revision in {"", "HEAD"} and is_pinned(seen.head):
        await mirror.obtain(remote, seen.head)
        return Resolved(commit=seen.head)
    if _ABBREVIATED.match(revision):
        commit = await mirror.objects.expand(revision.lower())
        if not commit and await mirror.deepen(remote):
            commit = await mirror.objects.expand(revision.lower())
        if commit:
            return Resolved(commit=commit)
    raise RevisionError(revision or "HEAD")


def _matching_tag(revision: str, seen: Seen, tag_prefix: str) -> str:
    wanted = parse_range(revision)
    if wanted is None:
        return ""
    prefix = _TAG + tag_prefix
    tags = {ref: ref.removeprefix(prefix) for ref in seen.refs if ref.startswith(prefix)}
    return highest(tags, wanted) or ""


async def _peeled(revision: str, oid: str, ref: str, mirror: Mirror) -> str:
    if ref.startswith(_BRANCH):
        return oid
    commit = await mirror.objects.commit_of(oid)
    if commit is None:
        raise RevisionError(revision)
    return commit
