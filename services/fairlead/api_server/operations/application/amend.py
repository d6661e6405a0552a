"""Changing an application in Kubernetes: read, change, write, and again when somebody was faster.

The invariant: a change is made to the newest object and written with its resourceVersion, so nobody's write
is lost; what was written is seen by this server's next read.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.errors import ConflictError

ATTEMPTS = 10


async def amend(backend: Backend, name: str, change: Callable[[dict[str, Any]], None]) -> ApplicationDocument:
    """Apply `change` to the newest object and write it; what was written.

    `change` raises RefusalError to leave it as it is. Raises KubeError; RefusalError after ATTEMPTS races.
    """
    for _ in range(ATTEMPTS):
        obj = msgspec.json.decode(await backend.kube.get(APPLICATIONS, name, backend.namespace))
        change(obj)
        try:
            raw = await backend.kube.update(APPLICATIONS, name, obj, backend.namespace)
        except ConflictError:
            continue
        return await seen(backend, raw)
    raise RefusalError(Code.ABORTED, f"application {name} is being changed by others; try again")


async def seen(backend: Backend, raw: bytes) -> ApplicationDocument:
    """The document of a write's answer, once the mirror shows it or two seconds have passed."""
    document = read_application(raw)
    await backend.mirrors.applications.until(
        lambda: _shown(backend, document.name) >= int(document.resource_version), seconds=CATCH_UP
    )
    return document


def _shown(backend: Backend, name: str) -> int:
    found = backend.mirrors.applications.get(name)
    return int(found.resource_version) if found is not None else -1
