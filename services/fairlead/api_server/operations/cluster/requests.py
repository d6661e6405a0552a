"""What can be asked about clusters, as contract 14 names it."""

from typing import Any
from urllib.parse import unquote

import msgspec

BY_NAME = ("name", "name_escaped")
ESCAPED = "_escaped"


class ClusterId(msgspec.Struct, frozen=True, kw_only=True):
    """`value` is the server, or the name where `type` says so; either may be escaped once more."""

    type: str = ""
    value: str = ""

    @property
    def called(self) -> str:
        """The value without its own escapes."""
        return unquote(self.value) if self.type.endswith(ESCAPED) else self.value


class ClusterQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Names a cluster by server, by name, or by an id."""

    server: str = ""
    name: str = ""
    id: ClusterId = ClusterId()

    @property
    def wanted(self) -> tuple[str, str]:
        """Server and name, "" where none was said."""
        by_name = self.id.type in BY_NAME
        server = self.server or ("" if by_name else self.id.called)
        return server.rstrip("/"), self.name or (self.id.called if by_name else "")


class ClusterCreate(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster to register; with `upsert` one that is registered is changed."""

    cluster: dict[str, Any] = {}
    upsert: bool = False

    def __repr__(self) -> str:
        return "ClusterCreate(…)"


class ClusterUpdate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster as it is to be; `updated_fields` says which of its fields count, none of them all."""

    cluster: dict[str, Any] = {}
    updated_fields: tuple[str, ...] = ()
    id: ClusterId = ClusterId()

    def __repr__(self) -> str:
        return "ClusterUpdate(…)"
