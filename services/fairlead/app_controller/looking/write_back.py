"""Writes to the Application what a look came to: the one place where a look ends.

Written: one patch of all that differs; with an operation's end also its history, what it was about, and the
end of its request. A refresh that was asked for is taken off after the patch that answers it. Only the
finalizers of deletion hooks are written before the end, so that nothing is deployed without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.deleting.delete_hooks import ALL as HOOK_STAGES
from fairlead.app_controller.deleting.delete_hooks import wanted_finalizers
from fairlead.app_controller.following.asked import refresh_of
from fairlead.app_controller.reporting.attempt import attempt_text
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.drift import tell_healed
from fairlead.app_controller.reporting.guard import shown_of, tell_held, with_held
from fairlead.app_controller.reporting.report import with_sync_error
from fairlead.app_controller.reporting.status import KEEP, StatusWriter
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.syncing.evaluate import failed_attempt
from fairlead.app_controller.syncing.operation import Progress, put_off
from fairlead.bus import BusUnavailableError
from fairlead.events import RenderLevel
from fairlead.kube.errors import KubeError
from fairlead.model.application import AppId
from fairlead.model.noted import ATTEMPTED, CLOCK
from fairlead.model.status import ApplicationStatus, ConditionType
from fairlead.model.sync import Operation, OperationPhase, OperationState
from fairlead.model.times import stamp
from fairlead.sync.history import with_deployment
from fairlead.sync.messages import conditions_failed


class WriteBack:
    """Ends looks. Everything here raises KubeError."""

    def __init__(self, status: StatusWriter, teller: Teller) -> None:
        self._status = status
        self._teller = teller

    async def seen(self, record: Record, status: ApplicationStatus) -> bool:
        """A comparison, and nothing to be done. Whether anything was written."""
        return await self._write(record, with_held(status, None))

    async def progressed(
        self, record: Record, operation: Operation, progress: Progress, status: ApplicationStatus
    ) -> None:
        """An operation that was evaluated, with the status after it."""
        state = progress.state
        status = msgspec.structs.replace(status, operation_state=state)
        if not progress.is_done:
            await self._going_on(record, state, status)
            return
        status = with_held(status, None)
        history = with_deployment(
            status.history,
            state,
            deployed_at=state.finished_at or stamp(),
            limit=record.app.spec.history_limit,
        )
        status = msgspec.structs.replace(status, history=history)
        if state.phase is OperationPhase.SUCCEEDED:
            status = with_sync_error(status, "")
        digest = record.execution.digest if record.execution is not None else ""
        await self._write(record, status, ended=state, noted=_at_the_end(attempt_text(state, digest)))
        since = record.kept.drifted_at
        await tell_healed(self._teller, record, operation, state.phase, since=since)

    async def _going_on(self, record: Record, state: OperationState, status: ApplicationStatus) -> None:
        """An operation that is not over; what of it waits for a person is told once."""
        execution, before = record.execution, shown_of(record.app.status)
        held = execution.held if execution is not None else None
        if execution is not None and execution.is_guarded:
            status = with_held(status, held)
        is_timed = execution is not None and execution.is_timed and state.finished_at is None
        noted = {CLOCK: execution.clock.text(state)} if execution is not None and is_timed else {}
        begun = state.operation if record.app.operation is None else None
        await self._write(record, status, begun=begun, noted=noted)
        if held is not None and shown_of(status) != before:
            result = state.sync_result
            revisions = (result.revisions or (result.revision,)) if result is not None else ()
            await tell_held(self._teller, record, held, revisions)

    async def refused(
        self, record: Record, status: ApplicationStatus, remarks: list[Remark], *, answers: bool = False
    ) -> float | None:
        """What stands against the application; an operation that waits for it has failed.

        The seconds until that is tried again, if it is. `answers` says that this answers a refresh.
        """
        operation = record.app.operation
        if operation is None:
            await self._write(record, status, answers=answers)
            return None
        text = conditions_failed((item.type, item.message) for item in remarks)
        progress = failed_attempt(record, operation, text)
        status = msgspec.structs.replace(status, operation_state=progress.state)
        ended = progress.state if progress.is_done else None
        await self._write(
            record, status, ended=ended, noted=_at_the_end("") if ended is not None else {}, answers=answers
        )
        return progress.again_after

    async def ask_refresh(self, on: AppId) -> None:
        """Have another application say at which commit it is."""
        await self._status.ask_refresh(on)

    async def let_go(self, record: Record, annotations: Mapping[str, None]) -> None:
        """Take annotations off the Application as it was read, and no other version of it."""
        version = record.app.metadata.resource_version
        await self._status.patch_metadata(
            record, {"annotations": dict(annotations), "resourceVersion": version}
        )

    async def unread(self, record: Record, status: ApplicationStatus, reason: str) -> None:
        """The cluster cannot be read: that answers a refresh, and an operation waits with the reason, or ends
        if that was asked for.
        """
        state, over = _put_off(record, reason)
        if state is not None:
            status = msgspec.structs.replace(status, operation_state=state)
        await self._write(record, status, ended=over, answers=True)

    async def waiting(self, record: Record, text: str) -> None:
        """What a requested operation waits for; it ends if that was asked for."""
        state, over = _put_off(record, text)
        status = msgspec.structs.replace(record.app.status, operation_state=state)
        if state is not None:
            operation = KEEP if over is None else None
            await self._status.write(record, status, operation=operation, ended=over)
        if over is not None:
            record.execution = None

    async def unreadable(self, record: Record, problem: str) -> None:
        """The Application cannot be read: a condition, and nothing else is touched."""
        remarks = [Remark(ConditionType.INVALID_SPEC_ERROR, problem)]
        before = record.app.status.conditions
        conditions = refreshed(before, remarks, [ConditionType.INVALID_SPEC_ERROR])
        if conditions != before:
            await self._status.say(record, conditions)

    async def failed(self, record: Record, text: str) -> None:
        """An UnknownError on the application, if it can be written; the next comparison takes it away."""
        before = record.app.status
        remarks = [Remark(ConditionType.UNKNOWN_ERROR, text)]
        conditions = refreshed(before.conditions, remarks, [ConditionType.UNKNOWN_ERROR])
        with suppress(KubeError, BusUnavailableError):
            await self._status.write(record, msgspec.structs.replace(before, conditions=conditions))

    async def finalizers(self, record: Record, desired: DesiredState) -> None:
        """The finalizers of deletion hooks come and go with the hooks that are rendered."""
        app = record.app
        present, wanted = HOOK_STAGES & set(app.metadata.finalizers), wanted_finalizers(desired.gist.hooks)
        if app.is_deleting or present == wanted:
            return
        kept = [name for name in app.metadata.finalizers if name not in HOOK_STAGES or name in wanted]
        kept += sorted(wanted - present)
        await self._status.patch_metadata(record, {"finalizers": kept or None})

    async def _write(
        self,
        record: Record,
        status: ApplicationStatus,
        *,
        begun: Operation | None = None,
        ended: OperationState | None = None,
        noted: Mapping[str, str] = {},
        answers: bool = False,
    ) -> bool:
        """One patch of all that differs, and the end of a refresh that was asked for. Whether it was sent.

        `begun` is an operation that goes on and that the Application does not name yet; `answers` says that
        this answers a refresh whatever was rendered.
        """
        asked = refresh_of(record.app)
        level = record.wanted.take_seen()
        is_seen = level >= RenderLevel.REFRESH and record.wanted.level < RenderLevel.REFRESH
        answered = answers or is_seen or record.render is None
        spec = record.app.spec.normalized()
        try:
            is_sent = await self._status.write(
                record,
                status,
                operation=begun if begun is not None or ended is not None else KEEP,
                guarded=begun is not None,
                ended=ended,
                noted=noted,
                spec=spec if spec != record.app.spec else None,
            )
            if ended is not None:
                record.execution = None
            if asked is not None and answered:
                await self._status.clear_refresh(record, asked[1])
        except BaseException:
            record.wanted.give_back(level)
            raise
        return is_sent


def _at_the_end(attempted: str) -> dict[str, str]:
    """What is noted of an operation that has ended: what it deployed, and no longer how long it waits."""
    return {ATTEMPTED: attempted, CLOCK: ""}


def _put_off(record: Record, reason: str) -> tuple[OperationState | None, OperationState | None]:
    """The state of an operation that cannot go on now, and the same if that is its end."""
    state = put_off(record.app, reason)
    return state, state if state is not None and state.phase.is_final else None
