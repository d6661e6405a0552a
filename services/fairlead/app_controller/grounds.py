"""What the verdict on one object depends on, all of it, in one place; and the verdicts that are kept by it.

Invariant: an item is used again only while everything it was judged by is equal. Whatever is added to `Terms`
or `Grounds` is part of that from then on; nothing else may be looked at when an object is judged. (What the
cluster's fingerprints and list keys say only ever saves a question: see `diff.compare`.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from fairlead.kube.kind_watch import KindState
from fairlead.manifest.identity import ResourceKey
from fairlead.matching.project import is_resource_permitted
from fairlead.model.appproject import AppProject
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.settings import ControllerSettings
from fairlead.sync.options import SyncOptions

if TYPE_CHECKING:
    from fairlead.app_controller.item import Item


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """What a project allows in one cluster; nothing without a project."""

    project: AppProject | None
    server: str
    cluster_name: str

    def __call__(self, group: str, kind: str, namespace: str, name: str, namespaced: bool) -> bool:
        """Whether an object may be there."""
        if self.project is None:
            return False
        return is_resource_permitted(
            self.project,
            group=group,
            kind=kind,
            namespace=namespace,
            name=name,
            namespaced=namespaced,
            server=self.server,
            cluster_name=self.cluster_name,
        )


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What all verdicts of one comparison depend on alike.

    `eager` takes what Git changed for a difference without asking (see `diff.compare`).
    """

    instance: str
    itself: ResourceKey
    settings: ControllerSettings
    permitted: Permission
    ignore: tuple[ResourceIgnoreDifferences, ...] = ()
    options: SyncOptions = SyncOptions()
    compare_options: frozenset[str] = frozenset()
    eager: bool = False


class Grounds(NamedTuple):
    """What one verdict depends on.

    `desired` is the digest ("" for none) and `namespaced` whether the kind is; `uid`, `version` and `owner`
    are of the live object ("" for none); `state` is how much is known of the kind, and `doubt` why it cannot
    be read; `is_served` whether the desired version is.
    """

    terms: Terms
    desired: str
    namespaced: bool | None
    uid: str
    version: str
    owner: str
    state: KindState
    doubt: str
    is_served: bool


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
