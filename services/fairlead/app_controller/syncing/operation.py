"""An operation as it is between two evaluations: its state, its surroundings, and what to wait for.

Invariant: all that a restart needs is in the Application and in the cluster; an operation found Running goes
on where it was, and what is applied twice is applied to the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec

from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.item import Comparison, Item, Subject
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.syncing.clock import Clock, stage_of
from fairlead.app_controller.syncing.obstacles import Obstacles
from fairlead.app_controller.syncing.target import Target, failed_result
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import Application
from fairlead.model.metadata import Time
from fairlead.model.sync import Operation, OperationPhase, OperationState
from fairlead.model.times import parsed, seconds_since, stamp
from fairlead.rpc.waiting import Waiting
from fairlead.sync.errors import DurationError
from fairlead.sync.guard import Held
from fairlead.sync.let_go import LetGo
from fairlead.sync.messages import TERMINATED
from fairlead.sync.retry import due_at, starting_message
from fairlead.sync.step import Step
from fairlead.sync.task import Results, TaskId

UNSEEN_AT_MOST = 20.0
"""Seconds within which the watch shows what was applied; what it has not shown then is taken to be gone."""
LOOK_AGAIN = 30.0
"""Seconds after which a running operation is evaluated at the latest (contract 2.2)."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found out about an application before its operation is evaluated.

    `holder` tells which other application holds an object and wants it, `claimants` which others want an
    object that this one holds. `may_give_way` is false where so many operations gave way to newer commits
    that this one is to get on, and `is_followed` says whether what is newest would be deployed by itself.
    What is `blocked` waits for a sync window, or for what it `awaits`.
    """

    subject: Subject
    render: Render
    desired: DesiredState
    comparison: Comparison
    project: str
    writer: ClusterWriter
    holder: Callable[[Item], str]
    claimants: Callable[[ResourceKey], tuple[str, ...]]
    is_followed: Callable[[], bool]
    blocked: str | None = None
    awaits: Waiting | None = None
    may_give_way: bool = True


class Execution:
    """What an evaluation leaves to the next one in this process; losing it costs time only.

    Times are monotonic.
    - `target`, `digest`: what is deployed, and the name of its manifests ("" before they are known and for
      local ones);
    - `unseen`: objects that were applied and that the watch has not shown yet, each with the time since;
    - `not_before`: the end of the pause after a wave;
    - `announced`: whether the world was told that the operation began;
    - `held`: prunes that wait for a person, known once it `is_guarded`; `let_go`: what one let go of, until
      it is written; `unconfirmed`: those of which an option of theirs says that a person is asked;
    - `awaited`: tasks that are waited for, each with the time since; `obstacles`: what keeps them; `waiting`:
      all of that for whoever asks;
    - `begun_at`: when the attempt began, or when it last waited for a person; `clock`: what a process after
      this one has to know of that and of what is awaited;
    - `prune_waves`: the waves of what the attempt prunes, gone or not;
    - `is_resumed`: whether another process may have begun it.
    """

    def __init__(self, started_at: Time, moment: float) -> None:
        self.started_at = started_at
        self.target: Target | None = None
        self.digest = ""
        self.unseen: dict[ResourceKey, float] = {}
        self.not_before = 0.0
        self.announced = False
        self.held: Held | None = None
        self.is_guarded = False
        self.let_go: LetGo | None = None
        self.unconfirmed: tuple[ResourceKey, ...] = ()
        self.waiting: Waiting | None = None
        self.awaited: dict[TaskId, float] = {}
        self.obstacles = Obstacles()
        self.begun_at = moment
        self.clock = Clock(begun=stamp())
        self.prune_waves: dict[ResourceKey, int] = {}
        self.is_resumed = False
        self._resumed: tuple[str, float] | None = None

    @property
    def is_timed(self) -> bool:
        """Whether something is waited for, so that the clock is worth writing down."""
        return bool(self.awaited) or self.clock.begun is None

    def begin_anew(self, moment: float) -> None:
        """Another attempt begins: what is deployed is found again, and nothing was waited for yet."""
        self.target = None
        self.awaited.clear()
        self.prune_waves.clear()
        self.obstacles = Obstacles()
        self.waiting = None
        self.begun_at, self.clock, self._resumed = moment, Clock(begun=stamp()), None

    def resume(self, clock: Clock, moment: float) -> None:
        """Go on with the clock that a process before this one wrote."""
        self.is_resumed, self.clock = True, clock
        self.begun_at = moment - _passed(clock.begun)
        if clock.since is not None:
            self._resumed = clock.stage, moment - _passed(clock.since)

    def pause(self, moment: float) -> None:
        """A person, or a sync window, is waited for, which has all the time."""
        self.begun_at, self.clock, self._resumed = moment, Clock(begun=None), None
        self.awaited.clear()

    def wait_for(self, step: Step, moment: float) -> None:
        """Note what a step waits for, and since when."""
        if step.awaits_person:
            self.pause(moment)
            return
        stage, since = stage_of(step.awaits), moment
        begun = self.clock.begun or stamp()
        if stage and stage != self.clock.stage:
            self.clock = Clock(begun=begun, stage=stage, since=stamp())
        elif self.clock.begun is None:
            self.clock = Clock(begun=begun)
        if stage and self._resumed is not None:
            since = self._resumed[1] if self._resumed[0] == stage else moment
            self._resumed = None
        self.awaited = {task.id: self.awaited.get(task.id, since) for task in step.awaits}

    def notice(self, live: Mapping[ResourceKey, object], moment: float) -> None:
        """Forget what the watch has shown, and what it ought to have shown by now: that is gone."""
        for key, since in list(self.unseen.items()):
            if key in live or moment - since > UNSEEN_AT_MOST:
                del self.unseen[key]


def _passed(time: Time | None) -> float:
    """Seconds since a time, which another machine's clock may have told."""
    return max(0.0, seconds_since(time) or 0.0)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the operation is, and after how many seconds to evaluate it again.

    `gave_way` says that it ended for a newer commit.
    """

    state: OperationState
    again_after: float | None = None
    gave_way: bool = False

    @property
    def is_done(self) -> bool:
        """Whether nothing more will happen."""
        return self.state.phase.is_final


def put_off(app: Application, reason: str) -> OperationState | None:
    """What an operation says that cannot go on, or begin: it waits, or ends if that was asked for."""
    operation = app.operation
    if operation is None:
        return None
    state = current_state(app, operation)
    if state.phase is not OperationPhase.TERMINATING:
        return msgspec.structs.replace(state, message=reason)
    return msgspec.structs.replace(
        state,
        sync_result=failed_result(app, state, None),
        phase=OperationPhase.FAILED,
        message=f"{TERMINATED}. {reason}",
        finished_at=stamp(),
    )


def current_state(app: Application, operation: Operation) -> OperationState:
    """The state to go on from: the unfinished one, or a new one for a new request."""
    state = app.status.operation_state
    if state is not None and not state.phase.is_final and app.operation is not None:
        return state
    return OperationState(phase=OperationPhase.RUNNING, operation=operation, started_at=stamp())


def until_told_apart(app: Application, moment: datetime) -> float:
    """Seconds until another operation may begin: its start names it, on its hooks too, and for confirmations,
    so no two of one application begin within one second.
    """
    last = app.status.operation_state
    if last is None or not last.phase.is_final or last.started_at != stamp(moment):
        return 0.0
    return 1.0 - moment.microsecond / 1_000_000


def is_new(app: Application, state: OperationState) -> bool:
    """Whether the Application does not yet say that this operation runs."""
    known = app.status.operation_state
    return known is None or known.phase.is_final or known.started_at != state.started_at


def may_be_held(app: Application, operation: Operation) -> bool:
    """Whether an operation that nobody asked for by hand was written by somebody else, and has not begun: it
    does not know what it deploys, whether or not the Application says already that it waits.
    """
    by_itself = operation.initiated_by is not None and operation.initiated_by.automated
    state = current_state(app, operation)
    has_begun = state.sync_result is not None or bool(state.retry_count)
    return by_itself and app.operation is not None and not has_begun


def has_just_begun(state: OperationState) -> bool:
    """Whether an operation has not yet done anything, so that its beginning was not told of."""
    return not state.retry_count and (state.sync_result is None or not state.sync_result.resources)


def until_retry(state: OperationState) -> float | None:
    """Seconds until the announced retry, or None when none is announced."""
    finished = parsed(state.finished_at)
    if finished is None or state.phase is not OperationPhase.RUNNING:
        return None
    try:
        due = due_at(state.operation.retry, state.retry_count, finished)
    except DurationError:
        return 0.0
    return (due - datetime.now(UTC)).total_seconds()


def begin_retry(state: OperationState) -> OperationState:
    """The state as an announced retry begins."""
    return msgspec.structs.replace(
        state,
        message=starting_message(state.operation.retry, state.retry_count),
        finished_at=None,
        sync_result=None,
    )


def with_results(
    state: OperationState, phase: OperationPhase, message: str, results: Results
) -> OperationState:
    """The state with another phase, message and records."""
    result = state.sync_result
    if result is not None:
        result = msgspec.structs.replace(result, resources=results.resources)
    return msgspec.structs.replace(state, phase=phase, message=message, sync_result=result)
