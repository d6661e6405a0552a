"""What a cluster serves, as charts are told: a value of the `capabilities` bucket, under its own digest.

Thousands of wishes share one. Written by the controller before the wishes that name it.
"""

import hashlib

import msgspec

from fairlead.events.envelope import Event


class Capabilities(Event, frozen=True, kw_only=True):
    """Kubernetes version (`v1.36.3`) and what Helm calls API versions (`apps/v1`, `apps/v1/Deployment`)."""

    kube_version: str = ""
    api_versions: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The name of this value."""
        return hashlib.sha256(msgspec.msgpack.encode(self, order="deterministic")).hexdigest()[:32]
