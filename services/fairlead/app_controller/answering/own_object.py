"""The Application itself as an object of its application: clients run actions on it like on any other.

Invariant: it is read anew from the control plane, and written there under the fence of its cluster's owner.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.app_controller.answering.named import Found, Named
from fairlead.app_controller.answering.touch import told
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.bus import RemoteError
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.gate import Only
from fairlead.kube.head import decode_head
from fairlead.kube.live_object import live_object
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.rpc import ApplicationQuery


class OwnObject:
    """Finds it. `may_act` tells whether an application's cluster may be written for at this moment."""

    def __init__(self, client: KubeClient, named: Named, may_act: Callable[[Cluster], bool]) -> None:
        self._client = client
        self._named = named
        self._may_act = may_act

    @staticmethod
    def is_meant(query: ApplicationQuery) -> bool:
        """Whether a query names the application as its own object."""
        return (
            (query.group, query.kind) == (APPLICATIONS.group, APPLICATIONS.kind)
            and query.resource_name == query.name
            and query.resource_namespace in ("", query.namespace)
        )

    async def found(self, query: ApplicationQuery) -> Found:
        """The Application as it is now. Raises RemoteError."""
        record, cluster = self._named.place(query)
        raw = await told(self._client.find(APPLICATIONS, query.name, query.namespace))
        if raw is None:
            raise RemoteError("NotFound", f"application {query.namespace}/{query.name} is gone")
        return Found(
            record=record,
            cluster=cluster,
            live=live_object(APPLICATIONS, decode_head(raw), raw, lambda _: None),
            resource=APPLICATIONS,
            writer=ClusterWriter(
                self._client.guarded(),
                fence=lambda: self._may_act(cluster),
                gate=Only(APPLICATIONS, namespace=query.namespace, name=query.name),
            ),
        )
