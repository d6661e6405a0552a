"""What is compared and what was found: one object and the whole application.

Invariant: data only; how it is found out is in `comparison` and `ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.diff.compare import Rules
from fairlead.diff.result import Outcome
from fairlead.health import Health
from fairlead.kube.live_object import LiveObject
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.prepare import Desired, Prepared
from fairlead.model.status import ResourceStatus, SyncCode
from fairlead.render.jq import Jq


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One object of the application: wanted, live or both.

    `outcome` is None when it takes no part in syncing; `rules` are those it was compared by, None when it was
    not. `problem` says why it could not be compared; such an item is Unknown and stops a sync.
    `health_problem` says why a script could not judge its health, which stops nothing. One that is `in_doubt`
    is looked at again after a while, since nothing will announce the end of the trouble. Of one that is
    `remembered` what is desired is known by its digest alone, and `rules` are not known.
    """

    key: ResourceKey
    version: str
    desired: Desired | None
    live: LiveObject | None
    outcome: Outcome | None = None
    health: Health | None = None
    hook: bool = False
    skipped: bool = False
    copied: bool = False
    wave: int = 0
    ignored_health: bool = False
    needs_confirmation: bool = False
    other_owner: str = ""
    images: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    rules: Rules | None = None
    problem: str = ""
    health_problem: str = ""
    in_doubt: bool = False
    remembered: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether a render has it."""
        return self.remembered or self.desired is not None

    @property
    def is_open(self) -> bool:
        """Whether what it says is to be found out again, whether or not anything changes."""
        return self.in_doubt or (self.outcome is not None and self.outcome.needs_asking)

    @property
    def takes_part(self) -> bool:
        """Whether it is ordinary: hooks, lone `Skip` and copies are neither compared nor counted."""
        return not (self.hook or self.skipped or self.copied)

    @property
    def requires_pruning(self) -> bool:
        """Whether it is live and no longer wanted."""
        return self.outcome is not None and self.outcome.requires_pruning


class Remark(msgspec.Struct, frozen=True):
    """A condition to be: its type and text."""

    type: str
    message: str


class Shown(NamedTuple):
    """What a status says of the objects of an application."""

    resources: tuple[ResourceStatus, ...]
    images: tuple[str, ...]
    urls: tuple[str, ...]
    kinds: frozenset[GroupKind]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The whole result. `is_error` is set when something kept it from being made.

    `unread` says which kinds could not be read: what is there of those is neither called in sync nor healthy,
    and may still be applied; `unjudged` that the health of some is not known; `namespace_differs` that the
    destination namespace is to have other labels or annotations than the last sync gave it. `shown` is what
    the status says of the items, None where it is yet to be made.
    """

    items: tuple[Item, ...] = ()
    code: SyncCode = SyncCode.UNKNOWN
    health: Health
    remarks: tuple[Remark, ...] = ()
    unread: tuple[Remark, ...] = ()
    unjudged: tuple[Remark, ...] = ()
    is_error: bool = False
    namespace_differs: bool = False
    shown: Shown | None = None

    @property
    def by_key(self) -> dict[ResourceKey, Item]:
        """The items by key."""
        return {item.key: item for item in self.items}

    def resources(self) -> tuple[ResourceStatus, ...]:
        """`status.resources`: sorted, without health (which is in the tree), hooks only while they exist."""
        return self._shown().resources

    def images(self) -> tuple[str, ...]:
        """All images in use."""
        return self._shown().images

    def urls(self) -> tuple[str, ...]:
        """All addresses to open."""
        return self._shown().urls

    def kinds(self) -> frozenset[GroupKind]:
        """The kinds of the items."""
        return self._shown().kinds

    @property
    def said(self) -> tuple[object, ...]:
        """What a status says of it beside what is shown."""
        found = (self.code, self.health, self.is_error, self.namespace_differs)
        return (*found, self.remarks, self.unread, self.unjudged)

    def _shown(self) -> Shown:
        return shown_of(self.items) if self.shown is None else self.shown


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared with what, and the terms. Without `may_ask` open questions stay open.

    `prepared` is None for a desired state that is not open.

    `jq` finds the fields that jq expressions of the rules name. `asker` tells as whom the API server is asked
    for dry runs; it raises ImpersonationError when nobody may ask.
    """

    prepared: Prepared | None
    cluster: Cluster
    terms: Terms
    jq: Jq
    may_ask: bool = True
    asker: Callable[[], ClusterWriter] | None = None

    def writer(self) -> ClusterWriter:
        """As whom the API server is asked. Raises ImpersonationError, also where nobody is to ask."""
        if self.asker is None:
            raise ImpersonationError("nobody may ask the cluster in its name")
        return self.asker()


def shown_of(items: Iterable[Item]) -> Shown:
    """What a status says of these."""
    known = sorted(items, key=lambda item: str(item.key))
    return Shown(
        tuple(resource_status(item) for item in known if is_shown(item)),
        tuple(sorted({image for item in known for image in item.images})),
        tuple(sorted({url for item in known for url in item.urls})),
        frozenset(item.key.group_kind for item in known),
    )


def is_shown(item: Item) -> bool:
    """Whether `status.resources` has a line for it."""
    return not item.hook or item.live is not None


def resource_status(item: Item) -> ResourceStatus:
    """One line of `status.resources`."""
    return ResourceStatus(
        group=item.key.group,
        version=item.version,
        kind=item.key.kind,
        namespace=item.key.namespace,
        name=item.key.name,
        status=SyncCode.UNSET if item.outcome is None else item.outcome.status,
        hook=item.hook,
        requires_pruning=item.requires_pruning or item.hook,
        requires_deletion_confirmation=item.needs_confirmation,
        sync_wave=item.wave,
    )


def attached(item: Item, desired: Desired | None, live: LiveObject | None) -> Item:
    """The item of these very values, which are equal to those that it was judged by.

    One that was judged without looking at what is live is none that may look at it now.
    """
    live = None if item.live is None else live
    if item.live is live and item.desired is desired:
        return item
    return msgspec.structs.replace(item, desired=desired, live=live)


def with_outcome(item: Item, outcome: Outcome) -> Item:
    """The item with what was found out about it."""
    return msgspec.structs.replace(item, outcome=outcome)


def not_compared(item: Item, problem: str, *, in_doubt: bool = False) -> Item:
    """The item as one that could not be compared, and why."""
    outcome = Outcome(key=item.key, status=SyncCode.UNKNOWN)
    return msgspec.structs.replace(item, outcome=outcome, problem=problem, in_doubt=in_doubt)
