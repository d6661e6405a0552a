"""Health scripts of argocd-cm, run by the render engine: what they say is what the application is."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest_asyncio

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, running

KEY = "resource.customizations.health.ConfigMap"
SCRIPT = """
hs = {}
if obj.data.state == "loop" then while true do end end
if obj.data.state == "broken" then return obj.nothing.there end
hs.status = obj.data.state
hs.message = "as it says"
return hs
"""


@pytest_asyncio.fixture(loop_scope="session")
async def lab(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer
) -> AsyncIterator[Lab]:
    engine = await asyncio.to_thread(render_engine_binary)
    async with running(control_plane, nats_server, redis_server, render_engine=engine) as started:
        yield started


async def state(lab: Lab, value: str) -> None:
    """Set what the script reads, in the cluster."""
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"state": value}}, lab.workloads)


async def test_a_script_judges_and_its_failure_is_said_on_the_application(lab: Lab) -> None:
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {KEY: SCRIPT}}, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map(state="Healthy")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.until(lambda app: app.status.health.status == "Healthy" and app.status.sync.status == "Synced")
    await state(lab, "Degraded")
    app = await lab.until(lambda app: app.status.health.status == "Degraded")
    assert "ConfigMap:" in app.status.health.message
    await state(lab, "broken")
    await lab.until(lambda app: app.status.health.status == "Unknown")
    app = await lab.until(lambda app: "ComparisonError" in conditions(app))
    assert conditions(app)["ComparisonError"].startswith("error setting app health: /ConfigMap/")
    assert "attempt to index a non-table object" in conditions(app)["ComparisonError"]
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await state(lab, "loop")
    ended = re.compile("took longer than 1s|ran more than [0-9]+ instructions")
    await lab.until(lambda app: ended.search(conditions(app).get("ComparisonError", "")))
    await state(lab, "Suspended")
    app = await lab.until(lambda app: app.status.health.status == "Suspended")
    assert "ComparisonError" not in conditions(app)


async def test_a_sync_waits_for_the_wave_that_a_script_calls_progressing(lab: Lab) -> None:
    wild = f"'*/ConfigMap':\n  health.lua.useOpenLibs: true\n  health.lua: |\n{indented(SCRIPT)}"
    data = {"data": {"resource.customizations": wild}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", data, lab.namespace)
    first = config_map("first", state="Progressing")
    second = config_map("second", state="Healthy")
    second["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1"}
    lab.renderer.holds(lab.repo, [first, second])
    await lab.create_app(**automated(selfHeal=False))
    await lab.until_live(CONFIG_MAPS, "first", lambda found: found is not None)
    await lab.until(lambda app: app.status.health.status == "Progressing")
    assert await lab.get(CONFIG_MAPS, "second") is None
    await lab.client.merge_patch(CONFIG_MAPS, "first", {"data": {"state": "Healthy"}}, lab.workloads)
    await lab.until_live(CONFIG_MAPS, "second", lambda found: found is not None)
    await lab.until(lambda app: app.status.health.status == "Healthy")


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
