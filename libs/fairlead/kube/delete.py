"""Deletes one object, and only the very one that was looked at.

Invariant: with a uid given, an object of the same name that was made since is never deleted in its place.
"""

from typing import Literal

import msgspec

from fairlead.kube.errors import NotFoundError
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter

Propagation = Literal["foreground", "background", "orphan"]


async def delete(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    namespace: str | None = None,
    *,
    propagation: Propagation = "foreground",
    uid: str | None = None,
    resource_version: str | None = None,
    grace_seconds: int | None = None,
) -> bool:
    """Asks for the deletion; False when there was nothing to delete any more.

    Finalizers may keep the object for a while: the live state says when it is gone. Raises ConflictError when
    `uid` or `resource_version` no longer match.
    """
    options = delete_options(propagation, uid, resource_version, grace_seconds)
    try:
        await writer.write(
            "delete",
            resource,
            lambda client: client.delete(resource, name, namespace, options=options),
            name=name,
            namespace=namespace,
        )
    except NotFoundError:
        return False
    return True


def delete_options(
    propagation: Propagation, uid: str | None, resource_version: str | None, grace_seconds: int | None
) -> bytes:
    """The `v1 DeleteOptions` body."""
    named = {"uid": uid, "resourceVersion": resource_version}
    preconditions = {key: value for key, value in named.items() if value is not None}
    options: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": propagation.capitalize(),
    }
    if preconditions:
        options["preconditions"] = preconditions
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    return msgspec.json.encode(options)
