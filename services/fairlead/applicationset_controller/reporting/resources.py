"""The Applications that a set's status lists (contract 4).

Invariant: the count is that of all; the list is cut at a stated length.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.applicationset_controller.following.child import Child
from fairlead.model.metadata import API_GROUP
from fairlead.model.status import HealthStatus, ResourceStatus, SyncCode

VERSION = "v1alpha1"
_CODES = {code.value: code for code in SyncCode}


def resources(children: Iterable[Child], most: int) -> tuple[tuple[ResourceStatus, ...], int]:
    """The first `most` by name, and how many there are; zero is no bound."""
    found = sorted(children, key=lambda child: child.name)
    return tuple(map(_listed, found[:most] if most > 0 else found)), len(found)


def _listed(child: Child) -> ResourceStatus:
    health = child.status.health
    return ResourceStatus(
        group=API_GROUP,
        version=VERSION,
        kind="Application",
        namespace=child.namespace,
        name=child.name,
        status=_CODES.get(child.status.sync.status, SyncCode.UNKNOWN),
        health=health if health != HealthStatus() else None,
    )
