"""What is known of every application at this moment, in memory only.

Invariant: all of it can be rebuilt from the Application, a render and live state; nothing here is the truth.
Only the worker that holds an application's key changes its record; watches replace `app` and raise flags.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from fairlead.app_controller.desired import DesiredState
from fairlead.app_controller.fit import MOST_BYTES
from fairlead.app_controller.interest import Interests
from fairlead.app_controller.kept import Kept
from fairlead.app_controller.memo import Memo
from fairlead.app_controller.operation import Execution
from fairlead.app_controller.render import Render
from fairlead.events import Cause, RenderLevel, SourcesWanted, Trace
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.status import ApplicationStatus


class Record:
    """One application. Times are `time.monotonic()`; None means not under way."""

    def __init__(self, app: Application, instance: str) -> None:
        self.id: AppId = app.id
        self.instance = instance
        self.app = app
        self.unreadable = ""
        self.version = version_of(app)
        self.writes_in_flight = 0
        self.held: bytes | None = None
        self.trace: Trace | None = None

        self.wish: SourcesWanted | None = None
        self.wish_digest = ""
        self.wish_spec: ApplicationSpec | None = None
        self.wish_is_stored = False
        self.asked_at: float | None = None
        self.asked_cause = Cause.STARTUP

        self.render: Render | None = None
        self.desired: DesiredState | None = None
        self.refresh_level = 0
        self.refreshed_level = 0
        self.memo = Memo()
        self.execution: Execution | None = None
        self.status_bytes = MOST_BYTES
        self.kept = Kept()
        self.server = ""
        self.foretold: ApplicationStatus | None = None

    def __repr__(self) -> str:
        return f"Record({self.id.qualified})"

    def ask(self, level: RenderLevel, cause: Cause) -> None:
        """Want a render of at least this level."""
        self.asked_at = None
        if level >= self.refresh_level:
            self.refresh_level = level
            self.asked_cause = cause


class Book:
    """All records, by application, by project and by destination."""

    def __init__(self, control_namespace: str) -> None:
        self.control_namespace = control_namespace
        self._records: dict[AppId, Record] = {}
        self._instances: dict[str, AppId] = {}
        self.interests = Interests()

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def get(self, app_id: AppId) -> Record | None:
        """The application's record, or None when there is no such application."""
        return self._records.get(app_id)

    def by_instance(self, instance: str) -> Record | None:
        """The application that an object's mark names."""
        found = self._instances.get(instance)
        return None if found is None else self._records.get(found)

    def open(self, app: Application) -> Record:
        """A new record."""
        record = Record(app, app.id.instance(self.control_namespace))
        self._records[app.id] = record
        self._instances[record.instance] = app.id
        return record

    def close(self, app_id: AppId) -> Record | None:
        """The application is gone."""
        record = self._records.pop(app_id, None)
        if record is not None:
            self._instances.pop(record.instance, None)
            self.interests.forget(app_id)
        return record


def version_of(app: Application) -> int:
    """The resourceVersion as a number, so that what is older can be told (0 when it is none)."""
    text = app.metadata.resource_version
    return int(text) if text.isdecimal() else 0


def now() -> float:
    """Monotonic seconds."""
    return time.monotonic()
