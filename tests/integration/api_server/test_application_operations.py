"""Syncs, rollbacks and their ends through REST, on the real control plane."""

import asyncio
from typing import Any

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS, EVENTS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import (
    NAMESPACE,
    Door,
    application,
    stored,
)
from tests.integration.api_server.one_application import SHA, SOURCE, app, message


@pytest.mark.usefixtures("repository")
async def test_a_sync_writes_the_operation_and_forgets_the_last_ones_state(
    door: Door, kube: KubeClient
) -> None:
    spec: dict[str, Any] = {"syncPolicy": {"syncOptions": ["CreateNamespace=true"], "retry": {"limit": 3}}}
    await door.ask("POST", "/api/v1/applications", app("sync", **spec))
    done = {"phase": "Succeeded", "startedAt": "2026-01-01T00:00:00Z", "operation": {}}
    await kube.merge_patch(APPLICATIONS, "sync", {"status": {"operationState": done}}, NAMESPACE)
    body = {"prune": True, "strategy": {"hook": {"force": True}}, "infos": [{"name": "a", "value": "b"}]}
    status, answer = await door.ask("POST", "/api/v1/applications/sync/sync", body)
    assert status == 200
    written = await stored(kube, "sync")
    assert written["operation"] == {
        "initiatedBy": {"username": "admin"},
        "info": [{"name": "a", "value": "b"}],
        "retry": {"limit": 3},
        "sync": {
            "revision": SHA,
            "source": SOURCE,
            "prune": True,
            "syncOptions": ["CreateNamespace=true"],
            "syncStrategy": {"hook": {"force": True}},
        },
    }
    assert "operationState" not in written["status"]
    assert msgspec.convert(answer, dict)["operation"] == written["operation"]
    assert message(await door.ask("POST", "/api/v1/applications/sync/sync", {})) == (
        400,
        "another operation is already in progress",
    )
    assert f"initiated sync to main ({SHA})" in " ".join(await events(kube, "sync"))


async def events(kube: KubeClient, name: str) -> list[str]:
    """Messages of the Events about an application, once there is one more than its creation."""
    async with asyncio.timeout(120):
        while True:
            found = await kube.list_all(EVENTS, NAMESPACE, field_selector=f"involvedObject.name={name}")
            if len(found) > 1:
                return [msgspec.json.decode(raw)["message"] for raw in found]
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("repository")
async def test_syncs_that_could_not_last_are_refused(door: Door, kube: KubeClient) -> None:
    await door.ask("POST", "/api/v1/applications", app("auto", syncPolicy={"automated": {}}))
    path = "/api/v1/applications/auto/sync"
    assert message(await door.ask("POST", path, {"revision": "v1"})) == (
        400,
        "Cannot sync to v1: auto-sync currently set to main",
    )
    assert message(await door.ask("POST", path, {"manifests": ["{}"]})) == (
        400,
        "cannot use local sync when Automatic Sync Policy is enabled unless for dry run",
    )
    positions = {"sourcePositions": [7], "revisions": ["v1"]}
    assert message(await door.ask("POST", path, positions)) == (500, "source position is out of range")
    assert message(await door.ask("POST", "/api/v1/applications/auto/rollback", {"id": 1})) == (
        400,
        "rollback cannot be initiated when auto-sync is enabled",
    )
    assert message(await door.ask("DELETE", "/api/v1/applications/auto/operation")) == (
        400,
        "Unable to terminate operation. No operation is in progress",
    )


@pytest.mark.usefixtures("repository")
async def test_a_running_operation_is_asked_to_terminate(door: Door, kube: KubeClient) -> None:
    running = {"phase": "Running", "startedAt": "2026-01-01T00:00:00Z", "operation": {}}
    await application(kube, "running", operation={"sync": {}}, status={"operationState": running})
    async with asyncio.timeout(120):
        while (await door.ask("GET", "/api/v1/applications/running"))[0] != 200:
            await asyncio.sleep(0.02)
    assert await door.ask("DELETE", "/api/v1/applications/running/operation") == (200, {})
    assert (await stored(kube, "running"))["status"]["operationState"]["phase"] == "Terminating"


@pytest.mark.usefixtures("repository")
async def test_a_rollback_names_what_the_history_holds(door: Door, kube: KubeClient) -> None:
    await door.ask("POST", "/api/v1/applications", app("back"))
    history = [{"id": 4, "revision": "b" * 40, "source": SOURCE, "deployedAt": "2026-01-01T00:00:00Z"}]
    await kube.merge_patch(APPLICATIONS, "back", {"status": {"history": history}}, NAMESPACE)
    path = "/api/v1/applications/back/rollback"
    assert message(await door.ask("POST", path, {"id": 9})) == (
        400,
        f"application {NAMESPACE}/back does not have deployment with id 9",
    )
    assert (await door.ask("POST", path, {"id": 4}))[0] == 200
    operation = (await stored(kube, "back"))["operation"]
    assert (operation["sync"]["revision"], operation["sync"]["syncStrategy"]) == ("b" * 40, {"apply": {}})
