"""What a sync waits for: told down to the pods, ended in time, and given up for a newer commit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from fairlead.app_controller.syncing import run
from fairlead.kube.collection import CONFIG_MAPS
from fairlead.model.application import Application
from fairlead.model.noted import CLOCK
from fairlead.model.sync import OperationState
from fairlead.model.times import stamp
from fairlead.sync.deadlines import WAIT, Deadlines
from tests.integration.app_controller.lab import (
    JOBS,
    Lab,
    automated,
    config_map,
    deployment,
    hook,
)
from tests.integration.app_controller.renderer import Document

WAVE = "argocd.argoproj.io/sync-wave"
UNPULLABLE = "nginx:does-not-exist"


def message_of(app: Application) -> str:
    state = app.status.operation_state
    return "" if state is None else state.message


def in_wave(document: Document, wave: int) -> Document:
    document["metadata"].setdefault("annotations", {})[WAVE] = str(wave)
    return document


def with_pod(document: Document, **spec: Any) -> Document:
    document["spec"]["template"]["spec"].update(spec)
    return document


def unpullable(document: Document) -> Document:
    document["spec"]["template"]["spec"]["containers"][0]["image"] = UNPULLABLE
    return document


def deployed(app: Application) -> str:
    """The revision of the operation that runs."""
    state = app.status.operation_state
    result = state.sync_result if state is not None and not state.phase.is_final else None
    return "" if result is None else result.revision


async def waits(lab: Lab, *parts: str) -> str:
    """The message of the operation as soon as it has all the parts."""
    app = await lab.until(lambda app: all(part in message_of(app) for part in parts))
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Running"
    return message_of(app)


async def ended(lab: Lab) -> OperationState:
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    assert app.status.operation_state is not None
    return app.status.operation_state


def limited(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Every wait from now on is as long as this and no longer; what is not named is endless."""
    limits = Deadlines(**{"attempt": 0.0, "hook": 0.0, "wait": 0.0, **seconds})
    before = run.Run.__init__

    def with_limits(self: run.Run, *args: Any, **kwargs: Any) -> None:
        before(self, *args, **{**kwargs, "deadlines": limits})

    monkeypatch.setattr(run.Run, "__init__", with_limits)


async def test_a_wait_names_the_image_that_cannot_be_pulled_and_the_commit_that_mends_it_wins(
    lab: Lab,
) -> None:
    first = lab.renderer.holds(lab.repo, [unpullable(deployment()), in_wave(config_map("late"), 1)])
    await lab.create_app(**automated())
    message = await waits(lab, "waiting for healthy state of apps/Deployment/web", "ImagePullBackOff")
    assert f"container main: image {UNPULLABLE} cannot be pulled" in message
    await lab.eventually(lambda: lab.outlook().waiting is not None)
    told = lab.outlook().waiting
    assert told is not None
    assert (told.reason, told.phase, told.wave, [one.name for one in told.objects]) == (
        "objects",
        "Sync",
        0,
        ["web"],
    )
    kept_by = told.objects[0].by
    assert kept_by is not None
    assert (kept_by.kind, kept_by.container, kept_by.reason) == ("Pod", "main", "ImagePullBackOff")
    second = await lab.renderer.commit(lab.repo, [deployment(), in_wave(config_map("late"), 1)])
    app = await lab.until(lambda app: "superseded" in message_of(app))
    assert message_of(app).startswith("waiting for healthy state of apps/Deployment/web")
    assert message_of(app).endswith(f"(superseded by {second[:7]})")
    app = await lab.synced(revision=second)
    assert [item.revision for item in app.status.history] == [second]
    assert first not in [item.revision for item in app.status.history]


async def test_a_hook_that_cannot_begin_gives_way_and_is_deleted(lab: Lab) -> None:
    stuck = unpullable(hook("before", "PreSync"))
    lab.renderer.holds(lab.repo, [stuck, config_map()])
    await lab.create_app(**automated())
    await waits(lab, "waiting for completion of hook batch/Job/before", "ImagePullBackOff")
    job = await lab.get(JOBS, "before")
    second = await lab.renderer.commit(lab.repo, [hook("before", "PreSync"), config_map()])
    app = await lab.synced(revision=second)
    after = await lab.get(JOBS, "before")
    assert job is not None and after is not None
    assert job["metadata"]["uid"] != after["metadata"]["uid"]
    assert [item.revision for item in app.status.history] == [second]


async def test_with_commits_faster_than_syncs_every_fourth_is_left_undisturbed(lab: Lab) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "none",
        },
    }

    def slow(number: int) -> list[Document]:
        return [claim, in_wave(config_map("late", number=str(number)), 1)]

    lab.renderer.holds(lab.repo, slow(0))
    policy = automated()["syncPolicy"]
    await lab.create_app(syncPolicy={**policy, "syncOptions": ["GuardPrune=false"]})
    revision = ""
    for number in (1, 2, 3):
        await waits(lab, "waiting for healthy state of /PersistentVolumeClaim/data")
        revision = await lab.renderer.commit(lab.repo, slow(number))
        await lab.until(lambda app, revision=revision: deployed(app) == revision)  # type: ignore[misc]
    last = await lab.renderer.commit(lab.repo, [in_wave(config_map("late"), 1)])
    await lab.until(lambda app: app.status.sync.revision == last)
    await waits(lab, "waiting for healthy state of /PersistentVolumeClaim/data")
    assert deployed(await lab.app()) == revision
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    await lab.synced(revision=last)


async def test_what_a_person_asked_for_by_its_revision_gives_way_to_nothing(lab: Lab) -> None:
    first = lab.renderer.holds(lab.repo, [deployment(), in_wave(config_map("late"), 1)])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    stuck = [unpullable(deployment()), in_wave(config_map("late", a="1"), 1)]
    second = await lab.renderer.commit(lab.repo, stuck)
    await waits(lab, "waiting for healthy state", "ImagePullBackOff")
    await lab.patch_app({"spec": {"syncPolicy": {"automated": None}}})
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    assert (await ended(lab)).message == "Operation terminated"
    await lab.patch_app({"operation": {"sync": {"revision": second}}})
    await waits(lab, "waiting for healthy state", "ImagePullBackOff")
    await lab.patch_app({"spec": {"syncPolicy": automated(selfHeal=False)["syncPolicy"]}})
    third = await lab.renderer.commit(lab.repo, [deployment(replicas=2)])
    await lab.until(lambda app: app.status.sync.revision == third)
    app = await lab.app()
    assert app.operation is not None, message_of(app)
    assert first != second
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    await lab.synced(revision=third)


async def test_waits_name_what_no_node_takes_and_what_keeps_ending(lab: Lab) -> None:
    nowhere = with_pod(deployment("nowhere"), nodeSelector={"no": "such-node"})
    crashing = deployment("crashing")
    crashing["spec"]["template"]["metadata"]["annotations"] = {"fairlead.dev/simulate": "fail"}
    for document, reason in (
        (nowhere, "Unschedulable"),
        (crashing, "CrashLoopBackOff: container main"),
    ):
        name = document["metadata"]["name"]
        lab.renderer.holds(lab.repo, [document, in_wave(config_map("late"), 1)])
        await lab.create_app(name)
        await lab.until(lambda app: app.status.sync.status == "OutOfSync", name)
        await lab.patch_app({"operation": {"sync": {}}}, name)
        await lab.until(lambda app, reason=reason: reason in message_of(app), name)  # type: ignore[misc]
        assert await lab.get(CONFIG_MAPS, "late") is None


async def test_a_hook_whose_time_is_over_is_deleted_and_its_failure_says_why(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, hook=3.0)
    rescue = hook("rescue", "SyncFail")
    lab.renderer.holds(lab.repo, [unpullable(hook("before", "PreSync")), config_map(), rescue])
    await lab.create_app()
    await lab.patch_app({"operation": {"sync": {}}})
    state = await ended(lab)
    assert state.phase == "Failed"
    told = "reason: hook batch/Job/before did not end within 3s: Pod before-"
    assert told in state.message
    assert "ImagePullBackOff" in state.message
    await lab.until_live(JOBS, "before", lambda live: live is None)
    done = await lab.get(JOBS, "rescue")
    assert done is not None and done["status"].get("succeeded") == 1
    assert await lab.get(CONFIG_MAPS, "settings") is None


async def test_a_wave_whose_time_is_over_fails_the_attempt_and_the_next_one_is_tried(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, wait=2.0)
    lab.renderer.holds(lab.repo, [unpullable(deployment()), in_wave(config_map("late"), 1)])
    await lab.create_app()
    retry = {"limit": 1, "backoff": {"duration": "1s", "factor": 1}}
    await lab.patch_app({"operation": {"sync": {}, "retry": retry}})
    state = await ended(lab)
    assert (state.phase, state.retry_count) == ("Failed", 1)
    assert "apps/Deployment/web was not healthy within 2s: Pod web-" in state.message
    assert state.message.endswith("(retried 1 times).")


async def test_an_operation_ends_with_the_time_that_the_settings_give_it(lab: Lab) -> None:
    await lab.stop()
    lab.config = msgspec.structs.replace(lab.config)
    parameters = {"data": {"controller.sync.timeout.seconds": "3"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", parameters, lab.namespace)
    await lab.start()
    lab.renderer.holds(lab.repo, [hook("before", "PreSync", "sleep infinity"), config_map()])
    await lab.create_app()
    await lab.patch_app({"operation": {"sync": {}, "retry": {"limit": 5}}})
    state = await ended(lab)
    assert (state.phase, state.message) == (
        "Failed",
        "Operation terminated, triggered by controller sync timeout",
    )
    await lab.until_live(JOBS, "before", lambda live: live is None)


async def test_waves_pause_as_long_as_the_settings_say(lab: Lab) -> None:
    await lab.stop()
    lab.config = msgspec.structs.replace(lab.config, wave_delay=-1.0)
    delay = {"data": {"controller.sync.wave.delay.seconds": "2"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", delay, lab.namespace)
    await lab.start()
    lab.renderer.holds(lab.repo, [config_map("early"), in_wave(config_map("late"), 1)])
    await lab.create_app(**automated())
    await lab.synced()
    made = [await lab.get(CONFIG_MAPS, name) for name in ("early", "late")]
    first, second = (datetime.fromisoformat(item["metadata"]["creationTimestamp"]) for item in made if item)
    assert (second - first).total_seconds() >= 2


async def test_a_wait_for_what_does_not_go_names_its_finalizers(lab: Lab) -> None:
    held = config_map("held")
    held["metadata"]["finalizers"] = ["example.io/hold"]
    lab.renderer.holds(lab.repo, [held, config_map("a")])
    await lab.create_app(**automated())
    await lab.synced()
    try:
        await lab.renderer.commit(lab.repo, [in_wave(config_map("a", x="1"), 1)])
        await waits(lab, "waiting for deletion of /ConfigMap/held", "held by finalizers example.io/hold")
    finally:
        await lab.client.merge_patch(CONFIG_MAPS, "held", {"metadata": {"finalizers": None}}, lab.workloads)
    app = await lab.synced()
    assert len(app.status.history) == 2


async def test_a_wait_that_a_restart_finds_ends_when_it_would_have_ended_without(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [unpullable(deployment()), in_wave(config_map("late"), 1)])
    await lab.create_app()
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: CLOCK in app.metadata.annotations)
    started, attempt, begun, stage, since = app.metadata.annotations[CLOCK].split(" ")
    assert app.status.operation_state is not None
    assert (started, attempt, stage) == (app.status.operation_state.started_at, "0", "Sync/0")
    await lab.stop()
    earlier = datetime.now(UTC) - timedelta(seconds=WAIT + 60)
    clock = " ".join((started, attempt, begun, stage, stamp(earlier)))
    assert clock < app.metadata.annotations[CLOCK], since
    await lab.patch_app({"metadata": {"annotations": {CLOCK: clock}}})
    await lab.start()
    state = await ended(lab)
    assert state.phase == "Failed"
    assert state.sync_result is not None
    assert "apps/Deployment/web was not healthy within 6h" in msgspec.json.encode(state).decode()
    assert CLOCK not in (await lab.app()).metadata.annotations
    assert await lab.get(CONFIG_MAPS, "late") is None
