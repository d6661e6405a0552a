"""What breaks comes back by itself: a controller, the broker, the cache, the API server."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fairlead.cache import Cache, CacheConfig
from fairlead.kube.collection import CONFIG_MAPS
from tests.integration.app_controller.lab import JOBS, SECRET, Lab, automated, config_map, hook


@asynccontextmanager
async def process(
    lab: Lab, folder: Path, *, kubeconfig: Path | None = None, pod: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The controller as its own process, which may say that it runs in a pod."""
    config = lab.config
    with (folder / "controller.log").open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fairlead.app_controller",
            f"--namespace={config.namespace}",
            f"--kubeconfig={kubeconfig or config.kubeconfig}",
            f"--nats-url={config.nats_url}",
            "--wave-delay=0.05",
            env={
                **os.environ,
                "FAIRLEAD_REDIS_URL": config.redis_url.reveal(),
                "FAIRLEAD_CACHE_SECRET": SECRET,
                "POD_UID": pod,
            },
            stdout=log,
            stderr=log,
        )
        try:
            yield child
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def test_a_killed_controller_goes_on_where_it_was(lab: Lab, tmp_path: Path) -> None:
    await lab.stop()
    lab.renderer.holds(lab.repo, [hook("before", "PreSync", "sleep 1000"), config_map()])
    await lab.create_app(**automated())
    async with process(lab, tmp_path):
        first = await lab.until_live(JOBS, "before", lambda live: live is not None)
        await lab.until(lambda app: app.status.operation_state is not None)
    async with process(lab, tmp_path):
        app = await lab.until(lambda app: app.operation is not None)
        again = await lab.get(JOBS, "before")
        assert first is not None
        assert again is not None
        assert again["metadata"]["uid"] == first["metadata"]["uid"]
        assert app.status.operation_state is not None
        await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
        app = await lab.until(lambda app: app.operation is None)
        assert app.status.operation_state is not None
        assert app.status.operation_state.message == "Operation terminated"


async def test_killing_it_again_and_again_during_syncs_ends_in_what_git_asks_for(
    lab: Lab, tmp_path: Path
) -> None:
    await lab.stop()
    lab.renderer.holds(lab.repo, [config_map(f"m{n}", turn="start") for n in range(5)])
    await lab.create_app(**automated())
    for turn in range(5):
        async with process(lab, tmp_path):
            await lab.until(lambda app: bool(app.status.resources))
            wave = config_map("late", turn=str(turn))
            wave["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1"}
            await lab.renderer.commit(
                lab.repo, [*(config_map(f"m{n}", turn=str(turn)) for n in range(5)), wave]
            )
            await asyncio.sleep(0.05 * turn)
    revision = await lab.renderer.commit(lab.repo, [config_map("m0", turn="end")])
    async with process(lab, tmp_path):
        await lab.synced(revision=revision)
        live = await lab.get(CONFIG_MAPS, "m0")
        assert live is not None
        assert live["data"] == {"turn": "end"}
        assert await lab.get(CONFIG_MAPS, "m1") is None
        assert await lab.get(CONFIG_MAPS, "late") is None


async def test_a_flushed_cache_costs_one_more_render(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    cache = Cache(CacheConfig(url=lab.redis.url, secret=SECRET.encode()))
    await (await cache._remote()).redis.flushall()
    await cache.close()
    await lab.stop()
    await lab.start()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
    await lab.synced()


async def test_a_broker_that_lost_everything_is_told_again(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    lab.renderer.requests.clear()
    await lab.nats.restart(wipe=True)
    async with asyncio.timeout(120):
        while not lab.renderer.requests:
            await asyncio.sleep(0.05)
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    await lab.synced(revision=revision)


async def test_a_restarted_api_server_changes_nothing(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.control_plane.restart_apiserver()
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    await lab.synced(revision=revision)
    live = await lab.get(CONFIG_MAPS, "settings")
    assert live is not None
    assert live["data"] == {"colour": "green"}
