"""Changing and deleting one live object of an application.

The invariant: the api-server reaches no cluster; the controller carries it out, and only for an object that
is part of the application.
"""

from typing import Annotated

import msgspec

from fairlead.api_server.operations.application import one, wish
from fairlead.api_server.operations.application.requests import DeleteResourceRequest, PatchResourceRequest
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc import LiveResource
from fairlead.rpc.resource import DELETE, MAX_PATCH, PATCH, TRY, DeleteResource, Done, PatchResource

PATCH_TYPES = frozenset(
    {
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    }
)


async def patch(backend: Backend, caller: Caller, request: PatchResourceRequest) -> dict[str, str]:
    """ApplicationResourceResponse: the object as the patch left it, masked."""
    answer = await _patched(backend, caller, request, PATCH)
    return {"manifest": answer.manifest}


async def _patched(
    backend: Backend, caller: Caller, request: PatchResourceRequest, verb: str
) -> LiveResource:
    document = one.find_for(backend, caller, "update", request)
    if request.patch_type not in PATCH_TYPES:
        raise RefusalError(Code.INVALID_ARGUMENT, f"Patch type '{request.patch_type}' is not supported")
    if len(request.patch.encode()) > MAX_PATCH:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the patch is larger than {MAX_PATCH >> 20} MiB")
    question = PatchResource(
        **msgspec.structs.asdict(one.question(document, request)),
        patch=request.patch,
        patch_type=request.patch_type,
    )
    try:
        answer = await backend.ask.act(await wish.shard(backend, document), verb, question, LiveResource)
    except RefusalError as error:
        raise one.not_part(request, document, error) from error
    if verb == PATCH:
        one.record(backend, caller, document, request, reason="ResourceUpdated", did="patched resource")
    return answer


class PatchPreview(PatchResourceRequest, frozen=True, kw_only=True):
    """A change of one live object, to be tried."""

    name: Annotated[str, msgspec.Meta(description="the name of the application")] = ""
    app_namespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""
    project: Annotated[str, msgspec.Meta(description="its project")] = ""
    namespace: Annotated[str, msgspec.Meta(description="the namespace of the object")] = ""
    resource_name: Annotated[str, msgspec.Meta(description="the name of the object")] = ""
    version: Annotated[str, msgspec.Meta(description="the version of its kind")] = ""
    group: Annotated[str, msgspec.Meta(description="the API group of its kind")] = ""
    kind: Annotated[str, msgspec.Meta(description="its kind")] = ""
    patch: Annotated[str, msgspec.Meta(description="the patch, as text")] = ""
    patch_type: Annotated[str, msgspec.Meta(description="the media type of the patch")] = ""


class PatchedResource(msgspec.Struct, frozen=True, kw_only=True):
    """What a patch would make of an object: its manifest as JSON, Secrets masked."""

    manifest: str


async def preview(backend: Backend, caller: Caller, request: PatchPreview) -> msgspec.Struct:
    """PatchedResource: what the cluster's API server says of the patch, of which nothing is written."""
    answer = await _patched(backend, caller, request, TRY)
    return PatchedResource(manifest=answer.manifest)


async def delete(backend: Backend, caller: Caller, request: DeleteResourceRequest) -> dict[str, str]:
    """ApplicationResponse, which is empty, once the deletion was accepted."""
    document = one.find_for(backend, caller, "delete", request)
    question = DeleteResource(
        **msgspec.structs.asdict(one.question(document, request)),
        force=request.force,
        orphan=request.orphan,
    )
    try:
        await backend.ask.act(await wish.shard(backend, document), DELETE, question, Done)
    except RefusalError as error:
        raise one.not_part(request, document, error) from error
    one.record(backend, caller, document, request, reason="ResourceDeleted", did="deleted resource")
    return {}
