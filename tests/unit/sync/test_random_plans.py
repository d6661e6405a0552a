"""The sync machine under random plans, fates and kills: no wrong deletion, no hook twice, no lie at the end.

Only what the Application's status says and what the cluster holds survives a kill.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.health.assess import HOOK_FINALIZER
from fairlead.manifest.fields import list_at, value_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import OperationPhase, ResourceResult, SyncOperation, SyncPhase
from fairlead.sync.advance import advance
from fairlead.sync.endings import may_stop, stop, terminate
from fairlead.sync.phases import rank_of
from fairlead.sync.prune import PruneDecision, Refusal
from fairlead.sync.step import Step
from fairlead.sync.task import Results, Task, TaskId

from .cluster import STARTED, Cluster, Controller, KilledError, Object, job, thing

PATIENCE = 6
"""Ticks of the world after which a wait is over."""
TICKS = 200
ALLOWED, FORBIDDEN = PruneDecision(allowed=True), PruneDecision(allowed=False, reason=Refusal.NOT_OURS)


class Fate(StrEnum):
    """What becomes of an object that has health, once it is there."""

    WELL = "well"
    ILL = "ill"
    STUCK = "stuck"


class Asked(StrEnum):
    """What somebody else wants while the sync runs."""

    NOTHING = "nothing"
    TERMINATE = "terminate"
    NEWER = "newer"


class Case(NamedTuple):
    """One sync and its world."""

    objects: tuple[Object, ...]
    old: Mapping[str, tuple[int, PruneDecision, str]]
    fates: Mapping[str, Fate]
    refused: frozenset[str]
    lingers: frozenset[str]
    prune: bool
    kills: frozenset[int]
    asked: Asked
    asked_at: int


WAVES = st.integers(-1, 2).map(str)
PHASES = st.sampled_from(["PreSync", "Sync", "PostSync", "SyncFail", "PreSync,PostSync", "Skip", "Other"])
POLICIES = st.sampled_from(["BeforeHookCreation", "HookSucceeded", "HookFailed", "HookSucceeded,HookFailed"])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    objects: list[Object] = []
    for number in range(draw(st.integers(0, 5))):
        name, wave = f"o{number}", draw(WAVES)
        match draw(st.sampled_from(["plain", "healthy", "hook"])):
            case "plain":
                objects.append(thing(draw(st.sampled_from(["ConfigMap", "Service"])), name, wave=wave))
            case "healthy":
                objects.append(thing("PersistentVolumeClaim", name, wave=wave))
            case _:
                policy = draw(POLICIES)
                objects.append(job(name, draw(PHASES), wave=wave, delete_policy=policy))
    names = [str(item["metadata"]["name"]) for item in objects]
    old = {
        f"old{number}": (
            draw(st.integers(-1, 2)),
            draw(st.sampled_from([ALLOWED, ALLOWED, FORBIDDEN])),
            draw(st.sampled_from(["", "", "PruneLast=true", "Prune=confirm"])),
        )
        for number in range(draw(st.integers(0, 3)))
    }
    some = st.sets(st.sampled_from(names)) if names else st.just(set())
    going = st.sets(st.sampled_from(sorted(old))) if old else st.just(set())
    return Case(
        objects=tuple(objects),
        old=old,
        fates={name: draw(st.sampled_from([Fate.WELL, Fate.WELL, Fate.ILL, Fate.STUCK])) for name in names},
        refused=frozenset(draw(some) if draw(st.integers(0, 3)) == 0 else ()),
        lingers=frozenset(draw(going)),
        prune=draw(st.booleans()),
        kills=frozenset(draw(st.sets(st.integers(0, 60), max_size=6))),
        asked=draw(st.sampled_from([Asked.NOTHING, Asked.NOTHING, *Asked])),
        asked_at=draw(st.integers(0, 8)),
    )


class Watched(Cluster):
    """A cluster that knows what was done to it, and checks each apply and each deletion."""

    def __init__(self, case: Case) -> None:
        super().__init__(lingers=case.lingers, refuses=dict.fromkeys(case.refused, "refused"))
        self.case = case
        self.plan_tasks: tuple[Task, ...] = ()
        self.applied: set[TaskId] = set()
        self.finished: set[tuple[str, str]] = set()
        self.made: dict[TaskId, int] = {}
        for name, (wave, _, option) in case.old.items():
            obj = thing("ConfigMap", name, wave=str(wave), **({"options": option} if option else {}))
            obj["metadata"]["namespace"] = "shop"
            self.put(old_key(name), obj)

    def apply(self, task: Task) -> ResourceResult:
        before = [other for other in self.plan_tasks if is_before(other, task)]
        unfinished = [other.id for other in before if not self.is_done(other)]
        assert not unfinished, f"{task.id} began before {unfinished} were done"
        if task.is_hook and task.key not in self.objects and task.key.name not in self.refuses:
            self.made[task.id] = self.made.get(task.id, 0) + 1
            assert self.made[task.id] == 1, f"{task.id} ran twice in one attempt"
        result = super().apply(task)
        if result.status != "SyncFailed":
            self.applied.add(task.id)
        return result

    def delete(self, key: ResourceKey) -> None:
        is_hook = any(task.key == key and task.is_hook for task in self.plan_tasks)
        if not is_hook:
            assert key.name in self.case.old, f"{key} is desired and was deleted"
            _, decision, option = self.case.old[key.name]
            assert self.case.prune and decision.allowed, f"{key} was deleted without leave"
            assert option != "Prune=confirm" or self.approved, f"{key} was deleted unconfirmed"
        super().delete(key)

    approved = False

    def is_done(self, task: Task) -> bool:
        """Whether what has to be over before a later wave is over."""
        if task.is_prune:
            decision = self.case.old[task.key.name][1]
            return not (self.case.prune and decision.allowed) or task.key not in self.objects
        if task.is_hook:
            return (task.key.name, task.phase) in self.finished
        if task.id not in self.applied:
            return False
        fate = self.case.fates[task.key.name]
        return task.key.kind != "PersistentVolumeClaim" or fate is Fate.WELL

    def tick(self, running: frozenset[TaskId]) -> None:
        """The world goes on: what can get on does."""
        for key, obj in list(self.objects.items()):
            fate = self.case.fates.get(key.name)
            if fate in (Fate.WELL, Fate.ILL) and key.kind == "Job":
                self.finish(key.name, failed=fate is Fate.ILL)
                if fate is Fate.WELL:
                    self.finished |= {(name.key.name, name.phase) for name in running if name.key == key}
            elif fate is not None and key.kind == "PersistentVolumeClaim":
                obj["status"] = {"phase": {"well": "Bound", "ill": "Lost", "stuck": "Pending"}[fate]}


def old_key(name: str) -> ResourceKey:
    return ResourceKey("", "ConfigMap", "shop", name)


def is_before(one: Task, other: Task) -> bool:
    """Whether one has to be done before the other begins."""
    if SyncPhase.SYNC_FAIL in (one.phase, other.phase):
        return False
    return (rank_of(one.phase), one.wave) < (rank_of(other.phase), other.wave)


class Story:
    """One operation from its beginning to its end, with a controller that is killed now and then."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.cluster = Watched(case)
        self.calls = 0
        self.waited: dict[TaskId, int] = {}
        self.controller = Controller(
            self.cluster,
            case.objects,
            operation=SyncOperation(prune=case.prune),
            extras={old_key(name): decision for name, (_, decision, _) in case.old.items()},
            alive=self.alive,
        )

    def alive(self) -> None:
        self.calls += 1
        if self.calls in self.case.kills:
            raise KilledError

    def run(self) -> Step:
        for tick in range(TICKS):
            try:
                step = self.evaluate(tick)
            except KilledError:
                self.waited.clear()
                self.controller.prune_waves.clear()
                continue
            if step.is_final:
                return step
            self.note(step)
            results = Results(step.results)
            self.cluster.tick(frozenset(t.id for t in self.cluster.plan_tasks if results.is_running(t)))
            if step.awaits_person and tick > PATIENCE:
                self.cluster.approved = True
                self.controller.approved_at = datetime.fromtimestamp(STARTED + 1, UTC)
        raise AssertionError(f"never ends: {step.message}")

    def evaluate(self, tick: int) -> Step:
        controller = self.controller
        plan = controller.plan()
        self.cluster.plan_tasks = plan.tasks
        controller.late = {name: "late" for name, ticks in self.waited.items() if ticks > PATIENCE}
        if self.case.asked is not Asked.NOTHING and tick >= self.case.asked_at:
            results, live = Results(controller.status), self.cluster.objects
            if self.case.asked is Asked.TERMINATE:
                return controller.carry_out(plan, terminate(plan, results, live))
            step = advance(plan, results, live, late=controller.late)
            if may_stop(plan, step):
                assert not [t for t in plan.tasks if t.is_hook and step.results.is_running(t)]
                return controller.carry_out(plan, stop(plan, step.results, live, "superseded"))
        return controller.evaluate()

    def note(self, step: Step) -> None:
        awaited = () if step.awaits_person else step.awaits
        self.waited = {task.id: self.waited.get(task.id, 0) + 1 for task in awaited}


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_whatever_happens_a_sync_deletes_nothing_wrongly_keeps_its_order_and_says_the_truth(
    case: Case,
) -> None:
    story = Story(case)
    end = story.run()
    live = story.cluster.objects
    held = [key for key, obj in live.items() if HOOK_FINALIZER in list_at(obj, "metadata", "finalizers")]
    assert held == [], "a hook is still held by us"
    for name, (_, decision, _) in case.old.items():
        if not (case.prune and decision.allowed):
            assert old_key(name) in live
    if end.phase is OperationPhase.SUCCEEDED:
        succeeded(story, live)


def succeeded(story: Story, live: Mapping[ResourceKey, Object]) -> None:
    """A sync that says that it succeeded did all that it was to do."""
    case, cluster = story.case, story.cluster
    tasks = [task for task in story.controller.plan().tasks if task.phase is not SyncPhase.SYNC_FAIL]
    for task in tasks:
        if task.is_hook:
            assert (task.key.name, task.phase) in cluster.finished, f"{task.id} never ended well"
        elif not task.is_prune:
            assert task.id in cluster.applied, f"{task.id} was never applied"
    for name, (_, decision, _) in case.old.items():
        if case.prune and decision.allowed:
            obj = live.get(old_key(name))
            assert obj is None or value_at(obj, "metadata", "deletionTimestamp")
