"""What the API server of a cluster says applying manifests would change (`app diff --server-side-generate`).

The invariant: the live objects are the controller's own, never those that a client sends along.
"""

from typing import Any

from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.application.requests import DiffQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc import ManagedResources
from fairlead.rpc.resource import PREDICT, Predict

MAX_BYTES = 6 << 20
"""Bytes of all manifests, which travel in one message."""


async def server_side(backend: Backend, caller: Caller, query: DiffQuery) -> dict[str, Any]:
    """ApplicationServerSideDiffResponse: live and predicted state of each manifest's object."""
    document = lookup.find(
        backend, caller, query.app_name, namespace=query.app_namespace, project=query.project
    )
    if sum(len(text.encode()) for text in query.target_manifests) > MAX_BYTES:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the manifests are larger than {MAX_BYTES >> 20} MiB")
    question = Predict(namespace=document.namespace, name=document.name, manifests=query.target_manifests)
    found = await backend.ask.act(await wish.shard(backend, document), PREDICT, question, ManagedResources)
    shown: dict[str, Any] = {"modified": any(item.modified for item in found.items)}
    return {"items": found.items, **shown} if found.items else shown
