"""Tells that somebody changed the cluster, and that it was healed.

Invariant: one drift is told once, in a trace of its own, until it is healed.
"""

from __future__ import annotations

from fairlead.app_controller.book import Record, now
from fairlead.app_controller.comparing.item import Comparison
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.reporting.attempt import attempted_digest
from fairlead.app_controller.reporting.tell import Teller
from fairlead.events import PublicEventType
from fairlead.events.story import ChangedField, DriftedData, HealedData, ResourceName
from fairlead.model.application import Application
from fairlead.model.drift import DriftEntry
from fairlead.model.status import SyncCode
from fairlead.model.sync import Operation, OperationPhase

MAX_NAMED = 100


def has_drifted(app: Application, render: Render, comparison: Comparison, *, is_heal: bool) -> bool:
    """Synced, and now different at the same revision, which wants what it wanted: somebody changed the
    cluster. A version may be published anew with other content."""
    was_synced = app.status.sync.status is SyncCode.SYNCED
    if comparison.code is not SyncCode.OUT_OF_SYNC or not (is_heal or was_synced):
        return False
    sync = app.status.sync
    known = sync.revisions or ((sync.revision,) if sync.revision else ())
    attempted = attempted_digest(app)
    return known == render.revisions and attempted in {"", render.digest}


async def tell_drift(
    teller: Teller, record: Record, comparison: Comparison, changed: tuple[DriftEntry, ...]
) -> None:
    """What somebody changed."""
    data = DriftedData(
        revisions=_revisions(record),
        resources=differing(comparison)[:MAX_NAMED],
        fields=tuple(_field(entry) for entry in changed[:MAX_NAMED]),
    )
    await teller.public(record, PublicEventType.APP_DRIFTED, data)


async def tell_healed(
    teller: Teller, record: Record, operation: Operation, phase: OperationPhase, *, since: float | None
) -> None:
    """The operation that ended was a heal, and it succeeded. `since` is when the drift was seen."""
    sync = operation.sync
    attempts = sync.auto_heal_attempts_count if sync is not None else 0
    if sync is None or not attempts or phase is not OperationPhase.SUCCEEDED:
        return
    names = tuple(
        ResourceName(group=item.group, kind=item.kind, namespace=item.namespace, name=item.name)
        for item in sync.resources
    )
    seconds = round(now() - since, 3) if since is not None else 0.0
    await teller.public(
        record,
        PublicEventType.APP_HEALED,
        HealedData(revisions=_revisions(record), resources=names, seconds=seconds, attempt=attempts),
    )


def _revisions(record: Record) -> tuple[str, ...]:
    return record.render.revisions if record.render is not None else ()


def _field(entry: DriftEntry) -> ChangedField:
    return ChangedField(
        group=entry.group,
        kind=entry.kind,
        namespace=entry.namespace,
        name=entry.name,
        field=entry.field,
        old=entry.old,
        new=entry.new,
        manager=entry.manager,
        operation=entry.operation,
        at=entry.at,
    )


def differing(comparison: Comparison) -> tuple[ResourceName, ...]:
    """The objects that are not as Git says."""
    return tuple(
        ResourceName(
            group=item.key.group,
            kind=item.key.kind,
            namespace=item.key.namespace,
            name=item.key.name,
            reason=item.outcome.reason.value,
        )
        for item in comparison.items
        if item.outcome is not None and item.outcome.status is SyncCode.OUT_OF_SYNC
    )
