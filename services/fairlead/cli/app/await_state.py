"""Waiting for an application to become what is wanted, telling what changes on the way.

The state comes from the watch stream; whenever that is silent for SILENCE seconds or breaks off, the
application is read again, so a lost event only costs time. A comparison that was asked for after an
operation counts as made once it is answered: one that fails leaves `reconciledAt` as it was.
"""

import time
from collections.abc import Iterator
from typing import Protocol

import msgspec

from fairlead.cli.app import show
from fairlead.cli.client import AppRef, Client, Document, SilenceError
from fairlead.cli.errors import (
    NOT_FOUND,
    PERMISSION_DENIED,
    CliError,
    RefusedError,
    TimedOutError,
    UnreachableError,
)
from fairlead.cli.view.selection import Selection
from fairlead.cli.view.states import Key, ObjectState, states
from fairlead.cli.view.times import parsed
from fairlead.model.application import Application
from fairlead.model.status import HydratePhase
from fairlead.model.sync import OperationState

HYDRATE = "argocd.argoproj.io/hydrate"
SILENCE = 30.0
"""Seconds without an event after which the application is read again."""
GRACE = 2.0
"""Seconds that the controller is given to compare after an operation, before it is asked to."""
GONE = 1.0
"""Seconds between looks for a deletion: one that came before the stream was open is not told by it."""
PAUSE = 0.5
"""Seconds before a broken stream is opened again."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be true; of the three healths, any that is named will do."""

    sync: bool = False
    health: bool = False
    suspended: bool = False
    degraded: bool = False
    operation: bool = False
    delete: bool = False
    hydrated: bool = False

    def is_met(self, app: Application, chosen: Selection | None) -> bool:
        """Whether the objects are as wanted; the operation is another matter."""
        if self.delete:
            return False
        if self.hydrated and not _is_hydrated(app):
            return False
        if chosen is None:
            return self._agrees(app.status.sync.status.value, app.status.health.status.value)
        return all(self._agrees(state.status, state.health) for state in states(app, chosen))

    def _agrees(self, sync: str, health: str) -> bool:
        healths = {"Healthy": self.health, "Suspended": self.suspended, "Degraded": self.degraded}
        wanted = [name for name, is_wanted in healths.items() if is_wanted]
        return (not self.sync or sync == "Synced") and (not wanted or health in wanted)


class Reporter(Protocol):
    """Shows progress."""

    def changed(self, app: Application, rows: list[ObjectState]) -> None:
        """These objects are new or different."""

    def end(self) -> None:
        """Nothing more will change."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended: the application as it is now, and the operation that ended the waiting."""

    document: Document | None
    app: Application | None
    operation: OperationState | None
    failure: CliError | None = None
    is_deleted: bool = False


class Waiting:
    """One wait. `deadline` is in seconds of `time.monotonic`, None for ever."""

    def __init__(
        self,
        client: Client,
        app: AppRef,
        wanted: Wanted,
        *,
        chosen: Selection | None,
        timeout: int,
        reporter: Reporter,
    ) -> None:
        self._client = client
        self._app = app
        self._wanted = wanted
        self._chosen = chosen
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout if timeout > 0 else None
        self._reporter = reporter
        self._known: dict[Key, ObjectState] = {}
        self._must_refresh = False
        self._is_stale = False
        self._refreshed_after: str | None = None
        self._operation: OperationState | None = None

    def run(self) -> Outcome:
        """Wait; a failure is in the outcome, so that the final state can be shown first."""
        self._client.wait_until(self._deadline)
        try:
            return self._run()
        finally:
            self._client.wait_until(None)
            self._reporter.end()

    def _run(self) -> Outcome:
        for app in self._changes():
            if app is None:
                return self._gone()
            self._operation = app.status.operation_state
            self._is_stale = _is_stale(app) and _end_of_operation(app) != self._refreshed_after
            is_busy = self._is_stale or self._is_running(app)
            if self._wanted.is_met(app, self._chosen) and not (is_busy and self._wanted.operation):
                return self._outcome()
            failure = self._note(app)
            if failure is not None:
                return self._outcome(failure)
        name = self._app.shown
        return self._outcome(
            TimedOutError(f'timed out ({self._timeout}s) waiting for app "{name}" match desired state')
        )

    def _gone(self) -> Outcome:
        failure = None if self._wanted.delete else CliError(f"application '{self._app.shown}' was deleted")
        return Outcome(document=None, app=None, operation=None, failure=failure, is_deleted=True)

    def _changes(self) -> Iterator[Application | None]:
        """The application whenever it changed, None when it is gone. Ends at the deadline."""
        while (left := self._left()) > 0:
            must_refresh = self._is_stale
            try:
                document = self._client.applications.get(self._app, refresh="normal" if must_refresh else "")
            except RefusedError as error:
                if self._wanted.delete and error.code in (PERMISSION_DENIED, NOT_FOUND):
                    yield None
                    return
                raise
            except UnreachableError:
                if self._left() > 0:
                    raise
                return
            app = show.model(document)
            if must_refresh:
                self._refreshed_after = _end_of_operation(app)
            yield app
            try:
                yield from self._watched(str(document.get("metadata", {}).get("resourceVersion", "")))
            except SilenceError:
                continue
            except UnreachableError:
                if left < PAUSE:
                    raise
            time.sleep(min(PAUSE, max(self._left(), 0)))

    def _watched(self, version: str) -> Iterator[Application | None]:
        for event in self._client.applications.watch(self._app, version=version, silence=self._silence):
            if self._left() <= 0:
                return
            yield None if event.type == "DELETED" else show.model(event.application)

    def _silence(self) -> float:
        patience = GRACE if self._is_stale else GONE if self._wanted.delete else SILENCE
        return min(patience, max(self._left(), 0.01))

    def _left(self) -> float:
        return SILENCE if self._deadline is None else self._deadline - time.monotonic()

    def _is_running(self, app: Application) -> bool:
        """Whether an operation is asked for or runs."""
        if app.operation is not None:
            is_dry = app.operation.sync is not None and app.operation.sync.dry_run
            self._must_refresh = self._must_refresh or not is_dry
            return True
        state = app.status.operation_state
        return state is not None and state.finished_at is None

    def _note(self, app: Application) -> CliError | None:
        """Report what is different; an object's fall into Degraded is a failure when health is wanted."""
        changed: dict[Key, ObjectState] = {}
        for state in states(app, self._chosen):
            before = self._known.get(state.key)
            now = before.updated(state) if before is not None else state
            if before is not None and self._wanted.health and _has_fallen(before, now):
                words = f"health state has transitioned from {before.health} to {now.health}"
                return CliError(f"application '{self._app.shown}' {words}")
            if now != before:
                self._known[state.key] = changed[state.key] = now
        self._reporter.changed(app, list(changed.values()))
        return None

    def _outcome(self, failure: CliError | None = None) -> Outcome:
        refresh = "normal" if self._must_refresh and failure is None else ""
        try:
            document = self._client.applications.get(self._app, refresh=refresh)
        except UnreachableError:
            if failure is None:
                raise
            return Outcome(document=None, app=None, operation=self._operation, failure=failure)
        return Outcome(
            document=document, app=show.model(document), operation=self._operation, failure=failure
        )


def _is_stale(app: Application) -> bool:
    """Whether an operation has ended without a comparison since, so that the status is from before it."""
    state = app.status.operation_state
    if app.operation is not None or state is None or state.finished_at is None:
        return False
    if state.operation.sync is not None and state.operation.sync.dry_run:
        return False
    compared = app.status.reconciled_at
    return compared is None or parsed(compared) < parsed(state.finished_at)


def _end_of_operation(app: Application) -> str | None:
    state = app.status.operation_state
    return None if state is None else state.finished_at


def _has_fallen(before: ObjectState, now: ObjectState) -> bool:
    return before.health not in ("Unknown", "Degraded") and now.health == "Degraded"


def _is_hydrated(app: Application) -> bool:
    """Whether the last hydration succeeded, of what the application says now, and none is asked for."""
    said = app.status.source_hydrator
    current, last = said.current_operation, said.last_successful_operation
    if current is None or last is None or HYDRATE in app.metadata.annotations:
        return False
    is_last = (current.dry_sha, current.source_hydrator) == (last.dry_sha, last.source_hydrator)
    is_current = current.source_hydrator == app.spec.source_hydrator
    return current.phase is HydratePhase.HYDRATED and is_last and is_current
