"""Filters of pull requests: in an entry all conditions hold, of the entries one."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.applicationset_controller.generating.hosts.patterns import pattern
from fairlead.applicationset_controller.generating.pull_requests.found import PullRequest
from fairlead.model.providers import PullRequestFilter


class Filters:
    """Read once. Raises GeneratorError for a pattern that is none."""

    def __init__(self, filters: Sequence[PullRequestFilter]) -> None:
        self._entries = [
            (
                pattern("BranchMatch", each.branch_match),
                pattern("TargetBranchMatch", each.target_branch_match),
                pattern("TitleMatch", each.title_match),
            )
            for each in filters
        ]

    def take(self, found: PullRequest) -> bool:
        """Whether it is taken."""
        texts = (found.branch, found.target, found.title)
        return not self._entries or any(
            all(matches is None or matches(text) for matches, text in zip(entry, texts, strict=True))
            for entry in self._entries
        )
