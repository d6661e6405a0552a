"""From a rendered set in the cache to what one application wants in one cluster.

Invariant: only a set whose documents have the digest that was announced becomes a desired state; whatever
else is found under that name counts as not there.
"""

from __future__ import annotations

import asyncio

import msgspec

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.rendering.sets import RenderedSets
from fairlead.events import SchemaError
from fairlead.events.envelope import decode
from fairlead.kube.catalogue import Catalogue
from fairlead.manifest.errors import ManifestError
from fairlead.manifest.prepare import Prepared, prepare
from fairlead.manifest.split import split
from fairlead.manifest.tracking import Tracking
from fairlead.rpc import RenderedSet

INLINE_BYTES = 256 * 1024
"""Sets smaller than this are decoded on the loop (about 5 ms); larger ones in a thread."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """All that a desired state depends on; equal bases give equal states."""

    digest: str
    instance: str
    namespace: str
    tracking: Tracking


class DesiredState(msgspec.Struct, frozen=True, kw_only=True):
    """The objects an application wants, or why they cannot be used (`problem`)."""

    basis: Basis
    prepared: Prepared
    catalogue: Catalogue
    problem: str = ""

    def fitted(self, basis: Basis, cluster: Cluster) -> DesiredState | None:
        """The same, if it is still right; a newly served kind may have changed where an object lives.

        What was found right of a catalogue is known to be, so that only a change of it asks for each object.
        """
        if self.basis != basis:
            return None
        catalogue, is_namespaced = cluster.discovery.catalogue, cluster.discovery.is_namespaced
        if self.catalogue is catalogue:
            return self
        is_right = all(
            item.namespaced == is_namespaced(item.key.group, item.key.kind) for item in self.prepared.objects
        )
        return msgspec.structs.replace(self, catalogue=catalogue) if is_right else None


def nothing_desired(basis: Basis, cluster: Cluster) -> DesiredState:
    """The state of an application of which nothing could be rendered yet."""
    empty = Prepared(objects=(), remarks=())
    return DesiredState(basis=basis, prepared=empty, catalogue=cluster.discovery.catalogue)


async def load(sets: RenderedSets, basis: Basis, cluster: Cluster, home: str) -> DesiredState | None:
    """The state of a render, or None when it was lost or is something else; `home` is as the wish says."""
    packed = await sets.packed(basis.digest, home)
    if packed is None:
        return None
    if len(packed) < INLINE_BYTES:
        return unpacked(packed, basis, cluster)
    return await asyncio.to_thread(unpacked, packed, basis, cluster)


def unpacked(packed: bytes, basis: Basis, cluster: Cluster) -> DesiredState | None:
    """Verify, split, place, mark and digest the documents."""
    try:
        rendered = decode(RenderedSet, packed)
    except SchemaError:
        return None
    if rendered.digest != basis.digest:
        return None
    return from_documents(rendered.documents, basis, cluster)


def from_documents(documents: tuple[bytes, ...], basis: Basis, cluster: Cluster) -> DesiredState:
    """The state of given documents; an unusable document is a `problem`, never half a state."""
    catalogue = cluster.discovery.catalogue
    try:
        prepared = prepare(
            split(documents),
            is_namespaced=cluster.discovery.is_namespaced,
            destination_namespace=basis.namespace,
            instance=basis.instance,
            tracking=basis.tracking,
        )
    except ManifestError as error:
        empty = Prepared(objects=(), remarks=())
        return DesiredState(basis=basis, prepared=empty, catalogue=catalogue, problem=str(error))
    return DesiredState(basis=basis, prepared=prepared, catalogue=catalogue)
