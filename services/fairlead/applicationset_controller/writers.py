"""Who writes for a set: nothing leaves unless the Lease says that the set is ours at that moment.

Invariant: for one set only Applications of its namespace, and the set itself, can be written.
"""

from __future__ import annotations

from typing import Final, Protocol

from fairlead.kube.collection import APPLICATION_SETS, APPLICATIONS, Name
from fairlead.kube.events import EVENTS
from fairlead.kube.gate import Only
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter

MANAGER: Final = "applicationset-controller"
"""The field manager of what is written."""


class Owned(Protocol):
    """Which sets are this replica's, and whether it may write at this moment."""

    @property
    def is_valid(self) -> bool: ...

    def owns(self, key: str) -> bool: ...

    def may_act(self, key: str) -> bool: ...


def lease_key(key: Name) -> str:
    """What a set is shared out by."""
    return "/".join(key)


class Writers:
    """Makes the writers of sets."""

    def __init__(self, client: KubeClient, owned: Owned) -> None:
        self._client = client
        self._owned = owned

    def applications(self, key: Name) -> ClusterWriter:
        """For the Applications of a set."""
        return ClusterWriter(
            self._client,
            fence=lambda: self._owned.may_act(lease_key(key)),
            gate=Only(APPLICATIONS, namespace=key[0]),
            field_manager=MANAGER,
        )

    def sets(self, key: Name) -> ClusterWriter:
        """For the set itself."""
        return ClusterWriter(
            self._client,
            fence=lambda: self._owned.may_act(lease_key(key)),
            gate=Only(APPLICATION_SETS, namespace=key[0], name=key[1]),
            field_manager=MANAGER,
        )

    def events(self) -> ClusterWriter:
        """For Events about sets."""
        return ClusterWriter(
            self._client, fence=lambda: self._owned.is_valid, gate=Only(EVENTS), field_manager=MANAGER
        )
