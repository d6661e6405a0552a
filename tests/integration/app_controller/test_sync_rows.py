"""What phases, hooks, waves, prunes and options promise, through one running controller."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest_asyncio

from fairlead.kube.apply import apply
from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.model.application import Application
from fairlead.model.sync import OperationState
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    JOBS,
    Lab,
    automated,
    conditions,
    config_map,
    deployment,
    hook,
    running,
)
from tests.integration.app_controller.renderer import Document
from tests.integration.app_controller.test_restart import DEFINITIONS, rack_definition
from tests.unit.kube.objects import anything

WAVE, HOOK = "argocd.argoproj.io/sync-wave", "argocd.argoproj.io/hook"
POLICY, OPTIONS = "argocd.argoproj.io/hook-delete-policy", "argocd.argoproj.io/sync-options"
APPROVED = "argocd.argoproj.io/deletion-approved"
REPLICA_SETS = Resource(group="apps", version="v1", plural="replicasets", kind="ReplicaSet", namespaced=True)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lab(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    """One controller for all tests here; each has an application, a repository and names of its own.

    No other lab may run beside: two that play the repo-server share the questions of all.
    """
    async with running(control_plane, nats_server, redis_server) as started:
        yield started


class App(NamedTuple):
    """One application of the shared lab."""

    lab: Lab
    name: str

    @property
    def repo(self) -> str:
        return f"https://git.example/rows/{self.lab.namespace}/{self.name}.git"

    async def create(self, *documents: Document, **spec: Any) -> None:
        self.lab.renderer.holds(self.repo, list(documents))
        await self.lab.create_app(self.name, source={"repoURL": self.repo, "path": "."}, **spec)
        await self.until(lambda app: bool(app.status.sync.status))

    async def commit(self, *documents: Document) -> str:
        revision = await self.lab.renderer.commit(self.repo, list(documents))
        await self.until(lambda app: app.status.sync.revision == revision)
        return revision

    async def until(self, wanted: Callable[[Application], bool]) -> Application:
        return await self.lab.until(wanted, self.name)

    async def begin(self, **sync: Any) -> None:
        operation = {"retry": sync.pop("retry")} if "retry" in sync else {}
        await self.lab.patch_app({"operation": {**operation, "sync": sync}}, self.name)

    async def sync(self, **sync: Any) -> OperationState:
        """One operation, to its end."""
        before = (await self.lab.app(self.name)).status.operation_state
        await self.begin(**sync)
        return await self.over(before)

    async def over(self, before: OperationState | None = None) -> OperationState:
        def is_over(app: Application) -> bool:
            state = app.status.operation_state
            return app.operation is None and state is not None and state != before and state.phase.is_final

        state = (await self.until(is_over)).status.operation_state
        assert state is not None
        return state

    async def says(self, text: str) -> None:
        """Wait until the operation says so."""
        await self.until(
            lambda app: app.status.operation_state is not None and text in app.status.operation_state.message
        )

    async def approve(self, at: str | None) -> None:
        await self.lab.patch_app({"metadata": {"annotations": {APPROVED: at}}}, self.name)


def marked(document: Document, **marks: str | int) -> Document:
    names = {"wave": WAVE, "hook": HOOK, "policy": POLICY, "options": OPTIONS}
    own = document["metadata"].setdefault("annotations", {})
    own.update({names[name]: str(value) for name, value in marks.items()})
    return document


def plain(kind: str, name: str, api: str = "v1", **fields: Any) -> Document:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **fields}


def told(state: OperationState) -> list[tuple[str, str, str]]:
    assert state.sync_result is not None, state.message
    return [(item.sync_phase, item.kind, item.name) for item in state.sync_result.resources]


def messages(state: OperationState) -> dict[str, str]:
    assert state.sync_result is not None, state.message
    return {item.name: item.message for item in state.sync_result.resources}


async def test_phases_waves_kinds_and_names_are_the_order_and_a_definition_goes_ahead_of_its_kind(
    lab: Lab,
) -> None:
    app, group = App(lab, "order"), f"order.{lab.workloads}.io"
    rack = plain("Rack", "order-rack", f"{group}/v1", spec={"slots": []})
    service = plain("Service", "order-s", spec={"ports": [{"port": 80}]})
    await app.create(
        rack,
        config_map("order-z"),
        service,
        marked(config_map("order-first"), wave=-1),
        marked(plain("ServiceAccount", "order-later"), wave=2),
        config_map("order-a"),
        marked(rack_definition(group), wave=5),
        hook("order-before", "PreSync"),
        hook("order-both", "PreSync,PostSync", **{POLICY: "BeforeHookCreation"}),
        marked(config_map("order-skip"), hook="Skip"),
        marked(config_map("order-odd"), hook="Sometimes"),
    )
    try:
        state = await app.sync()
    finally:
        await lab.client.delete(DEFINITIONS, f"racks.{group}")
    assert state.phase == "Succeeded", state.message
    assert told(state) == [
        ("PreSync", "Job", "order-before"),
        ("PreSync", "Job", "order-both"),
        ("Sync", "ConfigMap", "order-first"),
        ("Sync", "ConfigMap", "order-a"),
        ("Sync", "ConfigMap", "order-z"),
        ("Sync", "CustomResourceDefinition", f"racks.{group}"),
        ("Sync", "Service", "order-s"),
        ("Sync", "Rack", "order-rack"),
        ("Sync", "ServiceAccount", "order-later"),
        ("PostSync", "Job", "order-both"),
    ]
    found = await lab.app("order")
    statuses = {item.name: str(item.status) for item in found.status.resources}
    assert statuses.get("order-skip", "") == ""
    assert "order-odd" not in statuses
    for absent in ("order-skip", "order-odd"):
        assert await lab.get(CONFIG_MAPS, absent) is None


async def test_hooks_are_deleted_when_their_policy_says_and_a_name_is_generated_once(lab: Lab) -> None:
    app = App(lab, "policies")
    generated = hook("x", "PostSync")
    del generated["metadata"]["name"]
    generated["metadata"]["generateName"] = "pol-made-"
    hooks = (
        hook("pol-success", "PreSync", **{POLICY: "HookSucceeded"}),
        hook("pol-failure", "PreSync", **{POLICY: "HookFailed"}),
        hook("pol-default", "PreSync"),
        hook("pol-rescue", "SyncFail"),
        generated,
    )
    await app.create(*hooks, config_map("pol"))
    first = await app.sync()
    assert first.phase == "Succeeded", first.message
    assert first.sync_result is not None
    began = int(datetime.fromisoformat(first.started_at).timestamp())
    name = f"pol-made-{first.sync_result.revision[:7]}-postsync-{began}"
    assert ("PostSync", "Job", name) in told(first)
    await lab.until_live(JOBS, "pol-success", lambda live: live is None)
    kept = {item: await lab.get(JOBS, item) for item in ("pol-failure", "pol-default", name)}
    assert all(kept.values()), kept
    assert await lab.get(JOBS, "pol-rescue") is None
    await app.commit(*hooks, hook("pol-breaks", "PreSync", "exit 1", **{WAVE: "1"}), config_map("pol", a="b"))
    second = await app.sync()
    assert second.phase == "Failed"
    assert "pol-rescue" in {item for _, _, item in told(second)}
    await lab.until_live(JOBS, "pol-failure", lambda live: live is None)
    again = await lab.get(JOBS, "pol-default")
    assert again is not None and kept["pol-default"] is not None
    assert again["metadata"]["uid"] != kept["pol-default"]["metadata"]["uid"]
    assert await lab.get(JOBS, "pol-success") is not None
    for left in ("pol-default", "pol-success", "pol-rescue"):
        live = await lab.get(JOBS, left)
        assert live is not None and "argocd.argoproj.io/hook-finalizer" not in str(live["metadata"])


async def test_prunes_come_first_in_a_wave_in_the_order_opposite_to_creation_and_last_where_that_is_asked(
    lab: Lab,
) -> None:
    app = App(lab, "prunes")
    goes = [marked(config_map(f"prunes-{wave}"), wave=wave) for wave in (0, 1, 2)]
    last = marked(config_map("prunes-last"), wave=0, options="PruneLast=true")
    await app.create(*goes, last, marked(config_map("prunes-also"), wave=0))
    assert (await app.sync()).phase == "Succeeded"
    await app.commit(*(marked(config_map(f"prunes-new-{wave}"), wave=wave) for wave in (0, 1, 2)))
    ignored = await app.sync(dryRun=True)
    assert messages(ignored)["prunes-0"] == "ignored (requires pruning)"
    tried = await app.sync(dryRun=True, prune=True)
    assert messages(tried)["prunes-0"] == "pruned (dry run)"
    assert await lab.get(CONFIG_MAPS, "prunes-0") is not None
    state = await app.sync(prune=True)
    assert state.phase == "Succeeded", state.message
    names = [name for _, _, name in told(state)]
    assert names == [
        *("prunes-2", "prunes-new-0"),
        *("prunes-1", "prunes-new-1"),
        *("prunes-0", "prunes-also", "prunes-new-2"),
        "prunes-last",
    ]
    assert {messages(state)[name] for name in ("prunes-0", "prunes-last")} == {"pruned"}
    await lab.until_live(CONFIG_MAPS, "prunes-last", lambda live: live is None)


async def test_a_prune_and_a_deletion_wait_for_a_confirmation_newer_than_they_are(lab: Lab) -> None:
    app = App(lab, "confirm")
    kept = marked(config_map("confirm-a"), options="Prune=confirm")
    dear = marked(config_map("confirm-b"), options="Delete=confirm")
    await app.create(kept, dear, finalizers=["resources-finalizer.argocd.argoproj.io"])
    assert (await app.sync()).phase == "Succeeded"
    await app.commit(dear)
    await app.approve(stamp(-3600))
    await app.begin(prune=True)
    await app.says("waiting for pruning confirmation of /ConfigMap/confirm-a")
    assert await lab.get(CONFIG_MAPS, "confirm-a") is not None
    await app.approve(stamp(5))
    state = await app.over()
    assert (state.phase, messages(state)["confirm-a"]) == ("Succeeded", "pruned")
    await app.approve(None)
    await lab.client.delete(APPLICATIONS, app.name, lab.namespace)
    await app.until(lambda app: "DeletionError" in conditions(app))
    assert await lab.get(CONFIG_MAPS, "confirm-b") is not None
    await app.approve(stamp(5))
    await lab.gone(app.name)
    assert await lab.get(CONFIG_MAPS, "confirm-b") is None


async def test_what_becomes_of_dependants_is_as_the_propagation_policy_says(lab: Lab) -> None:
    for policy, stays in (("orphan", True), ("background", False), ("foreground", False)):
        app = App(lab, f"propagation-{policy}")
        await app.create(deployment(app.name, replicas=0), config_map(app.name))
        assert (await app.sync()).phase == "Succeeded"
        sets = await replica_sets(lab, app.name, wanted=bool)
        await app.commit(config_map(app.name))
        state = await app.sync(prune=True, syncOptions=[f"PrunePropagationPolicy={policy}"])
        assert state.phase == "Succeeded", state.message
        await lab.until_live(DEPLOYMENTS, app.name, lambda live: live is None)
        left = await replica_sets(lab, app.name, wanted=lambda found, stays=stays: bool(found) is stays)  # type: ignore[misc]
        assert bool(left) is stays, (policy, sets)


async def test_a_kind_that_is_not_there_yet_stops_a_sync_unless_its_dry_run_is_to_be_skipped(
    lab: Lab,
) -> None:
    app, group = App(lab, "missing"), f"missing.{lab.workloads}.io"
    rack = plain("Rack", "missing-rack", f"{group}/v1", spec={"slots": []})
    await app.create(rack, hook("missing-wait", "PreSync", "sleep 3"))
    refused = await app.sync()
    assert refused.phase == "Failed"
    assert refused.message.startswith(
        "one or more synchronization tasks are not valid: The Kubernetes API could not find "
        f"{group}/Rack for requested resource"
    )
    assert await lab.get(JOBS, "missing-wait") is None
    await app.begin(syncOptions=["SkipDryRunOnMissingResource=true"])
    await app.says("waiting for completion of hook batch/Job/missing-wait")
    await lab.client.create(DEFINITIONS, rack_definition(group))
    try:
        state = await app.over(refused)
        assert state.phase == "Succeeded", state.message
    finally:
        await lab.client.delete(DEFINITIONS, f"racks.{group}")


async def test_a_sync_fails_over_an_object_of_another_application_where_that_is_asked(lab: Lab) -> None:
    one, other = App(lab, "shared-one"), App(lab, "shared-other")
    await one.create(config_map("shared", colour="blue"))
    assert (await one.sync()).phase == "Succeeded"
    await other.create(config_map("shared", colour="red"), config_map("shared-beside"))
    await other.until(lambda app: "SharedResourceWarning" in conditions(app))
    state = await other.sync(syncOptions=["FailOnSharedResource=true"])
    assert state.phase == "Failed"
    assert state.message.startswith("Shared resource found: ConfigMap/shared is part of applications ")
    live = await lab.get(CONFIG_MAPS, "shared")
    assert live is not None and live["data"] == {"colour": "blue"}
    assert await lab.get(CONFIG_MAPS, "shared-beside") is None


async def test_server_side_apply_says_so_and_takes_fields_by_force(lab: Lab) -> None:
    app = App(lab, "ssa")
    theirs = {**config_map("ssa", colour="red")}
    writer = ClusterWriter(lab.client, fence=lambda: True, gate=anything)
    await apply(writer, CONFIG_MAPS, "ssa", theirs, lab.workloads, field_manager="somebody")
    plainly = marked(config_map("ssa-not", a="b"), options="ServerSideApply=false")
    await app.create(config_map("ssa", colour="blue"), plainly)
    state = await app.sync(syncOptions=["ServerSideApply=true"])
    assert messages(state) == {
        "ssa": "configmap/ssa serverside-applied",
        "ssa-not": "configmap/ssa-not created",
    }
    live = await lab.get(CONFIG_MAPS, "ssa")
    assert live is not None and live["data"] == {"colour": "blue"}


async def test_local_manifests_are_deployed_instead_of_those_in_git(lab: Lab) -> None:
    app = App(lab, "local")
    await app.create(config_map("local", colour="blue"))
    local = [msgspec.json.encode(config_map("local", colour="mine")).decode()]
    state = await app.sync(manifests=local)
    assert state.phase == "Succeeded", state.message
    live = await lab.get(CONFIG_MAPS, "local")
    assert live is not None and live["data"] == {"colour": "mine"}
    found = await app.until(lambda app: app.status.sync.status == "OutOfSync")
    assert found.operation is None


async def test_a_rollback_deploys_the_source_and_revision_of_an_earlier_deployment_without_hooks(
    lab: Lab,
) -> None:
    app = App(lab, "rollback")
    await app.create(config_map("rollback", colour="blue"), hook("rollback-hook", "PreSync"))
    assert (await app.sync()).phase == "Succeeded"
    entry = (await app.until(lambda app: bool(app.status.history))).status.history[-1]
    await app.commit(config_map("rollback", colour="green"))
    assert (await app.sync()).phase == "Succeeded"
    await lab.client.delete(JOBS, "rollback-hook", lab.workloads)
    source = {"repoURL": app.repo, "path": "."}
    state = await app.sync(revision=entry.revision, source=source, syncStrategy={"apply": {}})
    assert state.phase == "Succeeded", state.message
    assert told(state) == [("Sync", "ConfigMap", "rollback")]
    live = await lab.get(CONFIG_MAPS, "rollback")
    assert live is not None and live["data"] == {"colour": "blue"}
    found = await lab.app(app.name)
    assert [item.id for item in found.status.history] == [0, 1, 2]
    assert found.status.history[-1].revision == entry.revision


async def test_an_attempt_with_refresh_deploys_the_latest_revision_and_one_without_its_own(lab: Lab) -> None:
    for refresh in (True, False):
        app = App(lab, f"refresh-{str(refresh).lower()}")
        broken = {**config_map(app.name), "data": {"not a key": "x"}}
        await app.create(broken)
        retry = {"limit": 1, "refresh": refresh, "backoff": {"duration": "2s", "factor": 1}}
        first = (await lab.app(app.name)).status.sync.revision
        await app.begin(retry=retry, revision=first)
        await app.says("Retrying attempt #1")
        mended = await app.commit(config_map(app.name))
        state = await app.over()
        assert state.phase == ("Succeeded" if refresh else "Failed"), state.message
        assert state.sync_result is not None
        assert (state.sync_result.revision == mended) is refresh


async def test_the_manager_that_an_annotation_names_is_migrated_and_none_with_the_option_off(
    lab: Lab,
) -> None:
    for name, options, left in (
        ("migrated", [], {}),
        ("unmigrated", ["ClientSideApplyMigration=false"], {"b": "1"}),
    ):
        app = App(lab, name)
        theirs = config_map(name, a="1", b="1")
        await lab.client.create(CONFIG_MAPS, theirs, lab.workloads, params={"fieldManager": "our-tool"})
        manager = {"argocd.argoproj.io/client-side-apply-migration-manager": "our-tool"}
        await app.create(config_map(name, a="1"), annotations=manager)
        state = await app.sync(syncOptions=options)
        assert state.phase == "Succeeded", state.message
        live = await lab.get(CONFIG_MAPS, name)
        assert live is not None and live["data"] == {"a": "1", **left}


async def test_an_object_of_a_helm_release_is_adopted_with_nothing_lost_or_left_behind(lab: Lab) -> None:
    app, release = App(lab, "released"), "meta.helm.sh/release-name"
    theirs = config_map("released", a="1", b="1")
    theirs["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "Helm"}
    theirs["metadata"]["annotations"] = {release: "released"}
    await lab.client.create(CONFIG_MAPS, theirs, lab.workloads, params={"fieldManager": "helm"})
    await lab.client.merge_patch(CONFIG_MAPS, "released", {"data": {"c": "by hand"}}, lab.workloads)
    await app.create(config_map("released", a="1"))
    assert (await app.sync()).phase == "Succeeded"
    live = await lab.get(CONFIG_MAPS, "released")
    assert live is not None and live["data"] == {"a": "1", "c": "by hand"}
    assert live["metadata"]["annotations"][release] == "released"
    await app.commit(config_map("released", b="2"))
    assert (await app.sync()).phase == "Succeeded"
    live = await lab.get(CONFIG_MAPS, "released")
    assert live is not None and live["data"] == {"b": "2", "c": "by hand"}


async def test_an_automated_sync_tries_a_revision_once_with_all_its_retries_and_says_why_not_again(
    lab: Lab,
) -> None:
    app = App(lab, "once")
    policy = automated()["syncPolicy"]
    lab.renderer.holds(app.repo, [{**config_map("once"), "data": {"not a key": "x"}}])
    await lab.create_app(
        "once",
        source={"repoURL": app.repo, "path": "."},
        syncPolicy={**policy, "retry": {"limit": 1, "backoff": {"duration": "1s", "factor": 1}}},
    )
    state = await app.over()
    assert (state.phase, state.retry_count) == ("Failed", 1)
    found = await app.until(lambda app: "SyncError" in conditions(app))
    assert conditions(found)["SyncError"].startswith(
        f"Failed last sync attempt to [{found.status.sync.revision}]: "
    )
    assert found.status.operation_state == state


def stamp(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def replica_sets(lab: Lab, name: str, *, wanted: Callable[[list[Document]], bool]) -> list[Document]:
    """The ReplicaSets of a Deployment as soon as they are as wanted."""
    found: list[Document] = []

    async def look() -> bool:
        raw = await lab.client.list_all(REPLICA_SETS, lab.workloads, label_selector=f"app={name}")
        found[:] = [msgspec.json.decode(item) for item in raw]
        return wanted(found)

    async with asyncio.timeout(60):
        while not await look():
            await asyncio.sleep(0.1)
    return found
