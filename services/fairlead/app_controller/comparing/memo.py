"""The verdicts of an application's last comparison, each with the grounds it was given on.

Invariant: a verdict is found only by equal grounds.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.app_controller.comparing.grounds import Grounds, Terms
from fairlead.app_controller.comparing.item import Item
from fairlead.manifest.identity import ResourceKey


class Memo:
    """The items of an application's last comparison, each with its grounds."""

    def __init__(self) -> None:
        self._terms: Terms | None = None
        self._known: dict[ResourceKey, tuple[Grounds, Item]] = {}

    def __len__(self) -> int:
        """How many items are kept."""
        return len(self._known)

    def terms(self, terms: Terms) -> Terms:
        """The terms, as the very object that was kept when it is equal, so that grounds compare quickly."""
        if self._terms is None or self._terms != terms:
            self._terms = terms
        return self._terms

    def find(self, key: ResourceKey, grounds: Grounds) -> Item | None:
        """The item judged on these grounds, or None."""
        known = self._known.get(key)
        return known[1] if known is not None and known[0] == grounds else None

    def keep(self, items: Iterable[tuple[Grounds, Item]]) -> None:
        """Remember these and forget all others."""
        self._known = {item.key: (grounds, item) for grounds, item in items}

    def copy(self) -> Memo:
        """One for somebody who must not change this one."""
        other = Memo()
        other._terms, other._known = self._terms, self._known
        return other
