"""Pauses keep an application from being synced and healed until they end; freezes keep people from it too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from fairlead.bus import Bus, BusConfig
from fairlead.events import subjects
from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS, SECRETS
from fairlead.matching.pauses import MAP_PREFIX, none_of, texts_of
from fairlead.model.application import Application
from fairlead.model.times import stamp
from fairlead.rpc.waiting import Paused
from tests.integration.app_controller.lab import LOCAL, Lab, automated, conditions, config_map, is_synced
from tests.integration.app_controller.shared import lab, shared
from tests.integration.app_controller.trap import Trap

__all__ = ["lab", "shared"]

TYPE = "PausedWarning"
NAME = "settings"


def pause(seconds: float = 3600.0, *, frozen: bool = False) -> Paused:
    until = stamp(datetime.now(UTC) + timedelta(seconds=seconds))
    return Paused(scope="application", until=until, by="ann", reason="INC-482", frozen=frozen)


def annotated(found: Paused | None) -> dict[str, Any]:
    return {"metadata": {"annotations": none_of() if found is None else {**none_of(), **texts_of(found)}}}


def is_paused(app: Application) -> bool:
    return TYPE in conditions(app)


def is_out_of_sync(app: Application) -> bool:
    return app.status.sync.status == "OutOfSync"


async def spoil(lab: Lab) -> None:
    await lab.client.merge_patch(CONFIG_MAPS, NAME, {"data": {"kept": "no"}}, lab.workloads)
    await lab.until(is_out_of_sync)


async def healed(lab: Lab) -> Application:
    await lab.until_live(CONFIG_MAPS, NAME, lambda found: bool(found and found["data"]["kept"] == "yes"))
    return await lab.until(lambda app: is_synced(app) and not is_paused(app))


async def begun(lab: Lab) -> None:
    """An application that is synced and healed by itself."""
    lab.renderer.holds(lab.repo, [config_map(NAME, kept="yes")])
    await lab.create_app(**automated())
    await lab.synced()


@asynccontextmanager
async def told(lab: Lab, *words: str) -> AsyncIterator[list[dict[str, Any]]]:
    """What is told of the application in the meantime."""
    found: list[dict[str, Any]] = []
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="events-reader"))

    async def keep(message: Any) -> None:
        found.append(msgspec.json.decode(message.data))

    try:
        for word in words:
            await bus.client.subscribe(subjects.public_app(lab.namespace, "app", word), cb=keep)
        yield found
    finally:
        await bus.close()


async def test_a_pause_ends_by_itself_also_after_a_restart_and_says_what_is_reverted(lab: Lab) -> None:
    await begun(lab)
    async with told(lab, "paused", "resumed", "drifted") as events:
        await lab.patch_app(annotated(pause(6.0)))
        await lab.until(is_paused)
        await spoil(lab)
        app = await lab.app()
        assert "INC-482" in conditions(app)[TYPE]
        assert "by ann" in conditions(app)[TYPE]
        [seen] = lab.outlook().paused
        assert (seen.reason, seen.scope, seen.frozen) == ("INC-482", "application", False)
        await lab.stop()
        await lab.start()
        app = await healed(lab)
        assert app.status.operation_state is not None
        assert app.status.operation_state.started_at >= seen.until
        await lab.eventually(lambda: any(event["type"].endswith("resumed") for event in events))
    first, resumed = events[0], events[-1]
    assert first["type"] == "fairlead.v1.app.paused"
    assert first["data"]["pauses"] == [
        {"scope": "application", "name": "app", "until": seen.until, "by": "ann", "reason": "INC-482"}
    ]
    assert "fairlead.v1.app.drifted" in [event["type"] for event in events]
    assert resumed["data"]["reverted"] is True
    assert [one["name"] for one in resumed["data"]["resources"]] == [NAME]


async def test_a_pause_of_the_project_of_the_cluster_or_of_everything_holds_until_it_is_lifted(
    lab: Lab,
) -> None:
    await begun(lab)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "local", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": {"name": "in-cluster", "server": LOCAL},
    }
    await lab.client.create(SECRETS, secret, lab.namespace)
    found = pause()

    async def of_everything(one: Paused | None) -> None:
        data = none_of(prefix=MAP_PREFIX) if one is None else texts_of(one, prefix=MAP_PREFIX)
        await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)

    async def of_the_project(one: Paused | None) -> None:
        await lab.client.merge_patch(APP_PROJECTS, "default", annotated(one), lab.namespace)

    async def of_the_cluster(one: Paused | None) -> None:
        await lab.client.merge_patch(SECRETS, "local", annotated(one), lab.namespace)

    for words, write in (
        ("with everything", of_everything),
        ("with project default", of_the_project),
        ("with cluster in-cluster", of_the_cluster),
    ):
        await write(found)
        assert words in conditions(await lab.until(is_paused))[TYPE]
        await spoil(lab)
        await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
        app = await lab.until(lambda app: not app.metadata.annotations.get("argocd.argoproj.io/refresh"))
        assert is_out_of_sync(app), words
        await write(None)
        await healed(lab)


async def test_a_freeze_keeps_people_from_syncing_too_and_a_pause_does_not(lab: Lab) -> None:
    await begun(lab)
    await lab.patch_app(annotated(pause()))
    await lab.until(is_paused)
    await spoil(lab)
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.until(is_synced)
    await lab.patch_app(annotated(pause(frozen=True)))
    await lab.until(lambda app: "frozen" in conditions(app).get(TYPE, ""))
    await spoil(lab)
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(
        lambda app: bool(app.status.operation_state and "pause" in app.status.operation_state.message)
    )
    assert app.operation is not None
    waiting = lab.outlook().waiting
    assert waiting is not None
    assert waiting.reason == "pause"
    await lab.patch_app(annotated(None))
    await healed(lab)


async def test_a_pause_that_nobody_understands_holds_and_says_so(lab: Lab) -> None:
    await begun(lab)
    await lab.patch_app({"metadata": {"annotations": {"fairlead.dev/paused-until": "tomorrow"}}})
    assert "is no time" in conditions(await lab.until(is_paused))[TYPE]
    await spoil(lab)
    await lab.patch_app(annotated(None))
    await healed(lab)


async def test_the_end_of_a_pause_is_told_wherever_the_controller_ends(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = Trap(monkeypatch, {"Application", "ConfigMap"})
    await begun(lab)
    for number, stage in ((1, "before"), (1, "after"), (2, "before")):
        await lab.patch_app(annotated(pause()))
        await lab.until(is_paused)
        await spoil(lab)
        async with told(lab, "resumed") as events:
            trap.arm(number, stage)
            await lab.patch_app(annotated(None))
            async with asyncio.timeout(60):
                await trap.sprung.wait()
            trap.disarm()
            await lab.stop()
            await lab.start()
            await healed(lab)
            await lab.eventually(partial(bool, events))
