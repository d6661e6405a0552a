"""Rolling syncs on a real API server; the Applications' own controller is played."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec

from fairlead.kube.collection import APPLICATION_SETS, APPLICATIONS
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.model.times import stamp
from tests.integration.applicationset_controller.lab import (
    Lab,
    Object,
    conditions,
    listed,
    template,
)

REFRESH = "argocd.argoproj.io/refresh"
USER = "applicationset-controller"


class Played:
    """The app-controller: compares at `commit`, carries out operations, and counts what it was asked for."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.commit = "r1"
        self.asked: Counter[tuple[str, str]] = Counter()
        self.order: list[str] = []
        self.at_once = 0
        self.sick: set[str] = set()
        self.operations: dict[str, Object] = {}
        self._compared: dict[str, tuple[str, bytes]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            apps = await self.lab.apps()
            moving = [app for app in apps.values() if _is_moving(app)]
            self.at_once = max(self.at_once, len(moving))
            for name, app in sorted(apps.items()):
                with contextlib.suppress(NotFoundError):
                    await self._step(name, app)
            await asyncio.sleep(0.05)

    async def _step(self, name: str, app: Object) -> None:
        status, spec = app.get("status", {}), app["spec"]
        operation, state = app.get("operation"), status.get("operationState", {})
        if operation is not None and state.get("phase") != "Running":
            self.operations[name] = operation
            self.asked[name, operation["sync"]["revision"]] += 1
            self.order.append(name)
            running = {"phase": "Running", "startedAt": _now(), "operation": operation, "finishedAt": None}
            await self._patch(name, {"status": {"operationState": running}})
        elif operation is not None:
            revision = operation["sync"]["revision"]
            done = {"phase": "Succeeded", "finishedAt": _now(), "syncResult": {"revision": revision}}
            health = "Degraded" if name in self.sick else "Healthy"
            changes = {
                "operationState": done,
                "sync": {"status": "Synced", "revision": revision, "comparedTo": _compared(spec)},
                "health": {"status": health},
            }
            self._compared[name] = self.commit, msgspec.json.encode(spec)
            await self._patch(name, {"operation": None, "status": changes})
        else:
            await self._compare(name, app)

    async def _compare(self, name: str, app: Object) -> None:
        status, spec = app.get("status", {}), app["spec"]
        seen = self.commit, msgspec.json.encode(spec)
        is_asked = REFRESH in app["metadata"].get("annotations", {})
        if not is_asked and self._compared.get(name) == seen:
            return
        last = status.get("operationState", {}).get("syncResult", {}).get("revision")
        before = self._compared.get(name)
        is_same = last == self.commit and before is not None and _path(before[1]) == spec["source"]["path"]
        synced = is_same and status.get("sync", {}).get("status") == "Synced"
        self._compared[name] = seen
        changes = {
            "reconciledAt": _now(),
            "sync": {
                "status": "Synced" if synced else "OutOfSync",
                "revision": self.commit,
                "comparedTo": _compared(spec),
            },
            "health": {"status": status.get("health", {}).get("status", "Missing")},
        }
        await self._patch(name, {"metadata": {"annotations": {REFRESH: None}}, "status": changes})

    async def _patch(self, name: str, body: Object) -> None:
        with contextlib.suppress(KubeError):
            await self.lab.client.merge_patch(APPLICATIONS, name, body, self.lab.namespace)


def _now() -> str:
    return stamp(datetime.now(UTC))


def _compared(spec: Object) -> Object:
    return {"source": spec["source"], "destination": spec["destination"]}


def _path(spec: bytes) -> str:
    return str(msgspec.json.decode(spec)["source"]["path"])


def _is_moving(app: Object) -> bool:
    return "operation" in app


def stepwise(*names: str, path: str = "apps", **more: Any) -> Object:
    """A set of three steps: names that begin with a, with b, and all others, which no step selects."""
    made = template(labels={"step": "{{step}}"})
    made["spec"]["source"]["path"] = path + "/{{name}}"
    made["spec"]["syncPolicy"] = {
        "automated": {"prune": True, "selfHeal": True},
        "syncOptions": ["CreateNamespace=true"],
    }
    steps = [
        {"matchExpressions": [{"key": "step", "operator": "In", "values": ["a"]}]},
        {"matchExpressions": [{"key": "step", "operator": "In", "values": ["b"]}], "maxUpdate": 1},
    ]
    body = listed(template=made, strategy={"type": "RollingSync", "rollingSync": {"steps": steps}, **more})
    body["spec"]["generators"] = [{"list": {"elements": [{"name": it, "step": it[0]} for it in names]}}]
    return body


def statuses(aset: Object) -> dict[str, str]:
    return {it["application"]: it["status"] for it in aset["status"].get("applicationStatus", ())}


def is_rolled_out(aset: Object) -> bool:
    return "RolloutComplete" in conditions(aset).get("RolloutProgressing", "")


async def test_applications_are_synced_step_by_step_and_each_once_though_the_controller_is_killed(
    lab: Lab,
) -> None:
    played = Played(lab)
    await lab.start(progressive_syncs=True)
    async with played.running():
        await lab.create_set("fleet", stepwise("a1", "a2", "b1", "b2", "c1"))
        aset = await lab.until_set("fleet", is_rolled_out)
        assert statuses(aset) == {
            **dict.fromkeys(("a1", "a2", "b1", "b2"), "Healthy"),
            "c1": "Waiting",
        }
        steps = {it["application"]: it["step"] for it in aset["status"]["applicationStatus"]}
        assert steps == {"a1": "1", "a2": "1", "b1": "2", "b2": "2", "c1": "-1"}
        assert conditions(aset)["InvalidRolloutConfig"] == (
            "False ApplicationSetValidRolloutConfig: Rolling Sync Configured correctly"
        )
        assert sorted(played.order[:2]) == ["a1", "a2"]
        assert played.order[2:] == ["b1", "b2"]
        app = await lab.app("a1")
        assert app is not None
        assert app["spec"]["syncPolicy"]["automated"] == {"enabled": False, "prune": True, "selfHeal": True}
        assert played.operations["a1"] == {
            "initiatedBy": {"username": USER, "automated": True},
            "info": [
                {
                    "name": "Reason",
                    "value": "ApplicationSet RollingSync triggered a sync of this Application resource",
                }
            ],
            "retry": {"limit": 5},
            "sync": {"revision": "r1", "prune": True, "syncOptions": ["CreateNamespace=true"]},
        }

        played.commit, played.order, played.at_once = "r2", [], 0
        await lab.until_set("fleet", lambda aset: not is_rolled_out(aset))
        for _ in range(3):
            await lab.stop()
            await lab.start(progressive_syncs=True)
            await asyncio.sleep(0.15)
        await lab.until_set("fleet", is_rolled_out)
        assert sorted(played.order[:2]) == ["a1", "a2"]
        assert played.order[2:] == ["b1", "b2"]
        assert played.at_once <= 2
        names = ("a1", "a2", "b1", "b2")
        assert played.asked == {(name, revision): 1 for name in names for revision in ("r1", "r2")}

        played.sick, played.order = {"a1"}, []
        await lab.change_set("fleet", {"spec": {"template": {"spec": {"source": {"path": "new/{{name}}"}}}}})
        stuck = await lab.until_set("fleet", lambda aset: statuses(aset).get("a1") == "Progressing")
        assert conditions(stuck)["RolloutProgressing"] == (
            "True ApplicationSetModified: ApplicationSet is performing rollout of step 1"
        )
        assert stuck["status"]["health"]["status"] == "Progressing"
        await lab.until_set("fleet", lambda aset: statuses(aset).get("a2") == "Healthy")
        assert set(played.order) == {"a1", "a2"}
        played.sick = set()
        await lab.client.merge_patch(
            APPLICATIONS, "a1", {"status": {"health": {"status": "Healthy"}}}, lab.namespace
        )
        await lab.until_set("fleet", is_rolled_out)
        assert played.order[2:] == ["b1", "b2"]
        assert Counter(played.order) == Counter(names)


async def test_a_set_whose_steps_are_off_or_none_says_so(lab: Lab) -> None:
    await lab.start()
    await lab.create_set("fleet", stepwise("a1"))
    aset = await lab.until_up_to_date("fleet")
    assert "progressive syncs are switched off" in conditions(aset)["InvalidRolloutConfig"]
    await lab.create_set("unordered", listed("one", strategy={"deletionOrder": "Reverse"}))
    aset = await lab.until_up_to_date("unordered")
    assert "all its Applications go at once" in conditions(aset)["InvalidRolloutConfig"]
    await lab.change_set("unordered", {"spec": {"strategy": None}})
    await lab.until_set("unordered", lambda aset: "InvalidRolloutConfig" not in conditions(aset))
    app = await lab.app("a1")
    assert app is not None
    assert app["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    await lab.stop()
    await lab.start(progressive_syncs=True)
    body = stepwise("a1")
    body["spec"]["strategy"]["rollingSync"]["steps"] = []
    await lab.create_set("empty", body)
    said = await lab.until_set("empty", lambda aset: "ErrorOccurred" in conditions(aset))
    assert (
        conditions(said)["ErrorOccurred"] == "True ApplicationSetRolloutError: No steps defined for rollout"
    )


async def test_a_set_is_deleted_in_the_reverse_of_its_steps(lab: Lab) -> None:
    await lab.start(progressive_syncs=True)
    await lab.create_set("fleet", stepwise("a1", "b1", "b2", deletionOrder="Reverse"))
    await lab.until_apps({"a1", "b1", "b2"})
    finalizer = "resources-finalizer.argocd.argoproj.io"
    await lab.until_set("fleet", lambda aset: finalizer in aset["metadata"].get("finalizers", ()))
    await lab.client.delete(APPLICATION_SETS, "fleet", lab.namespace)
    for name in ("b1", "b2", "a1"):
        await lab.until(
            lambda name=name: lab.app(name),  # type: ignore[misc]
            lambda app: app is not None and "deletionTimestamp" in app["metadata"],
            what=f"the deletion of {name}",
        )
        others = [app for app in (await lab.apps()).values() if "deletionTimestamp" in app["metadata"]]
        assert len(others) == 1
        nothing: Object = {"metadata": {"finalizers": None}}
        await lab.client.merge_patch(APPLICATIONS, name, nothing, lab.namespace)
    await lab.until(lab.sets, lambda found: "fleet" not in found, what="the end of the set")
