"""What an app-controller answers: subjects `rpc.controller.<shard>.<verb>`."""

import msgspec

from fairlead.events.envelope import Event
from fairlead.rpc.waiting import NOTHING_AWAITED, Outlook

TREE = "resource-tree"
AWAIT_TREE = "await-tree"
MANAGED = "managed-resources"
LIVE = "live-resource"
TIMEOUT = 10.0
AWAIT_SETTLE = 0.1
AWAIT_SECONDS = 20.0
"""How long a controller waits for another tree before it answers that there is none."""


class ApplicationQuery(Event, frozen=True, kw_only=True):
    """Names an application; the rest narrows the answer to matching resources ("" = any)."""

    namespace: str
    name: str
    resource_namespace: str = ""
    resource_name: str = ""
    group: str = ""
    kind: str = ""
    version: str = ""


class TreeQuery(ApplicationQuery, frozen=True, kw_only=True):
    """Asks for the tree; a `brief` one has the nodes' health and nothing else that costs."""

    brief: bool = False


class AwaitTree(ApplicationQuery, frozen=True, kw_only=True):
    """Asks for the tree as soon as it is another than the one whose digest was `seen`; changes within
    `settle` seconds are one."""

    seen: str = ""
    seconds: float = AWAIT_SECONDS
    settle: float = AWAIT_SETTLE


class ResourceRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One object of a cluster, as the API writes it."""

    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class ResourceNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A node of the resource tree (contract 14, ApplicationTree)."""

    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    parent_refs: tuple[ResourceRef, ...] = ()
    info: tuple[dict[str, str], ...] = ()
    networking_info: dict[str, object] | None = None
    resource_version: str = ""
    images: tuple[str, ...] = ()
    health: dict[str, str] | None = None
    created_at: str | None = None


class ResourceTree(Event, frozen=True, kw_only=True):
    """The managed objects of an application with everything that descends from them.

    `outlook` is what the application waits for meanwhile. `is_same` when there is no other than the one that
    was seen: then nothing else is told.
    """

    nodes: tuple[ResourceNode, ...] = ()
    orphaned_nodes: tuple[ResourceNode, ...] = ()
    hosts: tuple[dict[str, object], ...] = ()
    outlook: Outlook = NOTHING_AWAITED
    digest: str = ""
    is_same: bool = False


class ManagedResource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One managed object (contract 14, ResourceDiff). States are JSON texts, "null" when absent.

    Secrets are masked before they leave the controller.
    """

    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    target_state: str = "null"
    live_state: str = "null"
    normalized_live_state: str = "null"
    predicted_live_state: str = "null"
    resource_version: str = ""
    modified: bool = False
    hook: bool = False


class ManagedResources(Event, frozen=True, kw_only=True):
    """All managed objects of an application that match the query."""

    items: tuple[ManagedResource, ...] = ()


class LiveResource(Event, frozen=True, kw_only=True):
    """The JSON of one live object, masked when it is a Secret."""

    manifest: str
