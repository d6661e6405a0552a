"""Writes the status of a set: one patch of what changed, and none where nothing did.

Invariant: the patch is of the very set that was looked at; of one that was made anew under the name nothing
is said.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import structlog

from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.reporting.health import health, since
from fairlead.kube import write
from fairlead.kube.collection import APPLICATION_SETS
from fairlead.kube.errors import InvalidError, NotFoundError
from fairlead.kube.writer import ClusterWriter
from fairlead.model.applicationset import (
    ApplicationSetApplicationStatus,
    ApplicationSetCondition,
    ApplicationSetStatus,
)
from fairlead.model.decode import to_object
from fairlead.model.status import ResourceStatus

log = structlog.get_logger(__name__)

FIELDS: Final = ("conditions", "applicationStatus", "resources", "resourcesCount", "health")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a set says of itself after a look; None leaves what it said."""

    conditions: tuple[ApplicationSetCondition, ...] | None = None
    resources: tuple[ResourceStatus, ...]
    resources_count: int
    application_status: tuple[ApplicationSetApplicationStatus, ...] | None = None


def status_of(before: ApplicationSetStatus, report: Report) -> ApplicationSetStatus:
    """The status that a report makes of the one before."""
    conditions = before.conditions if report.conditions is None else report.conditions
    rollout = before.application_status if report.application_status is None else report.application_status
    return ApplicationSetStatus(
        conditions=conditions,
        application_status=rollout,
        resources=report.resources,
        resources_count=report.resources_count,
        health=since(before.health, health(conditions)),
    )


def patch_of(before: ApplicationSetStatus, after: ApplicationSetStatus) -> dict[str, Any]:
    """The fields that differ; null takes one away."""
    if before == after:
        return {}
    old, new = to_object(before), to_object(after)
    return {name: new.get(name) for name in FIELDS if old.get(name) != new.get(name)}


async def write_status(writer: ClusterWriter, sets: Sets, known: KnownSet, report: Report) -> None:
    """Write what changed. Raises KubeError."""
    metadata, before = known.set.metadata, known.set.status
    patch = patch_of(before, status_of(before, report))
    if not patch:
        return
    body = msgspec.json.encode({"metadata": {"uid": metadata.uid}, "status": patch})
    try:
        raw = await write.merge_patch(
            writer, APPLICATION_SETS, metadata.name, body, metadata.namespace, subresource="status"
        )
    except (InvalidError, NotFoundError) as error:
        log.debug("application_set.made_anew", set="/".join(known.key), error=error.message[:200])
    else:
        sets.take_written(raw)
