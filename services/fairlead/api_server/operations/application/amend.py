"""Changing an application in Kubernetes: read, change, write, and again when somebody was faster.

The invariant: a change is made to the newest object, by somebody who may change that one, and written with
its resourceVersion, so nobody's write is lost; what was written is seen by this server's next read.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.errors import ConflictError
from fairlead.model.application import DEFAULT_PROJECT

ATTEMPTS = 10


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody was found to be allowed: some actions on one object. It is asked again for the object as
    it is when it is written, which may have moved to another project or be another one of the same name."""

    caller: Caller
    actions: tuple[str, ...]
    document: ApplicationDocument

    def require(self, uid: str, project: str) -> None:
        """Raises PERMISSION_DENIED unless it holds for an object of this uid in this project."""
        for action in self.actions:
            obj = lookup.object_of(self.document, project)
            authorize.require(self.caller, "applications", action, obj)
        if uid != self.document.uid:
            text = f"application {self.document.name} was deleted and made anew; look at it again"
            raise RefusalError(Code.ABORTED, text)


async def amend(
    backend: Backend, permit: Permit, change: Callable[[dict[str, Any]], None], *, version: str = ""
) -> ApplicationDocument:
    """Apply `change` to the newest object, or to that of a resourceVersion alone, and write it; what was
    written.

    `change` raises RefusalError to leave it as it is. Raises KubeError; RefusalError after ATTEMPTS races, or
    when the permit does not hold for the newest object, or when it is of another version than the given.
    """
    name, namespace = permit.document.name, permit.document.namespace
    for _ in range(ATTEMPTS):
        obj = msgspec.json.decode(await backend.kube.get(APPLICATIONS, name, namespace))
        permit.require(obj["metadata"]["uid"], (obj.get("spec") or {}).get("project") or DEFAULT_PROJECT)
        require_version(f"application {name}", version, obj["metadata"]["resourceVersion"])
        change(obj)
        try:
            raw = await backend.kube.update(APPLICATIONS, name, obj, namespace)
        except ConflictError:
            continue
        return await seen(backend, raw)
    raise RefusalError(Code.ABORTED, f"application {name} is being changed by others; try again")


def require_version(what: str, wanted: str, found: str) -> None:
    """Raises ABORTED when something is no longer of the resourceVersion that a change was meant for."""
    if wanted and wanted != found:
        text = (
            f"{what} was changed meanwhile: it is at resourceVersion {found}, not {wanted}; look at it again"
        )
        raise RefusalError(Code.ABORTED, text)


async def remove(backend: Backend, permit: Permit) -> None:
    """Delete the very object that was permitted. Raises KubeError, RefusalError."""
    name, namespace = permit.document.name, permit.document.namespace
    for _ in range(ATTEMPTS):
        found = read_application(await backend.kube.get(APPLICATIONS, name, namespace))
        permit.require(found.uid, found.project)
        exactly = {"uid": found.uid, "resourceVersion": found.resource_version}
        try:
            await backend.kube.delete(APPLICATIONS, name, namespace, options={"preconditions": exactly})
        except ConflictError:
            continue
        return
    raise RefusalError(Code.ABORTED, f"application {name} is being changed by others; try again")


async def seen(backend: Backend, raw: bytes) -> ApplicationDocument:
    """The document of a write's answer, once the mirror shows it or two seconds have passed."""
    document = read_application(raw, control=backend.namespace)
    await backend.mirrors.applications.until(
        lambda: _shown(backend, document.key) >= int(document.resource_version), seconds=CATCH_UP
    )
    return document


def _shown(backend: Backend, key: str) -> int:
    found = backend.mirrors.applications.get(key)
    return int(found.resource_version) if found is not None else -1
