"""Server-side apply of one object, and what became of it.

Invariant: an object is applied whole, under one field manager, so what Git no longer has leaves the cluster.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from fairlead.kube.answer import Answer
from fairlead.kube.errors import BadRequestError
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.rest import Body
from fairlead.kube.undeclared import undeclared_paths, without
from fairlead.kube.writer import ClusterWriter

MAX_UNDECLARED: Final = 32
"""Refusals answered by leaving fields out: the server may name one field at a time (seen in 1.36)."""
Outcome = Literal["created", "configured", "unchanged"]


class ApplyResult(msgspec.Struct, frozen=True, kw_only=True):
    """The object as the server has it now; `warnings` are the texts of its Warning headers."""

    object: bytes
    outcome: Outcome
    resource_version: str
    warnings: tuple[str, ...] = ()


async def apply(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: Body,
    namespace: str | None = None,
    *,
    live_version: str | None = None,
    force: bool = True,
    validate: bool = True,
    field_manager: str | None = None,
) -> ApplyResult:
    """Applies `body`, taking over fields of other managers when `force`.

    `live_version` is the resourceVersion seen before; when the answer has the same one, nothing changed.
    `validate` asks for strict field validation; without it, fields that the kind does not have are left out.
    Raises ConflictError (cause `FieldManagerConflict`) when not forced,
    InvalidError, ForbiddenError, NotFoundError (kind or namespace missing) and the transient ones.
    """
    answer = await send_apply(
        writer,
        resource,
        name,
        body,
        namespace,
        params={"fieldValidation": "Strict" if validate else "Ignore"},
        force=force,
        field_manager=field_manager,
        leave_out_undeclared=not validate,
    )
    version = decode_head(answer.body).metadata.resource_version
    return ApplyResult(
        object=answer.body,
        outcome=outcome_of(answer, version, live_version),
        resource_version=version,
        warnings=answer.warnings,
    )


async def send_apply(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: Body,
    namespace: str | None,
    *,
    params: Mapping[str, str],
    force: bool,
    field_manager: str | None,
    leave_out_undeclared: bool = False,
) -> Answer:
    """The apply request that `apply` and `dry_run` share."""

    async def send(body: Body) -> Answer:
        return await writer.write(
            "apply",
            resource,
            lambda client: client.apply(
                resource,
                name,
                body,
                namespace,
                field_manager=field_manager or writer.field_manager,
                force=force,
                params=params,
            ),
            name=name,
            namespace=namespace,
            dry_run="dryRun" in params,
        )

    for _ in range(MAX_UNDECLARED if leave_out_undeclared else 0):
        try:
            return await send(body)
        except BadRequestError as error:
            paths = undeclared_paths(error.message)
            if not paths:
                raise
        body = msgspec.json.decode(body) if isinstance(body, bytes) else body
        for path in paths:
            body = without(body, path)
    return await send(body)


def outcome_of(answer: Answer, version: str, live_version: str | None) -> Outcome:
    """What kubectl would say of it. The server keeps the resourceVersion when an apply changes nothing."""
    if answer.created:
        return "created"
    return "unchanged" if version == live_version else "configured"
