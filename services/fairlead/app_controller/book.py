"""What is known of every application at this moment, in memory only.

Invariant: all of it can be rebuilt from the Application, a render and live state; nothing here is the truth.
Only the worker that holds an application's key changes its record; watches replace `app` and raise flags.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.destination.contested import Contested
from fairlead.app_controller.destination.interest import Interests
from fairlead.app_controller.destination.orphanages import Orphanages
from fairlead.app_controller.following.seen import Seen
from fairlead.app_controller.looking.kept import Kept
from fairlead.app_controller.measuring.measured import Measured
from fairlead.app_controller.rendering.answer import Answer
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.wanted import Wanted
from fairlead.app_controller.reporting.fit import MOST_BYTES
from fairlead.app_controller.syncing.operation import Execution
from fairlead.events import Trace
from fairlead.manifest.identity import GroupKind
from fairlead.model.application import AppId, Application
from fairlead.model.status import ApplicationStatus
from fairlead.rpc.waiting import NOTHING_AWAITED, Paused, Pinned, Waiting


class Record:
    """One application: what was read of it, what is wanted for it, and what is known of it.

    Who replaces what:
    - `app`, `seen`: `applications`, by what the watch says, and `status`, by the answers to our own writes;
    - `wanted`, what is asked of the repo-servers: `wants`;
    - `render`, what they answered: `renders`; commits that left it as it was move it on as it is read;
    - `desired`, what that is on its cluster: `gather`; `server`, which cluster that is: the book;
    - `execution`, the operation under way: `operate`, and `write_back` at its end;
    - `leaving`, what its deletion waits for: `delete`; `depends`, what its sync waits for, and what it is
      `paused` by or `pinned` to: `reconcile`;
    - `kept`, what one look leaves to the next: `reconcile`;
    - `ledger`, what it compared: `comparison`; which objects moved since: `wakes`;
    - `status_bytes`, how much of a status fits: `status`; `foretold`, told and never written: `tell`;
    - `trace`: whoever learns of what an application is looked at for.
    """

    def __init__(self, app: Application, instance: str) -> None:
        self.id: AppId = app.id
        self.instance = instance
        self.app = app
        self.seen = Seen(app)
        self.wanted = Wanted()
        self.trace: Trace | None = None
        self.answer = Answer(app.id)
        self.desired: DesiredState | None = None
        self.server = ""
        self.execution: Execution | None = None
        self.leaving = NOTHING_AWAITED
        self.depends: Waiting | None = None
        self.paused: tuple[Paused, ...] = ()
        self.pinned: Pinned | None = None
        self.kept = Kept()
        self.ledger = Ledger()
        self.status_bytes = MOST_BYTES
        self.foretold: ApplicationStatus | None = None
        self.measured: Measured | None = None

    @property
    def render(self) -> Render | None:
        """What the repo-servers answered, moved on by all commits since that left it as it was."""
        return self.answer.render

    @render.setter
    def render(self, render: Render | None) -> None:
        self.answer.render = render

    @property
    def moves_unwritten(self) -> int:
        """Commits that moved the application since its status was written."""
        return self.answer.unwritten if self.answer.render is not None else 0

    def __repr__(self) -> str:
        return f"Record({self.id.qualified})"


class Book:
    """All records, by application, by project and by destination."""

    def __init__(self, control_namespace: str) -> None:
        self.control_namespace = control_namespace
        self._records: dict[AppId, Record] = {}
        self._instances: dict[str, AppId] = {}
        self._at: dict[str, dict[AppId, None]] = {}
        self.interests = Interests()
        self.orphanages = Orphanages()
        self.contested = Contested()

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

    def has_instance(self, instance: str) -> bool:
        """Whether there is an application that objects are marked so for."""
        return instance in self._instances

    def at(self, *servers: str) -> list[Record]:
        """The applications of clusters, by their addresses; "" are those of which that is not known yet."""
        return [self._records[app_id] for server in servers for app_id in self._at.get(server, ())]

    def place(self, record: Record, server: str) -> None:
        """The application is one of this cluster."""
        if record.server != server and self._records.get(record.id) is record:
            self._leave(record)
            record.server = server
            self._at.setdefault(server, {})[record.id] = None

    def open(self, app: Application) -> Record:
        """A new record."""
        known = self._records.get(app.id)
        if known is not None:
            self._leave(known)
        record = Record(app, app.id.instance(self.control_namespace))
        self._records[app.id] = record
        self._at.setdefault("", {})[app.id] = None
        self._instances[record.instance] = app.id
        self.interests.expect({GroupKind(item.group, item.kind) for item in app.status.resources})
        return record

    def close(self, app_id: AppId) -> Record | None:
        """The application is gone."""
        record = self._records.pop(app_id, None)
        if record is not None:
            self._instances.pop(record.instance, None)
            self._leave(record)
            self.interests.forget(app_id)
            self.orphanages.forget(app_id)
            self.contested.note(app_id, {})
        return record

    def _leave(self, record: Record) -> None:
        there = self._at.get(record.server, {})
        there.pop(record.id, None)
        if not there:
            self._at.pop(record.server, None)


def now() -> float:
    """Monotonic seconds."""
    return time.monotonic()
