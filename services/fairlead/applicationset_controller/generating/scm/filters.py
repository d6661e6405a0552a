"""Filters of repositories: in an entry all conditions hold, of the entries one.

Invariant: what a repository alone tells is looked at first; branches are asked of repositories that an entry
may still take, and paths of branches.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fairlead.applicationset_controller.generating.hosts.patterns import Matches, pattern
from fairlead.applicationset_controller.generating.hosts.segments import below
from fairlead.applicationset_controller.generating.scm.found import Branch, Provider, Repository
from fairlead.model.providers import ScmFilter


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    name: Matches | None
    label: Matches | None
    branch: Matches | None
    present: tuple[str, ...]
    absent: tuple[str, ...]

    def may_take(self, repository: Repository) -> bool:
        return (self.name is None or self.name(repository.name)) and (
            self.label is None or any(self.label(label) for label in repository.labels)
        )


class Filters:
    """Read once. Raises GeneratorError for a pattern or path that is none."""

    def __init__(self, filters: Sequence[ScmFilter]) -> None:
        self._entries = [_read(each) for each in filters]

    def may_take(self, repository: Repository) -> bool:
        """Whether it may be among those taken, as far as it tells by itself."""
        return not self._entries or any(entry.may_take(repository) for entry in self._entries)

    async def takes(self, provider: Provider, repository: Repository, branch: Branch) -> bool:
        """Whether a branch is taken. Raises HostError."""
        if not self._entries:
            return True
        known: dict[str, bool] = {}
        for entry in self._entries:
            if not entry.may_take(repository):
                continue
            if entry.branch is not None and not entry.branch(branch.name):
                continue
            if await _holds(entry, provider, repository, branch, known):
                return True
        return False


async def _holds(
    entry: _Entry, provider: Provider, repository: Repository, branch: Branch, known: dict[str, bool]
) -> bool:
    """Whether an entry's paths are as it says; `known` is what was asked of this branch before."""
    for paths, wanted in ((entry.present, True), (entry.absent, False)):
        for path in paths:
            if path not in known:
                known[path] = await provider.has_path(repository, branch, path)
            if known[path] is not wanted:
                return False
    return True


def _read(filter_: ScmFilter) -> _Entry:
    return _Entry(
        name=pattern("RepositoryMatch", filter_.repository_match),
        label=pattern("LabelMatch", filter_.label_match),
        branch=pattern("BranchMatch", filter_.branch_match),
        present=tuple(below("pathsExist", path) for path in filter_.paths_exist),
        absent=tuple(below("pathsDoNotExist", path) for path in filter_.paths_do_not_exist),
    )
