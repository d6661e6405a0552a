"""The Lease of one replica: what stands in Kubernetes for it, and for the others of its group.

Invariant: a Lease is written only over the version that was read; who writes over another's finds a conflict.
"""

from datetime import UTC, datetime

import msgspec
import structlog

from fairlead.kube.errors import ConflictError, NotFoundError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.process.shard import View

log = structlog.get_logger(__name__)

LEASES = Resource(group="coordination.k8s.io", version="v1", plural="leases", kind="Lease", namespaced=True)
GROUP_LABEL = "fairlead.io/replicas-of"
VIEW, ORIGIN, SHARD = "fairlead.io/view", "fairlead.io/origin", "fairlead.io/shard"


class _Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class _Spec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    holder_identity: str = ""
    lease_duration_seconds: int = 0
    renew_time: str = ""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """One replica's, as it was read."""

    metadata: _Metadata = _Metadata()
    spec: _Spec = _Spec()

    @property
    def holder(self) -> str:
        """The replica's id."""
        return self.spec.holder_identity

    @property
    def version(self) -> str:
        """Changes with each renewal."""
        return self.metadata.resource_version

    @property
    def view(self) -> View | None:
        """What its holder takes for true; None when that cannot be read, and then it may own anything."""
        try:
            return msgspec.json.decode((self.metadata.annotations or {}).get(VIEW, ""), type=View)
        except msgspec.DecodeError:
            return None

    @property
    def origin(self) -> str:
        """Where its holder runs."""
        return (self.metadata.annotations or {}).get(ORIGIN, "")

    @property
    def renewed_at(self) -> datetime | None:
        """When its holder last renewed it, by that one's clock; None when it does not say."""
        try:
            return datetime.fromisoformat(self.spec.renew_time).astimezone(UTC)
        except ValueError:
            return None

    @property
    def shard(self) -> int:
        """The number its holder was given."""
        text = (self.metadata.annotations or {}).get(SHARD, "0")
        return int(text) if text.isdecimal() and len(text) < 10 else 0


def decode_lease(raw: bytes) -> Lease:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(raw, type=Lease)


class Leases:
    """The Leases of one group of replicas in one namespace."""

    def __init__(self, client: KubeClient, namespace: str, group: str) -> None:
        self.selector = f"{GROUP_LABEL}={group}"
        self.namespace = namespace
        self._client = client
        self._group = group

    async def all(self) -> list[Lease]:
        """Those of all replicas, as they are now and not as a cache has them. Raises KubeError."""
        found = []
        for raw in await self._client.list_all(LEASES, self.namespace, label_selector=self.selector):
            try:
                found.append(decode_lease(raw))
            except msgspec.DecodeError as error:
                log.warning("lease.unreadable", group=self._group, error=str(error))
        return found

    async def put(
        self, member: str, view: View, *, origin: str, shard: int, seconds: float, known: Lease | None
    ) -> Lease:
        """Write ours anew, over `known` when there is one.

        Raises ConflictError, NotFoundError or AlreadyExistsError when it is not what we think it is.
        """
        moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        metadata: dict[str, object] = {
            "name": f"fairlead-{self._group}-{member}",
            "labels": {GROUP_LABEL: self._group, "app.kubernetes.io/part-of": "argocd"},
            "annotations": {
                VIEW: msgspec.json.encode(view, order="deterministic").decode(),
                ORIGIN: origin,
                SHARD: str(shard),
            },
        }
        if known is not None:
            metadata["resourceVersion"] = known.version
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": member,
                "leaseDurationSeconds": round(seconds),
                "acquireTime": moment,
                "renewTime": moment,
            },
        }
        name = str(metadata["name"])
        if known is None:
            raw = await self._client.create(LEASES, body, self.namespace)
        else:
            raw = await self._client.update(LEASES, name, body, self.namespace)
        return decode_lease(raw)

    async def find(self, member: str) -> Lease | None:
        """The Lease of a member as it is now. Raises KubeError."""
        raw = await self._client.find(LEASES, f"fairlead-{self._group}-{member}", self.namespace)
        return None if raw is None else decode_lease(raw)

    async def end(self, lease: Lease) -> bool:
        """Delete a Lease if it still is as it was read; whether it was. Raises KubeError."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": lease.metadata.uid, "resourceVersion": lease.version},
        }
        try:
            await self._client.delete(LEASES, lease.metadata.name, self.namespace, options=options)
        except (ConflictError, NotFoundError):
            return False
        return True
