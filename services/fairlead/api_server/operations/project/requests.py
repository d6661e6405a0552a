"""What can be asked about projects, as contract 14 names it."""

from typing import Any

import msgspec


class ProjectQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Names a project; "" in a list means all."""

    name: str = ""


class ProjectCreate(msgspec.Struct, frozen=True, kw_only=True):
    """A project to make; with `upsert` one that is there is changed."""

    project: dict[str, Any] = {}
    upsert: bool = False


class ProjectUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A project as it is to be. Its resourceVersion, if it has one, must still be the newest, and so must
    that of HTTP's header `If-Match`."""

    project: dict[str, Any] = {}
    if_match: str = msgspec.field(name="ifMatch", default="")
