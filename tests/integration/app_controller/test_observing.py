"""A controller that only observes: it tells how its verdicts differ from Argo CD's, and writes nothing."""

import asyncio
import contextlib
import os
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest_asyncio

from fairlead.app_controller.start import connected
from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.pki import ensure_pki
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.redis_server import RedisServer
from fairlead.model.observed import Observed, ObservedApplication, Outcome
from fairlead.process import Probes
from tests.chaos.kube_edge import KubeEdge, kubeconfig_through
from tests.chaos.recording import Recording
from tests.integration.app_controller import foreign
from tests.integration.app_controller.lab import (
    PATIENCE,
    SECRET,
    Lab,
    automated,
    config_map,
    deployment,
    running,
)


class Watcher:
    """A controller of its own process that observes, and what left it."""

    def __init__(self, lab: Lab, recording: Recording, port: int) -> None:
        self.lab = lab
        self.recording = recording
        self._port = port

    def changed(self) -> list[str]:
        """What it asked to be changed; a trial changes nothing."""
        return [write.path for write in self.recording.writes if "dryRun=All" not in write.query]

    async def observed(self) -> Observed:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{LOOPBACK}:{self._port}/observed") as answer,
        ):
            answer.raise_for_status()
            return msgspec.json.decode(await answer.read(), type=Observed)

    async def metrics(self) -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{LOOPBACK}:{self._port}/metrics") as answer,
        ):
            return await answer.text()

    async def until(self, outcome: Outcome, name: str) -> ObservedApplication:
        """The application once it has that outcome."""
        found: list[ObservedApplication] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    with contextlib.suppress(aiohttp.ClientError):
                        found = [one for one in (await self.observed()).applications if one.name == name]
                        if found and found[0].outcome is outcome:
                            return found[0]
                    await asyncio.sleep(0.05)
        raise AssertionError(f"waited for {outcome} in vain: {found}")


@pytest_asyncio.fixture(loop_scope="session")
async def watcher(
    control_plane: ControlPlane, nats_server: NatsServer, redis_server: RedisServer, tmp_path: Path
) -> AsyncIterator[Watcher]:
    """Nobody of ours acts: the lab's own controller ended before the observer began."""
    recording, port = Recording(), choose_port()
    pki = ensure_pki(control_plane.kubeconfig.parent / "pki")
    async with running(control_plane, nats_server, redis_server) as lab:
        await lab.stop()
        edge = KubeEdge(
            "observer",
            lab.client.connection.server,
            pki,
            recording,
            chance=random.Random(1),  # noqa: S311 - nothing is left to chance
            client="admin",
        )
        async with edge:
            config = kubeconfig_through(edge, control_plane.kubeconfig, tmp_path / "through.kubeconfig")
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "fairlead.app_controller", "--observe"),
                *(f"--kubeconfig={config}", f"--namespace={lab.namespace}", f"--probe-port={port}"),
                f"--nats-url={lab.nats.url}",
                env={
                    **os.environ,
                    "FAIRLEAD_REDIS_URL": lab.redis.url,
                    "FAIRLEAD_CACHE_SECRET": SECRET,
                },
                stdout=asyncio.subprocess.DEVNULL,
            )
            try:
                yield Watcher(lab, recording, port)
            finally:
                process.terminate()
                await process.wait()


async def test_an_observer_says_which_verdicts_differ_and_no_request_of_its_changes_anything(
    watcher: Watcher,
) -> None:
    lab = watcher.lab
    same, other = [config_map("same", a="1"), deployment("web")], [config_map("other", a="2")]
    revision = lab.renderer.holds(lab.repo, [*same, *other])
    await foreign.applied(lab, same[0])
    await foreign.applied(lab, same[1])
    await foreign.applied(lab, config_map("other", a="1"))
    both = [*same, *other]
    await foreign.application(lab, foreign.status(lab, revision, both), **automated())

    found = await watcher.until(Outcome.DIFFERS, "app")

    assert (found.ours, found.theirs) == ("OutOfSync", "Synced")
    [named] = found.objects
    assert (named.kind, named.name, named.ours, named.theirs) == (
        "ConfigMap",
        "other",
        "OutOfSync",
        "Synced",
    )
    assert [field.path for field in named.fields] == [".data.a"]
    assert not any(field.desired or field.live for field in named.fields)

    await lab.client.merge_patch(CONFIG_MAPS, "other", {"data": {"a": "2"}}, lab.workloads)
    assert (await watcher.until(Outcome.SAME, "app")).objects == ()
    assert 'fairlead_observed_applications{outcome="same"} 1' in await watcher.metrics()
    assert watcher.changed() == []


async def test_an_observer_that_has_read_no_application_yet_does_not_say_that_there_is_none(
    watcher: Watcher,
) -> None:
    probes = Probes()
    async with connected(msgspec.structs.replace(watcher.lab.config, observes=True), probes):
        assert probes.pages == {}
    watcher.lab.renderer.holds(watcher.lab.repo, [config_map("there")])
    await watcher.lab.create_app("there")
    await watcher.until(Outcome.UNCOMPARED, "there")


async def test_an_observer_begins_no_operation_deletes_nothing_and_takes_off_no_mark(
    watcher: Watcher,
) -> None:
    lab = watcher.lab
    wanted = config_map("kept", a="1")
    revision = lab.renderer.holds(lab.repo, [wanted])
    await foreign.applied(lab, wanted, "leaving")
    await foreign.application(
        lab,
        foreign.status(lab, revision, [wanted]),
        "leaving",
        finalizers=["resources-finalizer.argocd.argoproj.io"],
    )
    await foreign.application(lab, {}, "asked", operation={"sync": {"revision": revision}}, **automated())
    refresh = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}
    await lab.patch_app(refresh, "asked")
    await lab.client.delete(APPLICATIONS, "leaving", lab.namespace)
    before = [await foreign.raw(lab, APPLICATIONS, name, lab.namespace) for name in ("leaving", "asked")]

    left = await watcher.until(Outcome.UNKNOWN, "leaving")
    async with asyncio.timeout(PATIENCE):
        while "deleted" not in left.reason:
            left = await watcher.until(Outcome.UNKNOWN, "leaving")
    await watcher.until(Outcome.UNCOMPARED, "asked")

    after = [await foreign.raw(lab, APPLICATIONS, name, lab.namespace) for name in ("leaving", "asked")]
    assert after == before
    assert await lab.get(CONFIG_MAPS, "kept") is not None
    assert watcher.changed() == []
