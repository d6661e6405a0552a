"""Keeps one kind of the live index up to date from the events of its reflectors.

Invariant: an object is dropped only on a DELETED event or because a list read whole no longer holds it.
"""

from collections.abc import Callable
from enum import Enum

from fairlead.kube.errors import ForbiddenError, KubeError
from fairlead.kube.keeping import Keeping
from fairlead.kube.live_index import LiveChange, LiveIndex
from fairlead.kube.resource import Resource
from fairlead.kube.watch_events import (
    Added,
    Deleted,
    Event,
    Lost,
    Modified,
    ObjectEvent,
    Relisting,
    Resumed,
    Synced,
)
from fairlead.manifest.identity import ResourceKey

FAILURES_BEFORE_DOUBT = 3
Publish = Callable[[LiveChange, bool], None]
"""Takes a change, and whether it comes from the first list of its kind."""


class KindState(Enum):
    """How much is known of a kind. Only `KNOWN` and `ABSENT` allow conclusions from what is not there."""

    SYNCING = "syncing"
    KNOWN = "known"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    EXCLUDED = "excluded"
    UNWATCHABLE = "unwatchable"


class KindWatch:
    """One resource in one namespace, or in all of them (`namespace=None`). Of one that `was_read` before its
    watch came to grief, what the first list brings is news."""

    def __init__(
        self,
        resource: Resource,
        index: LiveIndex,
        *,
        namespace: str | None,
        keeping: Keeping,
        publish: Publish,
        on_state: Callable[[], None],
        was_read: bool = False,
    ) -> None:
        self.resource = resource
        self.state = KindState.SYNCING
        self.error: KubeError | None = None
        self._index = index
        self.namespace = namespace
        self._keeping = keeping
        self._publish = publish
        self._on_state = on_state
        self._listed: set[ResourceKey] | None = None
        self._reset = False
        self.has_synced = False
        self._was_read = was_read
        self._gap = False

    def take(self, event: Event) -> None:
        """The reflector's sink."""
        if isinstance(event, Added | Modified):
            self._put(event)
        elif isinstance(event, Deleted):
            self._remove(event)
        else:
            self._turn(event)

    def _turn(self, event: Relisting | Synced | Resumed | Lost) -> None:
        match event:
            case Relisting():
                self._listed = set()
                self._reset = event.reset
            case Synced():
                self._synced(event.resource_version)
            case Resumed():
                self._resumed()
            case Lost():
                self._lost(event)

    def _put(self, event: ObjectEvent) -> None:
        obj = self._keeping.object(self.resource, event.head, event.raw)
        listing = self._listed
        if listing is not None:
            listing.add(obj.key)
        change = self._index.put(obj, force=listing is not None and self._reset)
        if change is not None:
            self._publish(change, not (self.has_synced or self._was_read))

    def _remove(self, event: Deleted) -> None:
        metadata = event.head.metadata
        key = ResourceKey(self.resource.group, self.resource.kind, metadata.namespace, metadata.name)
        self._keeping.pinned.discard(key)
        change = self._index.remove(key, uid=metadata.uid, at=metadata.resource_version)
        if change is not None:
            self._publish(change, False)

    def _synced(self, version: str) -> None:
        kept, self._listed = self._listed or set(), None
        at = "" if self._reset else version
        for key in self._index.vanished(self.resource.group_kind, kept, at, self.namespace):
            self._keeping.pinned.discard(key)
            change = self._index.remove(key)
            if change is not None:
                self._publish(change, False)
        self.has_synced, self._reset, self._gap = True, False, False
        self._become(KindState.KNOWN)

    def _resumed(self) -> None:
        if self.has_synced and not self._gap:
            self._become(KindState.KNOWN)

    def _lost(self, event: Lost) -> None:
        """One dropped connection is no doubt yet: the watch goes on where it was, and nothing is missed."""
        self._listed = None
        self._gap = self._gap or event.gap
        if event.gap or event.failures >= FAILURES_BEFORE_DOUBT or not self.has_synced:
            self._become(KindState.UNKNOWN, event.error)

    def _become(self, state: KindState, error: KubeError | None = None) -> None:
        """Tell of another state, and of the same doubt once it is known that the list is refused."""
        is_refused = isinstance(error, ForbiddenError) and not isinstance(self.error, ForbiddenError)
        self.error = error
        if state is not self.state or is_refused:
            self.state = state
            self._on_state()
