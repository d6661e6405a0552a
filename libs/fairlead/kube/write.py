"""The writes that are not applies or deletes: create, replace, patch; each through the writer.

Invariant: all of them are recorded under the same field manager as the applies.
"""

from collections.abc import Mapping, Sequence

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import Body
from fairlead.kube.writer import ClusterWriter, Verb


def _params(writer: ClusterWriter) -> dict[str, str]:
    return {"fieldManager": writer.field_manager}


async def create(
    writer: ClusterWriter,
    resource: Resource,
    body: Body,
    namespace: str | None = None,
    *,
    params: Mapping[str, str] | None = None,
) -> bytes:
    """Creates an object; raises AlreadyExistsError. `params` may ask for a dry run."""
    query = {**_params(writer), **(params or {})}
    return await writer.write(
        "create",
        resource,
        lambda client: client.create(resource, body, namespace, params=query),
        name=_name_in(body),
        namespace=namespace,
        dry_run="dryRun" in query,
    )


async def replace(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: Body,
    namespace: str | None = None,
    *,
    params: Mapping[str, str] | None = None,
) -> bytes:
    """Replaces an object; raises ConflictError when the body's resourceVersion is no longer current.

    `params` may ask for a dry run.
    """
    query = {**_params(writer), **(params or {})}
    return await writer.write(
        "replace",
        resource,
        lambda client: client.update(resource, name, body, namespace, params=query),
        name=name,
        namespace=namespace,
        dry_run="dryRun" in query,
    )


async def merge_patch(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: Body,
    namespace: str | None = None,
    *,
    subresource: str = "",
    verb: Verb = "patch",
) -> bytes:
    """An RFC 7386 merge patch of an object or its subresource; `verb` is what its gate is asked."""
    return await writer.write(
        verb,
        resource,
        lambda client: client.merge_patch(
            resource, name, body, namespace, subresource=subresource, params=_params(writer)
        ),
        name=name,
        namespace=namespace,
    )


async def json_patch(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    operations: bytes | Sequence[dict[str, object]],
    namespace: str | None = None,
) -> bytes:
    """An RFC 6902 patch; a failed `test` raises InvalidError."""
    body = operations if isinstance(operations, bytes) else list(operations)
    return await writer.write(
        "patch",
        resource,
        lambda client: client.json_patch(resource, name, body, namespace, params=_params(writer)),
        name=name,
        namespace=namespace,
    )


def _name_in(body: Body) -> str:
    """What an object that is made will be called, "" when the server is to name it."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return _NAMED.decode(raw).metadata.name


class _Metadata(msgspec.Struct):
    name: str = ""


class _Named(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_NAMED = msgspec.json.Decoder(_Named)
