"""The schema of a kind, for whoever edits an object of an application.

The invariant: it is told to who may see the application, of the cluster that the application goes to.
"""

from typing import Annotated, Any

import msgspec

from fairlead.api_server.encoded import Tagged
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc.controller import ApplicationQuery


class SchemaQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which application, and which kind of its cluster."""

    application: Annotated[str, msgspec.Meta(description="the name of the application")]
    app_namespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""
    project: Annotated[str, msgspec.Meta(description="its project")] = ""
    group: Annotated[str, msgspec.Meta(description="the API group of the kind")] = ""
    version: Annotated[str, msgspec.Meta(description="the version of the group")] = ""
    kind: Annotated[str, msgspec.Meta(description="the kind")] = ""


class SchemaAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The schema as the cluster has it in its OpenAPI, references leading to `definitions`."""

    schema: dict[str, Any]
    definitions: dict[str, Any]


async def schema(backend: Backend, caller: Caller, query: SchemaQuery) -> Tagged:
    """SchemaAnswer."""
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
