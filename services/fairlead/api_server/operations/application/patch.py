"""Patching an application.

The invariant: a patch is made on the object as it is when it is written, so what others write meanwhile
stays; a spec that is another than the one that was checked is checked anew.
"""

from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.operations.application import change, lookup, write
from fairlead.api_server.operations.application.amend import ATTEMPTS
from fairlead.api_server.operations.application.requests import PatchRequest
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.model.application import Application, ApplicationSpec

_KINDS = {"": change.json_patch, "json": change.json_patch, "merge": change.merge_patch}


async def patch(backend: Backend, caller: Caller, request: PatchRequest) -> msgspec.Raw:
    """Patch spec, labels, annotations or finalizers."""
    document = lookup.find_for(
        backend, caller, "update", request.name, namespace=request.app_namespace, project=request.project
    )
    for _ in range(ATTEMPTS):
        app = _patched(backend, document, msgspec.json.decode(document.json), request)
        validate = not _is_policy_alone(lookup.application(document), app)
        await write.require_change(backend, caller, document, app, validate=validate)
        repatch = _Repatch(backend, document, request, app.spec)
        try:
            written = await write.write(backend, caller, document, repatch, version=request.if_match)
        except _OtherSpecError as found:
            document = read_application(found.raw, control=backend.namespace)
            continue
        return msgspec.Raw(written.json)
    raise RefusalError(Code.ABORTED, f"application {request.name} is being changed by others; try again")


class _OtherSpecError(Exception):
    """A patch leads to another spec than the one that was checked: somebody else changed this object."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self.raw = raw


class _Repatch:
    """Patches the newest object, as long as that leads to the spec that was checked."""

    def __init__(
        self, backend: Backend, document: ApplicationDocument, request: PatchRequest, checked: ApplicationSpec
    ) -> None:
        self._backend = backend
        self._document = document
        self._request = request
        self._checked = checked

    def __call__(self, obj: dict[str, Any]) -> None:
        app = _patched(self._backend, self._document, obj, self._request)
        if app.spec != self._checked:
            raise _OtherSpecError(msgspec.json.encode(obj))
        write.replace(app, obj)


def _patched(
    backend: Backend, document: ApplicationDocument, obj: dict[str, Any], request: PatchRequest
) -> Application:
    if request.patch_type not in _KINDS:
        text = f"Patch type '{request.patch_type}' is not supported"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    try:
        patched = _KINDS[request.patch_type](obj, request.patch)
    except change.PatchError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"error applying patch: {error}") from None
    if not isinstance(patched, dict):
        raise RefusalError(Code.INVALID_ARGUMENT, "error applying patch: it leaves no object")
    app = write.read_application(backend, patched)
    if (app.metadata.name, app.metadata.namespace) != (document.name, document.namespace):
        raise RefusalError(Code.INVALID_ARGUMENT, "an application cannot be renamed")
    return app


def _is_policy_alone(before: Application, after: Application) -> bool:
    """Whether nothing of the spec changes but how it is synced.

    Whoever pauses auto-sync in an incident is not kept from it by a repository that cannot be reached.
    """
    spec = msgspec.structs.replace(after.spec, sync_policy=before.spec.sync_policy)
    return spec.normalized() == before.spec.normalized()
