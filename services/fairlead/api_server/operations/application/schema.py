"""The schema of a kind, for whoever edits an object of an application, or an object of ours.

The invariant: that of a cluster is told to who may see an application that goes there; that of our own kinds,
which everybody can read in our manifests, to everybody who is logged in.
"""

import hashlib
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from fairlead.api_server.encoded import Tagged
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.model.editable import editable_schema
from fairlead.model.metadata import API_GROUP
from fairlead.rpc.controller import ApplicationQuery


class SchemaQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which kind: one of ours, or, with an application, one of its cluster."""

    application: Annotated[
        str, msgspec.Meta(description="the name of the application; none for a kind of ours")
    ] = ""
    app_namespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""
    project: Annotated[str, msgspec.Meta(description="its project")] = ""
    group: Annotated[str, msgspec.Meta(description="the API group of the kind")] = ""
    version: Annotated[str, msgspec.Meta(description="the version of the group")] = ""
    kind: Annotated[str, msgspec.Meta(description="the kind")] = ""


class SchemaAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The schema as the cluster has it in its OpenAPI, references leading to `definitions`. That of a kind of
    ours is what people write of it, and has none."""

    schema: dict[str, Any]
    definitions: dict[str, Any]


async def schema(backend: Backend, caller: Caller, query: SchemaQuery) -> Tagged:
    """SchemaAnswer."""
    if not query.application:
        return _own(query)
    document = lookup.find(
        backend, caller, query.application, namespace=query.app_namespace, project=query.project
    )
    if not query.kind or not query.version:
        raise RefusalError(Code.INVALID_ARGUMENT, "kind and version have to be named")
    question = ApplicationQuery(
        namespace=document.namespace,
        name=document.name,
        group=query.group,
        version=query.version,
        kind=query.kind,
    )
    found = await backend.ask.schema(await wish.shard(backend, document), question)
    return Tagged(found.document, found.tag)


def _own(query: SchemaQuery) -> Tagged:
    found = _of_ours(query.kind) if query.group == API_GROUP else None
    if found is None:
        text = "application has to be named, whose cluster has the kind; without one there are only ours"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    return found


@lru_cache(maxsize=8)
def _of_ours(kind: str) -> Tagged | None:
    schema = editable_schema(kind)
    if schema is None:
        return None
    document = msgspec.json.encode({"schema": schema, "definitions": {}})
    return Tagged(document, hashlib.sha256(document).hexdigest()[:32])
