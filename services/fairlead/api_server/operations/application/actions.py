"""Actions on one live object of an application: which there are, and carrying one out.

The invariant: an action needs a right of its own, named by kind and action; the controller carries it out.
"""

from typing import Any

import msgspec

from fairlead.api_server.operations.application import one, wish
from fairlead.api_server.operations.application.requests import (
    ResourceQuery,
    RunActionRequest,
    RunActionRequestV2,
)
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc.resource import ACTIONS, RUN, Actions, Done, RunAction

MAX_PARAMETERS = 64
"""Values of one action."""


async def list_all(backend: Backend, caller: Caller, query: ResourceQuery) -> dict[str, Any]:
    """ResourceActionsListResponse: what can be done to an object, by name."""
    document = one.find(backend, caller, query)
    shard = await wish.shard(backend, document)
    try:
        found = await backend.ask.act(shard, ACTIONS, one.question(document, query), Actions)
    except RefusalError as error:
        raise one.not_part(query, document, error) from error
    return {"actions": found.items} if found.items else {}


async def run(backend: Backend, caller: Caller, request: RunActionRequest) -> dict[str, Any]:
    """ApplicationResponse, which is empty, once the action was carried out."""
    return await _run(backend, caller, request, {})


async def run_v2(backend: Backend, caller: Caller, request: RunActionRequestV2) -> dict[str, Any]:
    """The same, with values for what the action asks for."""
    if len(request.resource_action_parameters) > MAX_PARAMETERS:
        raise RefusalError(Code.INVALID_ARGUMENT, f"there are more than {MAX_PARAMETERS} parameters")
    parameters = {item.name: item.value for item in request.resource_action_parameters}
    return await _run(backend, caller, request, parameters)


async def _run(
    backend: Backend, caller: Caller, request: RunActionRequest, parameters: dict[str, str]
) -> dict[str, Any]:
    document = one.find(backend, caller, request)
    one.require(caller, f"action/{request.group}/{request.kind}/{request.action}", document)
    question = RunAction(
        **msgspec.structs.asdict(one.question(document, request)),
        action=request.action,
        parameters=parameters,
    )
    try:
        await backend.ask.act(await wish.shard(backend, document), RUN, question, Done)
    except RefusalError as error:
        raise one.not_part(request, document, error) from error
    one.record(
        backend,
        caller,
        document,
        request,
        reason="ResourceActionRan",
        did=f"ran action {request.action} on resource",
    )
    return {}
