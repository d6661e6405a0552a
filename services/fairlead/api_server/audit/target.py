"""What a change is about, by names alone.

Invariant: a target has no field that could hold a secret, and an address in it has lost its password.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.matching.repository import without_password

ACCOUNT = "Account"
LONGEST = 256
"""Characters of a name that are kept; clients may send anything."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One object, and for one live object of an application that too; `details` say how it was to be."""

    kind: str
    name: str = ""
    namespace: str = ""
    project: str = ""
    resource: str = ""
    """`group/Kind/namespace/name` of a live object."""
    details: Mapping[str, str] = {}

    @property
    def called(self) -> str:
        """`Kind/namespace/name`, without what is empty."""
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))


def of(
    kind: str, name: object = "", *, namespace: object = "", project: object = "", **details: object
) -> Target:
    """A target; details that say nothing are left out."""
    said = {key: text(value) for key, value in details.items() if value not in ("", False, None, 0, ())}
    return Target(kind=kind, name=text(name), namespace=text(namespace), project=text(project), details=said)


def of_url(kind: str, url: object, *, project: object = "", **details: object) -> Target:
    """A repository, or what is declared for its address."""
    shown = without_password(url) if isinstance(url, str) else ""
    return of(kind, shown, project=project, **details)


def of_object(kind: str, found: object, *, project: object = "", **details: object) -> Target:
    """An object as it was sent."""
    body = found if isinstance(found, dict) else {}
    metadata = inner(body, "metadata")
    wanted = project or inner(body, "spec").get("project", "")
    return of(kind, metadata.get("name"), namespace=metadata.get("namespace"), project=wanted, **details)


def inner(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A map within a map that a client sent, {} when it is none."""
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """A name as it may be shown."""
    if isinstance(value, tuple | list):
        return ",".join(text(item) for item in value[:10])[:LONGEST]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:LONGEST] if isinstance(value, str | int) else ""
