"""Writes down and tells how an operation fares while it is evaluated.

Invariant: an operation is announced once, and its start is written from the version it was decided on.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.reporting.status import StatusWriter
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.syncing.operation import has_just_begun, is_new
from fairlead.model.noted import LET_GO
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import OperationState
from fairlead.sync.let_go import LetGo


class Chronicle:
    """What is written of operations before they end; the end is written by who asked for the evaluation."""

    def __init__(self, status: StatusWriter, teller: Teller) -> None:
        self._status = status
        self._teller = teller

    async def write_start(
        self, record: Record, status: ApplicationStatus, state: OperationState, revisions: tuple[str, ...]
    ) -> None:
        """Say that the operation runs; an automated one is written down by this very patch."""
        await self._status.write(
            record,
            msgspec.structs.replace(status, operation_state=state),
            operation=state.operation,
            guarded=is_new(record.app, state),
        )
        await self.announce(record, state, revisions)

    async def write_let_go(self, record: Record, let_go: LetGo) -> None:
        """Remember which prunes were confirmed, before any of them is made. Raises ConflictError when the
        Application is another one than it was decided on."""
        await self._status.patch_metadata(record, {"annotations": {LET_GO: let_go.text()}})

    async def announce(self, record: Record, state: OperationState, revisions: tuple[str, ...]) -> None:
        """Tell the world that an operation began, once."""
        execution = record.execution
        if execution is None or execution.announced or not has_just_begun(state):
            return
        execution.announced = True
        await self._teller.operation_started(record, state.operation, revisions)

    async def foretell(self, record: Record, status: ApplicationStatus) -> None:
        """Tell of a status that is passed over so quickly that it is never written."""
        await self._teller.foretell(record, status)

    async def write_progress(self, record: Record, state: OperationState) -> None:
        """Say how far it is; only when that differs."""
        if record.app.status.operation_state != state:
            await self._status.write(
                record, msgspec.structs.replace(record.app.status, operation_state=state)
            )
