"""Which live objects of an application a command is for: flags, and the objects they mean."""

from collections.abc import Sequence

import msgspec

from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.command import Flag, Values, switch, text
from fairlead.cli.errors import DeclinedError


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One object, and its API version."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    def query(self) -> dict[str, str]:
        """The object as requests name it."""
        return {
            "namespace": self.namespace,
            "resourceName": self.name,
            "version": self.version,
            "group": self.group,
            "kind": self.kind,
        }


def choice(*, is_kind_needed: bool = True) -> tuple[Flag, ...]:
    """The flags."""
    needed = "" if is_kind_needed else " All kinds otherwise."
    return (
        text("kind", f"Kind of the object.{needed}"),
        text("group", "API group of the object."),
        text("namespace", "Namespace of the object."),
        text("resource-name", "Name of the object."),
        switch("all", "All objects that match, when there are several."),
    )


def live_objects(client: Client, app: AppRef, project: str = "") -> list[tuple[Named, Document]]:
    """The live objects that the application manages."""
    found = []
    for item in client.applications.managed(app, project=project):
        live = msgspec.json.decode(item.get("liveState") or "null")
        if isinstance(live, dict):
            found.append((named_of(live), live))
    return found


def named_of(obj: Document) -> Named:
    """Which object a manifest is."""
    group, _, version = str(obj.get("apiVersion") or "").rpartition("/")
    metadata = obj.get("metadata") or {}
    return Named(
        group=group,
        version=version,
        kind=str(obj.get("kind") or ""),
        namespace=str(metadata.get("namespace") or ""),
        name=str(metadata.get("name") or ""),
    )


def chosen(found: Sequence[Named], values: Values, *, is_all: bool) -> list[Named]:
    """The objects that the flags mean. Raises DeclinedError for none, and for several without `--all`."""
    wanted = {
        "group": values.text("group"),
        "kind": values.text("kind"),
        "namespace": values.text("namespace"),
        "name": values.text("resource-name"),
    }
    matching = [
        each
        for each in found
        if all(not value or getattr(each, key) == value for key, value in wanted.items())
    ]
    if not matching:
        raise DeclinedError("No matching resource found")
    if len(matching) > 1 and not is_all:
        raise DeclinedError(
            "Multiple resources match inputs. Use the --all flag to perform the action on all of them"
        )
    return matching
