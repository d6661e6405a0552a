"""What the status of an application is to say, from what was found.

Invariant: pure; the same findings give the same status, so that nothing is written when nothing moved.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.app_controller.comparing.item import Comparison, Remark
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.unheeded import unheeded
from fairlead.health import Health
from fairlead.model.application import Application
from fairlead.model.source import SourceType
from fairlead.model.status import (
    ApplicationStatus,
    ComparedTo,
    ConditionType,
    HealthCode,
    HealthSource,
    HealthStatus,
    Summary,
    SyncCode,
    SyncStatus,
)
from fairlead.model.times import stamp

SYNC_ERROR = (ConditionType.SYNC_ERROR,)


def compared_status(
    app: Application, comparison: Comparison, render: Render, *, control_namespace: str, refreshed_now: bool
) -> ApplicationStatus:
    """The status after a comparison."""
    before = app.status
    several = app.spec.has_multiple_sources
    types = tuple(_source_type(name) for name in render.source_types)
    return msgspec.structs.replace(
        before,
        sync=SyncStatus(
            status=comparison.code,
            revision="" if several else (render.revisions or ("",))[0],
            revisions=render.revisions if several else (),
            compared_to=compared_to(app),
        ),
        health=health_status(before.health, comparison.health),
        resources=comparison.resources(),
        resource_health_source=HealthSource.APP_TREE,
        conditions=refreshed(
            before.conditions, (*comparison.remarks, *comparison.unread, *comparison.unjudged, *unheeded(app))
        ),
        reconciled_at=stamp() if refreshed_now or before.reconciled_at is None else before.reconciled_at,
        source_type=SourceType.UNSET if several or not types else types[0],
        source_types=types if several else (),
        summary=Summary(
            images=comparison.images(),
            external_urls=comparison.urls(),
            is_app_of_apps=("argoproj.io", "Application") in comparison.kinds(),
        ),
        controller_namespace=control_namespace,
    )


def failed_status(
    app: Application,
    remarks: Iterable[Remark],
    comparison: Comparison | None,
    *,
    control_namespace: str,
    refreshed_now: bool = False,
) -> ApplicationStatus:
    """The status when desired or live state could not be had: unknown, and what was last known stays."""
    before = app.status
    health = comparison.health if comparison is not None else None
    resources = comparison.resources() if comparison is not None else before.resources
    return msgspec.structs.replace(
        before,
        sync=SyncStatus(
            status=SyncCode.UNKNOWN,
            revision=before.sync.revision,
            revisions=before.sync.revisions,
            compared_to=compared_to(app),
        ),
        health=health_status(before.health, health) if health is not None else before.health,
        resources=tuple(msgspec.structs.replace(item, status=_doubted(item.status)) for item in resources),
        resource_health_source=HealthSource.APP_TREE,
        conditions=refreshed(before.conditions, (*remarks, *unheeded(app))),
        reconciled_at=stamp() if refreshed_now or before.reconciled_at is None else before.reconciled_at,
        controller_namespace=control_namespace,
    )


def unread_status(
    app: Application, remarks: Iterable[Remark], *, is_outdated: bool, control_namespace: str
) -> ApplicationStatus:
    """The status while the cluster cannot be read: as it was last, until that is too long ago to be shown."""
    before = app.status
    if is_outdated or not before.sync.status:
        return refused_status(app, remarks, control_namespace=control_namespace)
    return msgspec.structs.replace(
        before,
        conditions=refreshed(before.conditions, (*remarks, *unheeded(app))),
        controller_namespace=control_namespace,
    )


def refused_status(
    app: Application, remarks: Iterable[Remark], *, control_namespace: str
) -> ApplicationStatus:
    """The status of an application whose spec, project or destination cannot be used."""
    before = app.status
    health = before.health
    if health.status is not HealthCode.UNKNOWN:
        health = HealthStatus(status=HealthCode.UNKNOWN, last_transition_time=stamp())
    return msgspec.structs.replace(
        before,
        sync=SyncStatus(
            status=SyncCode.UNKNOWN,
            revision=before.sync.revision,
            revisions=before.sync.revisions,
            compared_to=compared_to(app),
        ),
        health=health,
        conditions=refreshed(before.conditions, (*remarks, *unheeded(app))),
        reconciled_at=before.reconciled_at or stamp(),
        controller_namespace=control_namespace,
    )


def with_sync_error(status: ApplicationStatus, message: str) -> ApplicationStatus:
    """The status with the one SyncError there is, or without any."""
    found = [Remark(ConditionType.SYNC_ERROR, message)] if message else []
    return msgspec.structs.replace(status, conditions=refreshed(status.conditions, found, SYNC_ERROR))


def compared_to(app: Application) -> ComparedTo:
    """The part of the spec that a comparison uses."""
    several = app.spec.has_multiple_sources
    sources = app.spec.effective_sources()
    return ComparedTo(
        destination=app.spec.destination,
        source=None if several or not sources else sources[0],
        sources=sources if several else (),
        ignore_differences=app.spec.ignore_differences,
    )


def health_status(before: HealthStatus, found: Health) -> HealthStatus:
    """The health; its time moves when the code does."""
    code = HealthCode(found.status.value)
    when = before.last_transition_time if before.status is code else stamp()
    return HealthStatus(status=code, message=found.message, last_transition_time=when)


def _doubted(status: SyncCode) -> SyncCode:
    return SyncCode.UNSET if status is SyncCode.UNSET else SyncCode.UNKNOWN


def _source_type(name: str) -> SourceType:
    try:
        return SourceType(name)
    except ValueError:
        return SourceType.UNSET
