"""What a reflector tells, and how a line of a watch is read.

Invariant: an in-stream ERROR never passes for an event; it is raised as the error it carries.
"""

import msgspec

from fairlead.kube.depth import decoded
from fairlead.kube.errors import KubeError, ProtocolError, Status, error_of
from fairlead.kube.head import PARTIAL_KIND, Head, decode_head, with_type
from fairlead.kube.resource import Resource


class Added(msgspec.Struct, frozen=True, gc=False):
    """An object that a list holds or a watch reports as new. `raw` says its apiVersion and kind."""

    head: Head
    raw: bytes


class Modified(msgspec.Struct, frozen=True, gc=False):
    head: Head
    raw: bytes


class Deleted(msgspec.Struct, frozen=True, gc=False):
    """The object as it was last, with the resourceVersion of its deletion."""

    head: Head
    raw: bytes


class Relisting(msgspec.Struct, frozen=True):
    """A list begins; what it holds follows as `Added`.

    `reset`: the server's history went back (a restored backup), so older versions are to be believed.
    """

    reset: bool = False


class Synced(msgspec.Struct, frozen=True):
    """The list was read whole: what it did not hold was gone at `resource_version`."""

    resource_version: str


class Resumed(msgspec.Struct, frozen=True):
    """A watch is open again after failures; nothing was missed."""


class Lost(msgspec.Struct, frozen=True):
    """A list or watch failed, `failures` times in a row. `gap`: events were missed, a list must follow."""

    error: KubeError
    failures: int
    gap: bool


Event = Added | Modified | Deleted | Relisting | Synced | Resumed | Lost
ObjectEvent = Added | Modified | Deleted


class _Line(msgspec.Struct, frozen=True, gc=False):
    type: str
    object: msgspec.Raw


_LINE = msgspec.json.Decoder(_Line)
_EVENTS: dict[str, type[Added] | type[Modified] | type[Deleted]] = {
    "ADDED": Added,
    "MODIFIED": Modified,
    "DELETED": Deleted,
}


def read_line(line: bytes) -> tuple[str, ObjectEvent | None]:
    """The resourceVersion a line moves the watch to, and its event; bookmarks have none.

    Raises what an ERROR carries, and ProtocolError for anything that is no watch event.
    """
    try:
        parsed = decoded(_LINE, line)
    except msgspec.DecodeError:
        raise ProtocolError("the answer is not a watch event") from None
    if parsed.type == "ERROR":
        raise _error(parsed.object)
    head = decode_head(parsed.object)
    event = _EVENTS.get(parsed.type)
    if event is not None:
        return head.metadata.resource_version, event(head, bytes(parsed.object))
    if parsed.type == "BOOKMARK":
        return head.metadata.resource_version, None
    raise ProtocolError(f"unknown watch event {parsed.type[:32]!r}")


def read_item(item: msgspec.Raw, resource: Resource, *, is_partial: bool = False) -> Added:
    """One item of a list, made to say what it is; of a list of metadata it says that."""
    head, raw = decode_head(item), bytes(item)
    if is_partial:
        return Added(msgspec.structs.replace(head, kind=PARTIAL_KIND), raw)
    return Added(head, raw if head.kind else with_type(raw, resource.api_version, resource.kind))


def _error(raw: msgspec.Raw) -> KubeError:
    try:
        return error_of(msgspec.json.decode(raw, type=Status))
    except msgspec.DecodeError:
        return ProtocolError("a watch ended with an error that is no Status")
