"""From a rendered set in the cache to what one application wants in one cluster.

Invariant: only a set whose documents have the digest that was announced becomes a desired state; whatever
else is found under that name counts as not there.
"""

from __future__ import annotations

import asyncio

import msgspec

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.events import SchemaError
from fairlead.events.envelope import decode
from fairlead.kube.catalogue import Catalogue
from fairlead.manifest.errors import ManifestError
from fairlead.manifest.prepare import Prepared, prepare
from fairlead.manifest.split import split
from fairlead.manifest.tracking import Tracking
from fairlead.model.sync import HookType
from fairlead.process.rendered_sets import RenderedSets
from fairlead.rpc import RenderedSet
from fairlead.sync.hooks import hook_types

INLINE_BYTES = 256 * 1024
"""Sets smaller than this are decoded on the loop (about 5 ms); larger ones in a thread."""


class UnopenedError(Exception):
    """A desired state that is only remembered is used as if it were open."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """All that a desired state depends on; equal bases give equal states."""

    digest: str
    instance: str
    namespace: str
    tracking: Tracking


class Gist(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a desired state without opening it: which kinds were found to live in namespaces, and
    the types of its hooks."""

    scopes: frozenset[tuple[str, str, bool | None]] = frozenset()
    hooks: frozenset[HookType] = frozenset()


class DesiredState(msgspec.Struct, frozen=True, kw_only=True):
    """The objects an application wants, or why they cannot be used (`problem`).

    One that was remembered is not opened: its objects were compared before, and are read when one of them is
    to be judged, planned or told of.
    """

    basis: Basis
    opened: Prepared | None
    catalogue: Catalogue
    gist: Gist = Gist()
    problem: str = ""

    @property
    def prepared(self) -> Prepared:
        """The objects of one that is open. Raises UnopenedError."""
        if self.opened is None:
            raise UnopenedError(self.basis.instance)
        return self.opened

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
            namespaced == is_namespaced(group, kind) for group, kind, namespaced in self.gist.scopes
        )
        return msgspec.structs.replace(self, catalogue=catalogue) if is_right else None


def nothing_desired(basis: Basis, cluster: Cluster) -> DesiredState:
    """The state of an application of which nothing could be rendered yet."""
    empty = Prepared(objects=(), remarks=())
    return DesiredState(basis=basis, opened=empty, catalogue=cluster.discovery.catalogue)


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
        return DesiredState(basis=basis, opened=empty, catalogue=catalogue, problem=str(error))
    return DesiredState(basis=basis, opened=prepared, catalogue=catalogue, gist=gist_of(prepared))


def gist_of(prepared: Prepared) -> Gist:
    """What is kept in mind of a desired state."""
    objects = prepared.objects
    return Gist(
        scopes=frozenset((item.key.group, item.key.kind, item.namespaced) for item in objects),
        hooks=frozenset(kind for item in objects for kind in hook_types(item.marks.outline)),
    )
