"""Manifests of an application from files that the client sends (`app diff --local`).

The invariant: the caller is authorised before a byte of the files is taken, and no more of them is held than
the repo-server takes. Where signatures are demanded the answer says that a sync would refuse them.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application import lookup, resources, wish
from fairlead.api_server.operations.application.requests import FilesPart, FilesQuery
from fairlead.api_server.operations.application.validate import require_permitted
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.sources import are_signed_for
from fairlead.events.sources import UNVERIFIED
from fairlead.matching.integrity import LOCAL_REFUSED
from fairlead.rpc.files import RenderFiles

MAX_FILES = 6 << 20
"""Bytes of the gzipped tar; it travels in one message."""


async def manifests(backend: Backend, caller: Caller, parts: AsyncIterator[FilesPart]) -> dict[str, Any]:
    """ManifestResponse of the files: marked as the application's, Secrets masked."""
    query, document = await _asked(backend, caller, parts)
    archive = await _received(parts)
    if not hmac.compare_digest(hashlib.sha256(archive).hexdigest(), query.checksum.lower()):
        raise RefusalError(Code.INVALID_ARGUMENT, "the files are not those of the checksum")
    app = lookup.application(document)
    require_permitted(backend, app, app.spec.effective_sources())
    wanted = await wish.of_application(backend, app)
    first = msgspec.structs.replace(wanted, sources=wanted.sources[:1])
    answer = await backend.ask.render_files(RenderFiles(wanted=first, archive=archive))
    documents = [msgspec.json.decode(text) for text in answer.documents or ()]
    check = {"Name": UNVERIFIED.rstrip(": "), "Problems": [LOCAL_REFUSED]}
    signed = {"sourceIntegrityResult": {"Checks": [check]}} if are_signed_for(first.sources) else {}
    return {
        "manifests": resources.as_shown(backend, app, documents),
        "namespace": app.spec.destination.namespace,
        "server": app.spec.destination.server,
        "sourceType": answer.sources[0].source_type,
        **signed,
    }


async def _asked(
    backend: Backend, caller: Caller, parts: AsyncIterator[FilesPart]
) -> tuple[FilesQuery, ApplicationDocument]:
    first = await anext(parts, None)
    if first is None or first.query is None:
        raise RefusalError(Code.INVALID_ARGUMENT, "the first message has to say which application is meant")
    query = first.query
    return query, lookup.find(
        backend, caller, query.name, namespace=query.app_namespace, project=query.project
    )


async def _received(parts: AsyncIterator[FilesPart]) -> bytes:
    archive = bytearray()
    async for part in parts:
        archive += part.chunk.chunk if part.chunk is not None else b""
        if len(archive) > MAX_FILES:
            raise RefusalError(Code.INVALID_ARGUMENT, f"the files are larger than {MAX_FILES >> 20} MiB")
    return bytes(archive)
