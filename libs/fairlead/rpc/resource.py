"""What an app-controller does to one live object of an application, for somebody who may have it done.

The api-server has authorised the caller before it asks; the controller makes sure that the object is part of
the application, and writes under its cluster's fence.
"""

import msgspec

from fairlead.events.envelope import Event
from fairlead.rpc.controller import ApplicationQuery

PATCH = "patch-resource"
TRY = "try-resource-patch"
"""A verb of its own: a controller that does not know it answers nothing, where it would overlook a field and
write."""
DELETE = "delete-resource"
EVENTS = "resource-events"
ACTIONS = "resource-actions"
RUN = "run-resource-action"
LINKS = "links"
PREDICT = "predict"
TIMEOUT = 40.0
"""Seconds; a write to a cluster may take 35."""

MAX_PATCH = 3 << 20
"""Bytes of a patch; the API server takes no more."""


class PatchResource(ApplicationQuery, frozen=True, kw_only=True):
    """Patch one live object; `patch_type` is the media type. Answered by LiveResource.

    With the verb TRY the API server says what would become of it, and nothing is written.
    """

    patch: str = ""
    patch_type: str = ""


class DeleteResource(ApplicationQuery, frozen=True, kw_only=True):
    """Delete one live object: at once with `force`, leaving what it owns with `orphan`."""

    force: bool = False
    orphan: bool = False


class Done(Event, frozen=True, kw_only=True):
    """It was done to the object of this uid and version; `server` is its cluster."""

    uid: str = ""
    resource_version: str = ""
    server: str = ""


class ResourceEvents(Event, frozen=True, kw_only=True):
    """Kubernetes Events as JSON, the newest last."""

    items: tuple[bytes, ...] = ()


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Something that can be done to an object (contract 14)."""

    name: str
    params: tuple[dict[str, str], ...] = ()
    disabled: bool = False
    icon_class: str = ""
    display_name: str = ""


class Actions(Event, frozen=True, kw_only=True):
    """What can be done to one object, by name."""

    items: tuple[Action, ...] = ()


class RunAction(ApplicationQuery, frozen=True, kw_only=True):
    """Carry out one of them. Answered by Done."""

    action: str = ""
    parameters: dict[str, str] = msgspec.field(default_factory=dict)


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One address to open (contract 14)."""

    title: str = ""
    url: str = ""
    description: str = ""
    icon_class: str = ""


class LinksQuery(ApplicationQuery, frozen=True, kw_only=True):
    """The links of an application, of one of its objects when one is named, or of a project alone.

    `document` is the application or the project as JSON; `project` is the project's.
    """

    document: bytes = b""
    project: bytes = b""


class Links(Event, frozen=True, kw_only=True):
    """Links whose conditions hold."""

    items: tuple[Link, ...] = ()


class Predict(ApplicationQuery, frozen=True, kw_only=True):
    """What applying these manifests (JSON) would make of the application's live objects. Answered by
    ManagedResources."""

    manifests: tuple[str, ...] = ()
