"""Tells the world: public events on the bus at once, Kubernetes Events in the background.

Invariant: telling never delays or fails the work it tells of.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.bus import Bus
from fairlead.events import PublicEventType, Trace, trace
from fairlead.events.public import app_event
from fairlead.events.story import (
    HealthData,
    OutOfSyncData,
    ResourceName,
    SyncedData,
    SyncEndedData,
    SyncStartedData,
    Told,
)
from fairlead.kube.errors import KubeError
from fairlead.kube.events import Subject, copied, is_told, record_event
from fairlead.kube.writer import ClusterWriter
from fairlead.model.status import ApplicationStatus, SyncCode
from fairlead.model.sync import Operation, OperationPhase, OperationState
from fairlead.model.times import parsed

log = structlog.get_logger(__name__)

SERVICE = "app-controller"
COMPONENT = "argocd-application-controller"
MAX_PENDING = 5000
"""Kubernetes Events that wait to be written; the oldest are dropped beyond."""

MAX_NAMED = 100
"""Objects named in one public event."""

BUSY_FACTOR = 5
"""How much slower Kubernetes Events are written while applications wait to be worked on."""

Severity = Literal["Normal", "Warning"]


class _Pending(msgspec.Struct, frozen=True, kw_only=True):
    subject: Subject
    reason: str
    message: str
    type: Severity
    annotations: dict[str, str]
    labels: dict[str, str]


class Teller:
    """Both kinds of events of one control plane. `completed` is called with each operation that ended.

    Kubernetes Events are written of `reasons`, with those labels of the Application that match the first
    `globs` and none of the second.
    """

    def __init__(
        self,
        bus: Bus,
        writer: ClusterWriter,
        *,
        events_per_second: float,
        is_busy: Callable[[], bool] = lambda: False,
        completed: Callable[[Record, OperationState], None] = lambda *_: None,
        reasons: str = "all",
        globs: Callable[[], tuple[tuple[str, ...], tuple[str, ...]]] = lambda: ((), ()),
    ) -> None:
        self._reasons = reasons
        self._globs = globs
        self._bus = bus
        self._completed = completed
        self._is_busy = is_busy
        self._writer = writer
        self._pause = 1.0 / events_per_second if events_per_second > 0 else 0.0
        self._pending: deque[_Pending] = deque(maxlen=MAX_PENDING)
        self._filled = asyncio.Event()

    async def run(self) -> None:
        """Write Kubernetes Events, one at a time and not too fast, until cancelled."""
        while True:
            await self._filled.wait()
            while self._pending:
                await self._write(self._pending.popleft())
                await asyncio.sleep(self._pause * (BUSY_FACTOR if self._is_busy() else 1))
            self._filled.clear()

    async def public(self, record: Record, kind: PublicEventType, data: Told, suffix: str = "") -> None:
        """A public event about an application, in the trace of what caused it."""
        publication = app_event(
            kind,
            service=SERVICE,
            namespace=record.id.namespace,
            name=record.id.name,
            trace=record.trace or trace.followed() or Trace.start(),
            data=data,
            suffix=suffix,
        )
        await self._bus.tell(publication)

    def note(
        self, record: Record, reason: str, message: str, *, warning: bool = False, user: str = ""
    ) -> None:
        """A Kubernetes Event on the Application."""
        if not is_told(reason, self._reasons):
            return
        app = record.app
        subject = Subject(
            api_version=app.api_version,
            kind=app.kind,
            name=record.id.name,
            namespace=record.id.namespace,
            uid=app.metadata.uid,
            resource_version=app.metadata.resource_version,
        )
        annotations = {
            "dest-server": app.spec.destination.server or record.server,
            "dest-namespace": app.spec.destination.namespace,
        }
        if user:
            annotations["user"] = user
        self._pending.append(
            _Pending(
                subject=subject,
                reason=reason,
                message=message,
                type="Warning" if warning else "Normal",
                annotations={key: value for key, value in annotations.items() if value},
                labels=copied(app.metadata.labels, *self._globs()),
            )
        )
        self._filled.set()

    async def foretell(self, record: Record, status: ApplicationStatus) -> None:
        """Tell of a status that will never be written; what follows is told as coming after it."""
        told = record.foretold or record.app.status
        record.foretold = status
        if told.sync.status != status.sync.status:
            await self._tell_sync(record, status)

    async def transitions(self, record: Record, before: ApplicationStatus, after: ApplicationStatus) -> None:
        """What a written status says that the one before did not."""
        told, record.foretold = record.foretold or before, None
        if before.sync.status != after.sync.status:
            text = f"Updated sync status: {before.sync.status.value} -> {after.sync.status.value}"
            self.note(record, "ResourceUpdated", text)
        if told.sync.status != after.sync.status:
            await self._tell_sync(record, after)
        if before.health.status != after.health.status:
            await self._health_changed(record, before, after)

    async def operation_started(
        self, record: Record, operation: Operation, revisions: tuple[str, ...]
    ) -> None:
        """A sync begins."""
        automated = operation.initiated_by is not None and operation.initiated_by.automated
        user = operation.initiated_by.username if operation.initiated_by is not None else ""
        partial = bool(operation.sync and operation.sync.resources)
        named = ", ".join(revisions)
        if automated:
            message = f"Initiated automated sync to '{named}'"
        else:
            message = f"{user or 'Unknown user'} initiated {'partial ' if partial else ''}sync to {named}"
        self.note(record, "OperationStarted", message, user=user)
        await self.public(
            record,
            PublicEventType.APP_SYNC_STARTED,
            SyncStartedData(revisions=revisions, automated=automated, initiated_by=user, partial=partial),
        )

    async def operation_completed(self, record: Record, state: OperationState) -> None:
        """A sync ended for good."""
        self._completed(record, state)
        result = state.sync_result
        revisions = (result.revisions or (result.revision,)) if result is not None else ()
        partial = bool(state.operation.sync and state.operation.sync.resources)
        prefix = "Partial sync operation" if partial else "Sync operation"
        target = f" to {','.join(revisions)}" if result is not None else ""
        if state.phase is OperationPhase.SUCCEEDED:
            self.note(record, "OperationCompleted", f"{prefix}{target} succeeded")
            kind = PublicEventType.APP_SYNC_SUCCEEDED
        else:
            text = f"{prefix}{target} failed: {state.message}"
            self.note(record, "OperationCompleted", text, warning=True)
            kind = PublicEventType.APP_SYNC_FAILED
        await self.public(
            record,
            kind,
            SyncEndedData(
                revisions=revisions,
                phase=state.phase.value,
                message=state.message,
                automated=bool(state.operation.initiated_by and state.operation.initiated_by.automated),
                seconds=_seconds(state),
                resources=len(result.resources) if result is not None else 0,
            ),
        )

    async def _tell_sync(self, record: Record, after: ApplicationStatus) -> None:
        revisions = after.sync.revisions or (after.sync.revision,)
        if after.sync.status is SyncCode.SYNCED:
            await self.public(record, PublicEventType.APP_SYNCED, SyncedData(revisions=revisions))
        elif after.sync.status is SyncCode.OUT_OF_SYNC:
            names = _out_of_sync(after)
            data = OutOfSyncData(revisions=revisions, count=len(names), resources=names[:MAX_NAMED])
            await self.public(record, PublicEventType.APP_OUT_OF_SYNC, data)

    async def _health_changed(
        self, record: Record, before: ApplicationStatus, after: ApplicationStatus
    ) -> None:
        text = f"Updated health status: {before.health.status.value} -> {after.health.status.value}"
        if after.health.message:
            text += f" ({after.health.message})"
        self.note(record, "ResourceUpdated", text)
        code = after.health.status.value
        if code:
            await self.public(
                record,
                PublicEventType.APP_HEALTH,
                HealthData(status=code, previous=before.health.status.value, message=after.health.message),
                suffix=code.lower(),
            )

    async def _write(self, event: _Pending) -> None:
        try:
            await record_event(
                self._writer,
                event.subject,
                reason=event.reason,
                message=event.message,
                type=event.type,
                component=COMPONENT,
                annotations=event.annotations,
                labels=event.labels,
            )
        except KubeError as error:
            log.debug("event.not_written", reason=event.reason, error=error.message[:200])


def _seconds(state: OperationState) -> float:
    started, finished = parsed(state.started_at), parsed(state.finished_at)
    return (finished - started).total_seconds() if started is not None and finished is not None else 0.0


def _out_of_sync(status: ApplicationStatus) -> tuple[ResourceName, ...]:
    return tuple(
        ResourceName(
            group=item.group,
            kind=item.kind,
            namespace=item.namespace,
            name=item.name,
            reason="extra" if item.requires_pruning else "",
        )
        for item in status.resources
        if item.status is SyncCode.OUT_OF_SYNC
    )
