"""Kubernetes Events about one object of an application, from the cluster it is in."""

from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument, cleaned
from fairlead.api_server.operations.application import wish
from fairlead.api_server.operations.application.requests import EventsQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc import controller
from fairlead.rpc.resource import EVENTS, ResourceEvents


async def resource(backend: Backend, document: ApplicationDocument, query: EventsQuery) -> dict[str, Any]:
    """EventList of the object of the tree that has this name, and this uid where one is given."""
    shard = await wish.shard(backend, document)
    question = controller.ApplicationQuery(namespace=document.namespace, name=document.name)
    tree = await backend.ask.tree(shard, question)
    node = next((node for node in (*tree.nodes, *tree.orphaned_nodes) if _is_meant(node, query)), None)
    if node is None:
        raise _not_part(document, query)
    question = msgspec.structs.replace(
        question, group=node.group, kind=node.kind, resource_namespace=node.namespace, resource_name=node.name
    )
    try:
        found = await backend.ask.act(shard, EVENTS, question, ResourceEvents)
    except RefusalError as error:
        raise _not_part(document, query) if error.code is Code.NOT_FOUND else error from error
    return {"metadata": {}, "items": [msgspec.Raw(cleaned(raw)) for raw in found.items]}


def _is_meant(node: controller.ResourceNode, query: EventsQuery) -> bool:
    return (
        query.resource_name in ("", node.name)
        and query.resource_namespace in ("", node.namespace)
        and query.resource_uid in ("", node.uid)
    )


def _not_part(document: ApplicationDocument, query: EventsQuery) -> RefusalError:
    text = f"{query.resource_name} not found as part of application {document.name}"
    return RefusalError(Code.INVALID_ARGUMENT, text)
