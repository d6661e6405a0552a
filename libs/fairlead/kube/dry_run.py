"""Asks the server what an apply would make of an object, without making it.

Invariant: nothing is stored; admission webhooks that declare side effects refuse instead of running.
"""

import msgspec

from fairlead.kube.apply import send_apply
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import Body
from fairlead.kube.writer import ClusterWriter


class DryRunResult(msgspec.Struct, frozen=True, kw_only=True):
    """The object as it would be; `would_create` when there is none yet.

    `is_whole` when it would be written whole, so that nothing of the last desired state is left behind.
    """

    object: bytes
    would_create: bool
    is_whole: bool = False
    warnings: tuple[str, ...] = ()


async def dry_run_apply(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: Body,
    namespace: str | None = None,
    *,
    force: bool = True,
    validate: bool = False,
    field_manager: str | None = None,
    leave_out_undeclared: bool = False,
) -> DryRunResult:
    """The server's answer to an apply with `dryRun=All`; raises what the apply itself would.

    `leave_out_undeclared` is whether fields that the kind does not have are left out instead of refused.
    """
    answer = await send_apply(
        writer,
        resource,
        name,
        body,
        namespace,
        params={"dryRun": "All", "fieldValidation": "Strict" if validate else "Ignore"},
        force=force,
        field_manager=field_manager,
        leave_out_undeclared=leave_out_undeclared,
    )
    return DryRunResult(object=answer.body, would_create=answer.created, warnings=answer.warnings)


def refuses_dry_run(error: KubeError) -> bool:
    """Whether a webhook only lets real requests through, so that a dry run says nothing of the object."""
    return error.status == 400 and "does not support dry run" in error.message
