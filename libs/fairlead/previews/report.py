"""What was found of one change, as data: the same for a comment, a terminal and a script.

Invariant: nothing of a Secret's values is in it, and nothing of an application that may not be shown.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fairlead.rpc import foreseen

ADDED: Final = "added"
CHANGED: Final = "changed"
REMOVED: Final = "removed"
REFUSED: Final = frozenset({foreseen.REFUSED, foreseen.IMMUTABLE, foreseen.FORBIDDEN})
"""Verdicts under which a sync would fail."""
NOTED: Final = frozenset({foreseen.REPLACED, foreseen.FOREIGN, foreseen.ADOPTED, foreseen.PRUNED})
"""Verdicts that a person should read before the others."""


class ObjectChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One object that would be another one.

    `what` is `added`, `changed` or `removed` in Git; `verdict`, `words` and `owner` are what the cluster says
    of it (`fairlead.rpc.foreseen`), "" when it was not asked. `diff` is of the manifests as YAML, unified,
    Secrets masked; "" when it is too large.
    """

    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    what: str = CHANGED
    verdict: str = ""
    words: str = ""
    owner: str = ""
    diff: str = ""

    @property
    def title(self) -> str:
        """How people name it."""
        kind = f"{self.group}/{self.kind}" if self.group else self.kind
        return f"{kind} {self.namespace}/{self.name}" if self.namespace else f"{kind} {self.name}"

    @property
    def is_refused(self) -> bool:
        """Whether a sync would fail on it."""
        return self.verdict in REFUSED


class AppChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One application that reads something which differs.

    `problem` is why it cannot be rendered then, and `problem_before` why it cannot be now; `unasked` why its
    cluster was not asked. `same` objects stay as they are, `more` that differ are not told. `waits` is why
    the guard would hold its prunes back; `note` is said beside it.
    """

    namespace: str
    name: str
    project: str = ""
    objects: tuple[ObjectChange, ...] = ()
    same: int = 0
    more: int = 0
    problem: str = ""
    problem_before: str = ""
    unasked: str = ""
    is_automated: bool = False
    prunes: bool = False
    waits: str = ""
    note: str = ""
    is_unsettled: bool = False

    @property
    def is_untouched(self) -> bool:
        """Whether nothing would become of it after all."""
        return not (self.objects or self.more or self.problem)

    @property
    def is_broken(self) -> bool:
        """Whether it would fail, and does not already."""
        is_new = bool(self.problem) and not self.problem_before
        return is_new or any(each.is_refused for each in self.objects)

    def count(self, *what: str) -> int:
        """How many objects are added, changed or removed."""
        return sum(each.what in what for each in self.objects)

    def judged(self, *verdicts: str) -> list[ObjectChange]:
        """The objects of which the cluster says one of these."""
        return [each for each in self.objects if each.verdict in verdicts]


class Report(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A change, and what it does. `target`, `head` and `base` are commits; `branch` is the one it is for.

    `is_merged` says that the merge of both is shown, and not the head alone; `conflicts` why not. Of
    `followers` applications that follow the branch and may be shown, `applications` are affected and `unseen`
    are affected too but too many to be rendered.
    """

    repository: str
    branch: str
    target: str
    head: str
    base: str
    is_merged: bool = True
    conflicts: tuple[str, ...] = ()
    of_strangers: bool = False
    followers: int = 0
    applications: tuple[AppChange, ...] = ()
    unseen: int = 0

    @property
    def changed(self) -> tuple[AppChange, ...]:
        """The applications of which something would become another thing, or that cannot be rendered."""
        return tuple(app for app in self.applications if not app.is_untouched)

    @property
    def broken(self) -> tuple[AppChange, ...]:
        """Those that would fail."""
        return tuple(app for app in self.applications if app.is_broken)

    @property
    def is_settled(self) -> bool:
        """Whether asking again would find nothing else by itself."""
        return not any(app.is_unsettled for app in self.applications)

    @property
    def is_fine(self) -> bool:
        """Whether nothing would fail of what could be seen, and all could."""
        return not self.broken and not self.conflicts and not self.unseen

    @property
    def summary(self) -> str:
        """The whole in a line, which is no markup."""
        return self.summary_of(self.branch)

    def summary_of(self, branch: str) -> str:
        """The same with other words for the branch."""
        changed, broken = len(self.changed), len(self.broken)
        if self.conflicts:
            return f"conflicts with {branch}; {_of(changed, self.followers)} affected"
        if broken:
            return f"{_of(changed, self.followers)} affected, {broken} would fail"
        if self.unseen:
            return f"{_of(changed + self.unseen, self.followers)} affected, {self.unseen} not rendered"
        pruned = sum(len(app.judged(foreseen.PRUNED)) for app in self.applications)
        more = f", {pruned} object{'s' * (pruned != 1)} pruned" if pruned else ""
        return f"{_of(changed, self.followers)} affected{more}" if changed else "no application is affected"


def _of(count: int, followers: int) -> str:
    return f"{count} of {followers} application{'s' * (followers != 1)}"
