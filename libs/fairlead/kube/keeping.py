"""How much of a live object's text is kept: all of what is managed or wanted, of others what is shown.

Invariant: an object that carries an application's mark and is nobody's child is kept whole wherever its text
is read at all, and of any other that carries one the brief has the mark.
"""

from collections.abc import Callable
from typing import Final

from fairlead.kube.custom_resources import API_SERVICE, CRD
from fairlead.kube.head import PARTIAL_KIND, Head
from fairlead.kube.live_object import Kept, LiveObject, OwnerOf, as_live
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind, ResourceKey

LINKS: Final = "link.argocd.argoproj.io/"
"""Annotations that are shown of any object."""

_AT_LEAST: Final = {
    CRD: Kept.BRIEF,
    API_SERVICE: Kept.BRIEF,
    GroupKind("", "Namespace"): Kept.WHOLE,
}
"""What the cluster serves is read of definitions; a namespace is asked for by every sync that may make it."""

Keeps = Callable[[GroupKind], Kept]
"""How much is kept of objects of a kind that nobody manages."""


class Keeping:
    """Makes live objects of what is read. `pinned` are objects without a mark that somebody wants whole."""

    def __init__(self, owner_of: OwnerOf, keeps: Keeps = lambda _: Kept.WHOLE) -> None:
        self._owner_of = owner_of
        self._keeps = keeps
        self.pinned: set[ResourceKey] = set()

    def of_kind(self, kind: GroupKind) -> Kept:
        """How much is kept of objects of a kind that nobody manages."""
        return max(self._keeps(kind), _AT_LEAST.get(kind, Kept.NOTHING))

    def object(self, resource: Resource, head: Head, raw: bytes) -> LiveObject:
        """A live object with as much of its text as is needed."""
        metadata = head.metadata
        instance = None
        if metadata.annotations or metadata.labels:
            instance = self._owner_of(metadata.marks())
        return as_live(resource, head, raw, instance, self._kept(resource, head, instance))

    def whole(self, resource: Resource, head: Head, raw: bytes) -> LiveObject:
        """The same with all of its text."""
        metadata = head.metadata
        return as_live(resource, head, raw, self._owner_of(metadata.marks()), Kept.WHOLE)

    def _kept(self, resource: Resource, head: Head, instance: str | None) -> Kept:
        metadata = head.metadata
        is_partial = head.kind == PARTIAL_KIND
        if not is_partial and instance is not None and not metadata.owner_references:
            return Kept.WHOLE
        kept = Kept.NOTHING if is_partial else self.of_kind(resource.group_kind)
        if kept is Kept.WHOLE:
            return kept
        if not is_partial and self.pinned and self._key(resource, head) in self.pinned:
            return Kept.WHOLE
        has_more = instance is not None or metadata.deletion_timestamp or _has_links(head)
        return Kept.BRIEF if kept is Kept.NOTHING and has_more else kept

    @staticmethod
    def _key(resource: Resource, head: Head) -> ResourceKey:
        return ResourceKey(resource.group, resource.kind, head.metadata.namespace, head.metadata.name)


def _has_links(head: Head) -> bool:
    annotations = head.metadata.annotations
    return annotations is not None and any(name.startswith(LINKS) for name in annotations)
