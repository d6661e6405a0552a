"""Who follows which revision of which repository, and what each of them read there.

A group is the sources of one repository with one target revision. Its index, path → who read it, turns a
commit's touched paths into those it affects: proportional to the change, whatever the number of applications.

Invariant: who is in a group's index would render at the group's commit what was last announced.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

from fairlead.events import SignaturesDemanded
from fairlead.git.changes import Changes
from fairlead.git.revisions import Resolved
from fairlead.repo_server.remotes.declared import AppKey, Member
from fairlead.repo_server.remotes.repository import Repository


class Group:
    """The members of one repository and revision; `ref` and `commit` are what the revision last meant, and
    `shown` what people are told of the commit, "" being itself.

    `members` has the controller shard of each, `guarded` what signatures are demanded of those who demand
    some; `unplaced` are those of which it is not known what they read at `commit`, and `overdue` those of
    them that were so at the last poll already; `told` is the commit that all placed members were told of
    last, as `told_shown`, and `recorded_at` the monotonic second when that was written down, of the
    partitions `recorded_of`. While it `is_doubted`, another repo-server may have told them since.
    """

    def __init__(self, repository: Repository, revision: str, tag_prefix: str) -> None:
        self.repository = repository
        self.revision = revision
        self.tag_prefix = tag_prefix
        self.ref = ""
        self.commit = ""
        self.shown = ""
        self.told = ""
        self.told_shown = ""
        self.is_doubted = False
        self.recorded_at: float | None = None
        self.recorded_of = ""
        self.turn = asyncio.Lock()
        self.members: dict[Member, int] = {}
        self.guarded: dict[Member, SignaturesDemanded] = {}
        self._homes: dict[Member, str] = {}
        self._parts: Counter[str] = Counter()
        self.unplaced: set[Member] = set()
        self.overdue: set[Member] = set()
        self._read: dict[Member, tuple[str, ...]] = {}
        self._readers: dict[str, set[Member]] = {}

    @property
    def is_pinned(self) -> bool:
        """Whether the revision is a commit, or what else never moves."""
        return self.repository.is_pinned(self.revision)

    @property
    def is_awaited(self) -> bool:
        """Whether the revision is a commit, whole or abbreviated, that is not here: any ref may bring it."""
        return not self.commit and self.repository.may_be_commit(self.revision)

    def is_concerned(self, ref: str) -> bool:
        """Whether a move of this ref may change what the revision means."""
        if ref == self.ref or self.is_awaited:
            return True
        return not self.is_pinned and self.repository.may_follow(self.revision, ref)

    def meant(self) -> str:
        """The ref that the revision means now."""
        return self.repository.ref_of(self.revision, self.tag_prefix)

    def mean(self, found: Resolved) -> None:
        """The revision means this from now on."""
        self.commit, self.ref, self.shown = found.commit, found.ref, found.shown

    def place(self, member: Member, commit: str, paths: Iterable[str], *, shown: str = "") -> None:
        """Remember what a member read at a commit; of no use unless it is the group's."""
        self.displace(member)
        if not self.commit:
            self.mean(Resolved(commit=commit, ref=self.meant(), shown=shown))
            self.told, self.told_shown = commit, shown
        if commit != self.commit or member not in self.members:
            return
        self.unplaced.discard(member)
        self._read[member] = kept = tuple(paths)
        for path in kept:
            self._readers.setdefault(path, set()).add(member)

    def has_placed(self, member: Member) -> bool:
        """Whether a member would render at the commit what was announced last."""
        return bool(self.commit) and member in self._read

    def lacks(self, app: AppKey, sources: int) -> bool:
        """Whether it is not known what an application, with so many sources, read at the commit."""
        return not self.commit or any(Member(app, place) in self.unplaced for place in range(sources))

    def displace(self, member: Member) -> None:
        """Forget what a member read: the next commit affects it, whatever it touches."""
        if member in self.members:
            self.unplaced.add(member)
        for path in self._read.pop(member, ()):
            readers = self._readers[path]
            readers.discard(member)
            if not readers:
                del self._readers[path]

    def lose(self) -> None:
        """The revision means nothing any more."""
        for member in tuple(self._read):
            self.displace(member)
        self.commit = self.told = self.ref = self.shown = self.told_shown = ""

    def readers(self, changes: Changes) -> set[Member]:
        """The members that read something the changes touch."""
        if changes.paths is None:
            return set(self._read)
        touched = [self._readers[path] for path in changes.paths if path in self._readers]
        return set().union(*touched)

    def members_of(self, part: str) -> list[Member]:
        """The members of a partition."""
        return [member for member, home in self._homes.items() if home == part]

    def touched(self, changes: Changes) -> dict[Member, list[str]]:
        """The same with the paths of each that are touched: all, when there are too many to tell."""
        found: dict[Member, list[str]] = {}
        if changes.paths is None:
            return {member: list(paths) for member, paths in self._read.items()}
        for path in changes.paths & self._readers.keys():
            for member in self._readers[path]:
                found.setdefault(member, []).append(path)
        return found

    @property
    def parts(self) -> str:
        """The partitions of whose applications the group knows, in order."""
        return "".join(sorted(self._parts))

    def admit(
        self, member: Member, shard: int, home: str, signatures: SignaturesDemanded | None = None
    ) -> None:
        """Take a member in, of a controller shard and a partition; one that is in may have others now."""
        self._leaves_home(member)
        self.guarded.pop(member, None)
        if signatures is not None:
            self.guarded[member] = signatures
        self.members[member] = shard
        self._homes[member] = home
        self._parts[home] += 1

    def dismiss(self, member: Member) -> None:
        """Let a member go."""
        self.displace(member)
        self.unplaced.discard(member)
        self._leaves_home(member)
        self.guarded.pop(member, None)
        del self.members[member]

    def _leaves_home(self, member: Member) -> None:
        home = self._homes.pop(member, None)
        if home is not None:
            self._parts[home] -= 1
            if not self._parts[home]:
                del self._parts[home]

    @property
    def placed(self) -> int:
        """How many members are in the index."""
        return len(self._read)


class Following:
    """All groups."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str, str], Group] = {}
        self._by_repository: dict[str, set[tuple[str, str, str]]] = {}
        self._by_ref: dict[tuple[str, str], set[Group]] = {}
        self._of: dict[Member, Group] = {}

    def join(
        self,
        member: Member,
        repository: Repository,
        revision: str,
        tag_prefix: str,
        shard: int,
        *,
        home: str = "",
        signatures: SignaturesDemanded | None = None,
    ) -> Group:
        """Put a member, of a controller shard and a partition, into the group of its revision."""
        revision = "" if revision == "HEAD" else revision
        key = (repository.mirror.name, revision, tag_prefix)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(repository, revision, tag_prefix)
            self._by_repository.setdefault(key[0], set()).add(key)
            self._by_ref.setdefault(_ref_of(group), set()).add(group)
        known = self._of.get(member)
        if known is not group:
            self.leave(member)
            group.unplaced.add(member)
            self._of[member] = group
        group.admit(member, shard, home, signatures)
        return group

    def leave(self, member: Member) -> None:
        """Take a member out."""
        group = self._of.pop(member, None)
        if group is None:
            return
        group.dismiss(member)
        if not group.members:
            key = (group.repository.mirror.name, group.revision, group.tag_prefix)
            del self._groups[key]
            self._by_repository[key[0]].discard(key)
            if not self._by_repository[key[0]]:
                del self._by_repository[key[0]]
            self._by_ref[_ref_of(group)].discard(group)
            if not self._by_ref[_ref_of(group)]:
                del self._by_ref[_ref_of(group)]

    def unrecord(self) -> None:
        """The bucket of histories was lost."""
        for group in self:
            group.recorded_at = None

    def group_of(self, member: Member) -> Group | None:
        """The group a member is in."""
        return self._of.get(member)

    def of(self, repository: Repository) -> Iterator[Group]:
        """The groups of a repository."""
        keys = self._by_repository.get(repository.mirror.name, ())
        return iter([self._groups[key] for key in keys])

    def revisions(self, repository: Repository) -> set[str]:
        """What of a repository is followed, as it is written in targetRevision."""
        return {group.revision for group in self.of(repository)}

    def beside(self, group: Group) -> Iterator[Group]:
        """Groups that follow the same ref otherwise: with other credentials, or other tags."""
        return iter(self._by_ref.get(_ref_of(group), set()) - {group})

    def __iter__(self) -> Iterator[Group]:
        return iter(tuple(self._groups.values()))


def _ref_of(group: Group) -> tuple[str, str]:
    """What groups that are told apart by credentials or tags have in common."""
    return group.repository.identity, group.revision
