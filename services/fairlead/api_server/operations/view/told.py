"""What the stream of one application says."""

from typing import Annotated, Any, Literal

import msgspec

from fairlead.rpc import ResourceRef
from fairlead.rpc.waiting import NOTHING_AWAITED, Outlook


def _said(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


def _like(name: str) -> msgspec.Meta:
    """What OpenAPI has a definition of already."""
    return msgspec.Meta(extra_json_schema={"$ref": f"#/definitions/{name}"})


class ViewQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which application."""

    name: Annotated[str, _said("the name of the application")]
    namespace: Annotated[str, _said("the namespace that it is in")] = ""
    project: Annotated[str, _said("its project")] = ""
    last_event_id: Annotated[str, _said("the header Last-Event-ID, for clients that cannot send it")] = ""


class NodeHealth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The health of an object, and why."""

    status: str = ""
    message: str = ""


NO_HEALTH = NodeHealth()


class NodeFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is said of an object beside its name."""

    name: str = ""
    value: str = ""


class ViewNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A node of ApplicationTree, and what its application's status says of it: `managed` ones are there by
    Git; `sync` is empty for what is not compared. `key` is `group/Kind/namespace/name`."""

    key: str
    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    parent_refs: tuple[ResourceRef, ...] = ()
    info: tuple[NodeFact, ...] = ()
    networking_info: Annotated[dict[str, Any], _like("v1alpha1ResourceNetworkingInfo")] = {}
    resource_version: str = ""
    images: tuple[str, ...] = ()
    health: NodeHealth = NO_HEALTH
    created_at: str = ""
    managed: bool = False
    sync: str = ""
    sync_wave: int = 0
    hook: bool = False
    requires_pruning: bool = False
    requires_deletion_confirmation: bool = False


class ViewEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`APPLICATION`: the whole of it. `TREE`: a `whole` one replaces everything; of any other first drop the
    nodes whose keys are `removed`, then take `nodes` by key. `orphans` and `hosts` are told whole, and left
    out while they are as before. `problem` says why the tree may not be as it is now; a TREE without one says
    that it is. `WAITING`: what the application waits for and what a person is asked, all of it, before each
    `whole` TREE and when it is another. `EVENT`: a public event about the application, or a commit of its
    repositories. `DELETED`: it is gone; another of its name is told as an APPLICATION."""

    type: Literal["APPLICATION", "TREE", "WAITING", "EVENT", "DELETED"]
    application: Annotated[dict[str, Any], _like("v1alpha1Application")] = {}
    whole: bool = False
    nodes: tuple[ViewNode, ...] = ()
    removed: tuple[str, ...] = ()
    orphans: tuple[ViewNode, ...] = ()
    hosts: tuple[Annotated[dict[str, Any], _like("v1alpha1HostInfo")], ...] = ()
    problem: str = ""
    outlook: Outlook = NOTHING_AWAITED
    event: Annotated[dict[str, Any], _like("CloudEvent")] = {}
