"""What the verdict on one object depends on, all of it, in one place.

Invariant: an item is used again only while everything it was judged by is equal. Whatever is added to `Terms`
or `Grounds` is part of that from then on; nothing else may be looked at when an object is judged. (What the
cluster's fingerprints and list keys say only ever saves a question: see `diff.compare`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.permission import Permission
from fairlead.kube.kind_watch import KindState
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.settings import ControllerSettings
from fairlead.sync.options import SyncOptions


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


class Kind(NamedTuple):
    """What is known of a kind: how much, why it cannot be read, and whether the version is served."""

    state: KindState
    doubt: str
    is_served: bool


class Grounds(NamedTuple):
    """What one verdict depends on.

    `desired` is the digest ("" for none) and `namespaced` whether the kind is; `uid`, `version` and `owner`
    are of the live object ("" for none), `spelling` the API version it is read in.
    """

    terms: Terms
    desired: str
    namespaced: bool | None
    uid: str
    version: str
    spelling: str
    owner: str
    kind: Kind


class Kinds:
    """What is known of kinds in a cluster, each asked for once: for one comparison, which is a moment."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._doubts: Mapping[GroupKind, str] | None = None
        self.known: dict[tuple[GroupKind, str], Kind] = {}

    def of(self, kind: GroupKind, version: str) -> Kind:
        """A kind in a version."""
        found = self.known.get((kind, version))
        if found is None:
            state = self._cluster.live.state_of(kind)
            found = self.known[kind, version] = Kind(
                state,
                self._doubt(kind) if state is KindState.UNKNOWN else "",
                self._cluster.discovery.resource_for(*kind, version) is not None,
            )
        return found

    def _doubt(self, kind: GroupKind) -> str:
        if self._doubts is None:
            self._doubts = self._cluster.live.unknown_kinds()
        return self._doubts.get(kind, "")
