"""Who is affected by a change between two revisions, from the index of what renders read.

Invariant: nothing is rendered and nothing changes; the work goes with what differs, and with the applications
of which it is not known what they read: so of those whose way to the repository does not work.
"""

import asyncio
import bisect

import msgspec

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, RevisionError
from fairlead.git.changes import Changes
from fairlead.git.merging import merging
from fairlead.git.revisions import is_pinned
from fairlead.matching.repository import identity
from fairlead.repo_server.remotes.declared import AppKey, Declared, Member
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.memory import Memory
from fairlead.rpc import affected
from fairlead.rpc.affected import (
    MAX_PATHS,
    AffectedApplication,
    AffectedApplications,
    AffectedBy,
    Followers,
)

QUESTIONS_AT_ONCE = 8
AFTER_SLASH = "0"
"""The character that comes next after a slash: where what lies below a folder ends."""
NOW = 0.0
"""As the age that a look may have: whoever asks has just pushed."""


class Affected:
    """Answers for the applications that are ours."""

    def __init__(self, *, mirrors: Mirrors, following: Following, memory: Memory, declared: Declared) -> None:
        self._declared = declared
        self._mirrors = mirrors
        self._following = following
        self._memory = memory
        self._gate = asyncio.Semaphore(QUESTIONS_AT_ONCE)

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {affected.AFFECTED: self.affected}

    async def affected(self, _: str, payload: bytes) -> bytes:
        """`AffectedBy` → `AffectedApplications`. Refusals carry the failure's text."""
        asked = decode(AffectedBy, payload)
        found: dict[Member, AffectedApplication] = {}
        following: dict[tuple[str, str], set[AppKey]] = {}
        failures: list[GitError] = []
        is_answered = all(is_pinned(each) or merging(each) for each in (asked.old, asked.new))
        async with self._gate:
            for repository in self._mirrors.identified(identity(asked.repo_url)):
                groups = [g for g in self._following.of(repository) if _is_meant(g, asked.target)]
                self._count(groups, asked.part, following)
                if not any(g.members_of(asked.part) for g in groups):
                    continue
                try:
                    found |= await self._of(repository, groups, asked)
                    is_answered = True
                except GitError as error:
                    failures.append(error)
                    found |= {m: _told(g, m, None) for g in groups for m in g.members_of(asked.part)}
        if failures and not is_answered:
            code = "NotFound" if isinstance(failures[0], RevisionError) else "Unknown"
            raise RemoteError(code, str(failures[0])) from failures[0]
        followers = (
            Followers(project=project, target_revision=revision, count=len(apps))
            for (project, revision), apps in sorted(following.items())
        )
        told = (
            msgspec.structs.replace(one, project=self._project(member.app)) for member, one in found.items()
        )
        return encode(AffectedApplications(applications=tuple(told), followers=tuple(followers)))

    def _count(self, groups: list[Group], part: str, following: dict[tuple[str, str], set[AppKey]]) -> None:
        for group in groups:
            for member in group.members_of(part):
                key = (self._project(member.app), group.revision or "HEAD")
                following.setdefault(key, set()).add(member.app)

    def _project(self, app: AppKey) -> str:
        wish = self._declared.get(app)
        return wish.project if wish is not None else ""

    async def _of(
        self, repository: Repository, groups: list[Group], asked: AffectedBy
    ) -> dict[Member, AffectedApplication]:
        await repository.ensure(NOW, Cause.REFRESH)
        new = (await repository.resolve(asked.new)).commit
        old = (await repository.resolve(asked.old)).commit if asked.old else ""
        found: dict[Member, AffectedApplication] = {}
        for group in groups:
            since = old or group.commit
            changes = await self._memory.changes(repository, since, new) if since else Changes(None)
            if since and since != group.commit and group.commit:
                moved = (await self._memory.changes(repository, since, group.commit)).paths
            else:
                moved = frozenset() if group.commit else None
            among = _among(group, changes, moved)
            ours = set(group.members_of(asked.part)) if among else ()
            found |= {member: told for member, told in among.items() if member in ours}
        return found


def _is_meant(group: Group, target: str) -> bool:
    return not target or target == (group.revision or "HEAD")


def _among(group: Group, changes: Changes, moved: frozenset[str] | None) -> dict[Member, AffectedApplication]:
    """Of whom something differs between where the change begins and where its index is from, `moved`, it is
    not known what they read there."""
    if changes.paths is not None and not changes.paths:
        return {}
    doubtful = group.readers(Changes(moved)) if moved is None or moved else set[Member]()
    files = _Files(changes)
    sure = group.touched(changes)
    found = {
        member: _told(group, member, files.below(paths))
        for member, paths in sure.items()
        if member not in doubtful
    }
    return found | {member: _told(group, member, None) for member in (*doubtful, *group.unplaced)}


class _Files:
    """The files that differ, in order; a directory that was read stands for all that differ below it."""

    def __init__(self, changes: Changes) -> None:
        touched = changes.paths or frozenset()
        folders = {path.rstrip("/").rpartition("/")[0] for path in touched if path.rstrip("/")}
        self._files = sorted(path for path in touched - folders if path and not path.endswith("/"))

    def below(self, paths: list[str]) -> list[str]:
        """Those at or below these paths."""
        found = set[str]()
        for path in paths:
            folder = path.rstrip("/")
            begin = self._place(f"{folder}/") if folder else 0
            found.update(self._files[begin : self._place(f"{folder}{AFTER_SLASH}") if folder else None])
            at = self._place(folder)
            found.update(one for one in self._files[at : at + 1] if one == folder)
        return sorted(found)

    def _place(self, text: str) -> int:
        return bisect.bisect_left(self._files, text)


def _told(group: Group, member: Member, paths: list[str] | None) -> AffectedApplication:
    shown = paths or []
    return AffectedApplication(
        namespace=member.app.namespace,
        name=member.app.name,
        target_revision=group.revision or "HEAD",
        paths=tuple(shown[:MAX_PATHS]),
        more=max(0, len(shown) - MAX_PATHS),
        is_sure=paths is not None,
    )
