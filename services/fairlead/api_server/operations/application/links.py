"""Links of an application and of its objects, as administrators configured them.

The invariant: conditions and templates are evaluated by the controller, and see no value of a Secret.
"""

from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application import lookup, one, wish
from fairlead.api_server.operations.application.requests import LinksQuery, ResourceQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.rpc import resource
from fairlead.rpc.controller import ApplicationQuery


async def of_application(backend: Backend, caller: Caller, query: LinksQuery) -> dict[str, Any]:
    """LinksResponse of an application."""
    document = lookup.find(backend, caller, query.name, namespace=query.namespace, project=query.project)
    question = ApplicationQuery(namespace=document.namespace, name=document.name)
    return await _links(backend, document, question)


async def of_resource(backend: Backend, caller: Caller, query: ResourceQuery) -> dict[str, Any]:
    """LinksResponse of one object of an application."""
    document = one.find(backend, caller, query)
    try:
        return await _links(backend, document, one.question(document, query))
    except RefusalError as error:
        raise one.not_part(query, document, error) from error


async def _links(
    backend: Backend, document: ApplicationDocument, question: ApplicationQuery
) -> dict[str, Any]:
    asked = resource.LinksQuery(
        **msgspec.structs.asdict(question), document=backend.moved.shown(document).json
    )
    found = await backend.ask.act(await wish.shard(backend, document), resource.LINKS, asked, resource.Links)
    return {"items": found.items}
