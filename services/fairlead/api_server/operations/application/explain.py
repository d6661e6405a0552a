"""Why an application is not as Git says, field by field.

The invariant: it is told to who may see the application, and what its managed objects show of Secrets is
masked here as there.
"""

from typing import Annotated

import msgspec

from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.rpc.controller import ApplicationQuery
from fairlead.rpc.explained import ExplainedObject


class ExplainQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which application, and which of its objects; empty fields do not narrow."""

    application: Annotated[str, msgspec.Meta(description="the name of the application")]
    app_namespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""
    project: Annotated[str, msgspec.Meta(description="its project")] = ""
    group: Annotated[str, msgspec.Meta(description="the API group of an object")] = ""
    kind: Annotated[str, msgspec.Meta(description="the kind of an object")] = ""
    namespace: Annotated[str, msgspec.Meta(description="the namespace of an object")] = ""
    name: Annotated[str, msgspec.Meta(description="the name of an object")] = ""


class ExplainAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The objects that are not as Git says, and how many of them are not told."""

    items: tuple[ExplainedObject, ...]
    more: int = 0


async def explain(backend: Backend, caller: Caller, query: ExplainQuery) -> msgspec.Struct:
    """ExplainAnswer."""
    document = lookup.find(
        backend, caller, query.application, namespace=query.app_namespace, project=query.project
    )
    question = ApplicationQuery(
        namespace=document.namespace,
        name=document.name,
        group=query.group,
        kind=query.kind,
        resource_namespace=query.namespace,
        resource_name=query.name,
    )
    found = await backend.ask.explained(await wish.shard(backend, document), question)
    return ExplainAnswer(items=found.objects, more=found.more)
