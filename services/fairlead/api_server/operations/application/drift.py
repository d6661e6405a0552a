"""What was changed of an application outside Git, and what became of it.

The invariant: it is told to who may see the application; values of Secrets were masked before they came here.
"""

from typing import Annotated

import msgspec

from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.model.drift import DriftEntry
from fairlead.rpc.controller import ApplicationQuery


class DriftQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which application, and which of its objects; empty fields do not narrow."""

    application: Annotated[str, msgspec.Meta(description="the name of the application")]
    app_namespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""
    project: Annotated[str, msgspec.Meta(description="its project")] = ""
    kind: Annotated[str, msgspec.Meta(description="the kind of an object")] = ""
    name: Annotated[str, msgspec.Meta(description="the name of an object")] = ""
    standing: Annotated[bool, msgspec.Meta(description="only changes that still stand")] = False


class DriftAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The changes, oldest first. Of what was before `since` nothing need be known; `problem` says what of the
    journal cannot be read now."""

    since: str
    items: tuple[DriftEntry, ...]
    problem: str = ""


async def drift(backend: Backend, caller: Caller, query: DriftQuery) -> msgspec.Struct:
    """DriftAnswer."""
    document = lookup.find(
        backend, caller, query.application, namespace=query.app_namespace, project=query.project
    )
    question = ApplicationQuery(namespace=document.namespace, name=document.name)
    found = await backend.ask.drift(await wish.shard(backend, document), question)
    items = (
        entry
        for entry in found.entries
        if query.kind in ("", entry.kind)
        and query.name in ("", entry.name)
        and not (query.standing and entry.end)
    )
    return DriftAnswer(since=found.since, items=tuple(items), problem=found.problem)
