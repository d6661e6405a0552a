"""A played world for a rolling sync: commits, Applications, their controller, and a set's looks at them.

Times are whole seconds as in Kubernetes; a look may fail to write an operation, or die before its status.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fairlead.applicationset_controller.rolling.advance import App, Moves, advance
from fairlead.applicationset_controller.rolling.facts import Facts
from fairlead.applicationset_controller.rolling.states import HEALTHY
from fairlead.model.applicationset import ApplicationSetApplicationStatus, RolloutStep


@dataclass
class Played:
    """One Application. `target` is what its last comparison found in Git, `deployed` what it runs."""

    step: str
    target: int = 0
    deployed: int = 0
    healthy: bool = True
    compared: datetime | None = None
    spec: int = 0
    compared_spec: int = 0
    deployed_spec: int = 0
    operation: int | None = None
    running: int | None = None
    ended: int | None = None
    began: datetime | None = None
    is_refreshing: bool = False

    @property
    def is_synced(self) -> bool:
        """As its last comparison said."""
        return self.target == self.deployed and self.compared_spec == self.deployed_spec

    def facts(self, differs: bool) -> Facts:
        """As the set sees it."""
        return Facts(
            revisions=(str(self.target),) if self.target else (),
            is_synced=self.target > 0 and self.is_synced,
            is_out_of_sync=self.target > 0 and not self.is_synced,
            is_healthy=self.healthy,
            is_current=self.spec == self.compared_spec,
            differs=differs,
            is_asked=self.operation is not None or self.running is not None,
            is_running=self.running is not None,
            ended=(str(self.ended),) if self.ended is not None and self.running is None else None,
            succeeded=True,
            began_at=self.began,
            reconciled_at=self.compared,
            is_refreshing=self.is_refreshing,
        )


@dataclass
class World:
    """All of it. `operations` counts what was written, by Application, revision and spec."""

    steps: tuple[RolloutStep, ...]
    apps: dict[str, Played]
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    commit: int = 1
    spec: int = 0
    statuses: dict[str, ApplicationSetApplicationStatus] = field(default_factory=dict)
    operations: Counter[tuple[str, int, int]] = field(default_factory=Counter)

    @property
    def second(self) -> datetime:
        return self.now.replace(microsecond=0)

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def compare(self, name: str) -> None:
        """Its controller looks at Git and at the cluster."""
        app = self.apps[name]
        app.target, app.compared_spec, app.compared = self.commit, app.spec, self.second
        app.is_refreshing = False

    def go_on(self, name: str) -> None:
        """Its controller takes an operation, ends it, or what was deployed becomes healthy."""
        app = self.apps[name]
        if app.running is not None:
            app.deployed, app.deployed_spec, app.ended, app.running = app.running, app.spec, app.running, None
            app.healthy = False
        elif app.operation is not None:
            app.running, app.operation, app.began = app.operation, None, self.second
        else:
            app.healthy = True

    def look(self, *, fails: frozenset[str] = frozenset(), dies: bool = False) -> Moves:
        """The set looks, and writes what came of it."""
        differing = {name for name, app in self.apps.items() if app.spec != self.spec}
        moves = advance(
            self.steps,
            self.statuses,
            [
                App(name=name, step=app.step, facts=app.facts(name in differing))
                for name, app in self.apps.items()
            ],
            self.now,
        )
        if differing:
            self.statuses = {**moves.statuses, **moves.before}
        for name in differing:
            self.apps[name].spec = self.spec
        for name in moves.begins:
            if name not in fails:
                self._begin(name, moves)
        for name in moves.refreshes:
            self.apps[name].is_refreshing = True
        if not dies:
            kept = {name: moves.before[name] for name in moves.begins if name in fails}
            self.statuses = {**moves.statuses, **kept}
        self._bounds()
        return moves

    def _begin(self, name: str, moves: Moves) -> None:
        app = self.apps[name]
        revision = int(moves.statuses[name].target_revisions[0])
        assert app.operation is None and app.running is None
        app.operation = revision
        self.operations[name, revision, app.spec] += 1
        for other, earlier in self.apps.items():
            if int(earlier.step) < int(app.step):
                assert earlier.deployed >= revision and earlier.healthy, f"{name} before {other}"
                assert earlier.deployed_spec >= app.spec, f"{name} before {other}"

    def _bounds(self) -> None:
        for number, step in enumerate(self.steps, 1):
            moving = [
                name
                for name, app in self.apps.items()
                if app.step == str(number) and (app.operation is not None or app.running is not None)
            ]
            if isinstance(step.max_update, int):
                assert len(moving) <= step.max_update, moving

    def settle(self) -> None:
        """All go on until nothing moves; raises AssertionError where that takes too long."""
        for _ in range(60 * len(self.apps)):
            self.look()
            if self.is_done:
                return
            self.passes(1.5)
            for name, app in self.apps.items():
                if app.is_refreshing or app.spec != app.compared_spec or app.target != self.commit:
                    self.compare(name)
                self.go_on(name)
        raise AssertionError(self.statuses)

    @property
    def is_done(self) -> bool:
        return all(
            app.deployed == self.commit
            and app.deployed_spec == self.spec
            and self.statuses[name].status is HEALTHY
            for name, app in self.apps.items()
        )
