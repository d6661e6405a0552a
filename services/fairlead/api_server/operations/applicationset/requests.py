"""What can be asked about ApplicationSets, named as on the wire; namespaces are spelled in two ways there."""

from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A request, spelled in camelCase."""


class SetRef(Request, frozen=True, kw_only=True):
    """Names one set."""

    name: str = ""
    appset_namespace: str = ""


class SetQuery(Request, frozen=True, kw_only=True):
    """Which sets; empty fields do not narrow."""

    projects: tuple[str, ...] = ()
    selector: str = ""
    appset_namespace: str = ""


class SetWatch(Request, frozen=True, kw_only=True):
    """Which sets to follow, and since which version."""

    name: str = ""
    projects: tuple[str, ...] = ()
    selector: str = ""
    app_set_namespace: str = ""
    resource_version: str = ""


class CreateSet(Request, frozen=True, kw_only=True):
    """A new set; `applicationset` is the object as it was sent."""

    applicationset: dict[str, Any] = {}
    upsert: bool = False
    dry_run: bool = False


class GenerateSet(Request, frozen=True, kw_only=True):
    """A set whose Applications are asked for, without making anything."""

    application_set: dict[str, Any] = {}
