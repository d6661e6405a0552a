"""Commit after commit, operation after operation: superseded, failed, tried again, killed; then calm.

Whatever happened before, what Git has at last is what the cluster has, no more and no less.
"""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.health.assess import HOOK_FINALIZER
from fairlead.manifest.fields import list_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import OperationPhase
from fairlead.sync.advance import advance
from fairlead.sync.endings import may_stop, stop
from fairlead.sync.prune import PruneDecision
from fairlead.sync.step import Step
from fairlead.sync.task import Results, TaskId

from .cluster import STARTED, Cluster, Controller, KilledError, Object, job, thing

PATIENCE, TICKS, ATTEMPTS = 4, 150, 2
KINDS = {"o0": "ConfigMap", "o1": "Service", "o2": "PersistentVolumeClaim", "o3": "PersistentVolumeClaim"}
HOOKS = ("h0", "h1")


class Commit(NamedTuple):
    """What Git has, how it fares, and after how many ticks of its operation the next commit comes."""

    objects: tuple[Object, ...]
    stuck: frozenset[str]
    ill: frozenset[str]
    refused: frozenset[str]
    next_after: int


@st.composite
def commits(draw: st.DrawFn, *, calm: bool = False) -> Commit:
    waves = st.integers(-1, 2).map(str)
    names = draw(st.sets(st.sampled_from([*KINDS, *HOOKS])))
    objects: list[Object] = []
    for name in sorted(names):
        if name in KINDS:
            objects.append(thing(KINDS[name], name, wave=draw(waves)))
        else:
            phase = draw(st.sampled_from(["PreSync", "Sync", "PostSync", "PreSync,PostSync", "SyncFail"]))
            policy = draw(st.sampled_from(["BeforeHookCreation", "HookSucceeded", "HookFailed"]))
            objects.append(job(name, phase, wave=draw(waves), delete_policy=policy))
    some = st.just(set[str]()) if calm or not names else st.sets(st.sampled_from(sorted(names)), max_size=2)
    return Commit(
        objects=tuple(objects),
        stuck=frozenset(draw(some)),
        ill=frozenset(draw(some)),
        refused=frozenset(draw(some)),
        next_after=draw(st.integers(0, 6)),
    )


class Ours(Cluster):
    """A cluster in which nothing that Git has now may be deleted, but hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.desired: frozenset[ResourceKey] = frozenset()

    def delete(self, key: ResourceKey) -> None:
        assert key.kind == "Job" or key not in self.desired, f"{key} is desired and was deleted"
        super().delete(key)


class History:
    """An application that syncs itself, and its repository."""

    def __init__(self, story: list[Commit], kills: frozenset[int]) -> None:
        self.story, self.kills = story, kills
        self.cluster = Ours()
        self.calls = 0
        self.head = 0
        self.operations = 0

    def alive(self) -> None:
        self.calls += 1
        if self.calls in self.kills:
            raise KilledError

    def run(self) -> Step:
        while True:
            number = self.head
            end = self.operated(number)
            if number == self.head:
                if number == len(self.story) - 1:
                    return end
                self.head += 1

    def operated(self, number: int) -> Step:
        """One operation for one commit, with its attempts, to its end."""
        commit = self.story[number]
        self.operations += 1
        controller = self.controller(number, commit)
        for attempt in range(ATTEMPTS):
            controller.attempt, controller.status = attempt, ()
            end = self.attempted(controller, commit, number)
            if end.phase is OperationPhase.SUCCEEDED or self.head != number:
                break
        return end

    def controller(self, number: int, commit: Commit) -> Controller:
        for obj in commit.objects:
            obj["data"] = {"commit": str(number)}
        self.cluster.refuses = dict.fromkeys(commit.refused, "refused")
        found = Controller(self.cluster, commit.objects, alive=self.alive)
        found.started_at = STARTED + self.operations
        self.cluster.desired = frozenset(item.key for item in found.desired)
        return found

    def attempted(self, controller: Controller, commit: Commit, number: int) -> Step:
        waited: dict[TaskId, int] = {}
        for tick in range(TICKS):
            if number < len(self.story) - 1 and tick >= commit.next_after:
                self.head = number + 1
            controller.extras = {
                key: PruneDecision(allowed=True)
                for key in self.cluster.objects
                if key not in self.cluster.desired and key.kind != "Job"
            }
            controller.late = {name: "late" for name, ticks in waited.items() if ticks > PATIENCE}
            try:
                step = self.evaluated(controller, gives_way=self.head != number)
            except KilledError:
                waited.clear()
                controller.prune_waves.clear()
                continue
            if step.is_final:
                return step
            waited = {task.id: waited.get(task.id, 0) + 1 for task in step.awaits}
            self.tick(commit)
        raise AssertionError(f"never ends: {step.message}")

    def evaluated(self, controller: Controller, *, gives_way: bool) -> Step:
        if not gives_way:
            return controller.evaluate()
        plan, live = controller.plan(), self.cluster.objects
        step = advance(plan, Results(controller.status), live, late=controller.late)
        if not may_stop(plan, step):
            return controller.evaluate()
        return controller.carry_out(plan, stop(plan, step.results, live, "superseded"))

    def tick(self, commit: Commit) -> None:
        for key, obj in self.cluster.objects.items():
            if key.kind == "PersistentVolumeClaim":
                word = (
                    "Pending" if key.name in commit.stuck else "Lost" if key.name in commit.ill else "Bound"
                )
                obj["status"] = {"phase": word}
            elif key.kind == "Job" and key.name not in commit.stuck:
                self.cluster.finish(key.name, failed=key.name in commit.ill)


@settings(max_examples=150, deadline=None)
@given(
    story=st.lists(commits(), max_size=4),
    last=commits(calm=True),
    kills=st.frozensets(st.integers(0, 120), max_size=10),
)
def test_what_git_has_at_last_is_what_the_cluster_has_whatever_happened_before(
    story: list[Commit], last: Commit, kills: frozenset[int]
) -> None:
    history = History([*story, last], kills)
    end = history.run()
    assert end.phase is OperationPhase.SUCCEEDED, end.message
    live = {key: obj for key, obj in history.cluster.objects.items() if key.kind != "Job"}
    wanted = {key for key in history.cluster.desired if key.kind != "Job"}
    assert set(live) == wanted
    assert {obj["data"]["commit"] for obj in live.values()} <= {str(len(story))}
    held = [
        key
        for key, obj in history.cluster.objects.items()
        if HOOK_FINALIZER in list_at(obj, "metadata", "finalizers")
    ]
    assert held == [], "a hook is still held by us"
