"""Tells the schema of a kind as the cluster of an application serves it, for whoever edits an object of it.

Invariant: a schema is read of the cluster once while the cluster says that it is the same; nothing of what
the cluster holds is in it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

import structlog

from fairlead.app_controller.answering.named import Named
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.codes import code_title
from fairlead.kube.errors import KubeError
from fairlead.kube.schema import schema_of
from fairlead.manifest.identity import GroupVersionKind
from fairlead.rpc import ApplicationQuery
from fairlead.rpc.schema import MAX_SCHEMA, KindSchema

log = structlog.get_logger(__name__)

MAX_KEPT = 8 << 20
"""Bytes of schemas that are kept; those asked for longest ago go first."""
AT_ONCE = 2
"""Documents of group versions, of up to megabytes, that are read at once."""

Place = tuple[str, GroupVersionKind]
"""Where a cluster says that the document is, with a digest of it; and the kind."""


class Schemas:
    """Answers `kind-schema`."""

    def __init__(self, named: Named) -> None:
        self._named = named
        self._kept: OrderedDict[Place, KindSchema] = OrderedDict()
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, _: str, payload: bytes) -> bytes:
        """ApplicationQuery -> KindSchema."""
        query = decode(ApplicationQuery, payload)
        _record, cluster = self._named.place(query)
        gvk = GroupVersionKind(query.group, query.version, query.kind)
        try:
            async with self._gate:
                address = await cluster.list_keys.address_of(gvk.group, gvk.version)
                place = (f"{cluster.server}{address}", gvk)
                found = self._kept.get(place)
                if found is None:
                    answer = await cluster.client.get_path(address)
                    found = await asyncio.to_thread(_read, answer.body, gvk)
                    self._keep(place, found)
                self._kept.move_to_end(place)
        except KubeError as error:
            raise RemoteError(code_title(error), error.message) from error
        return encode(found)

    def _keep(self, place: Place, found: KindSchema) -> None:
        self._kept[place] = found
        while sum(len(one.document) for one in self._kept.values()) > MAX_KEPT and len(self._kept) > 1:
            self._kept.popitem(last=False)


def _read(body: bytes, gvk: GroupVersionKind) -> KindSchema:
    document = schema_of(body, gvk)
    if len(document) > MAX_SCHEMA:
        text = f"the schema of {gvk.kind} has more than {MAX_SCHEMA >> 20} MiB"
        raise RemoteError("FailedPrecondition", text)
    return KindSchema(tag=hashlib.sha256(document).hexdigest()[:32], document=document)
