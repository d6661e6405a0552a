"""Pausing and resuming with the command: an owner, a reason, an end; a freeze keeps people from syncing."""

import asyncio
from typing import Any

import msgspec

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS
from fairlead.kube.rest import KubeClient
from fairlead.matching.pauses import MAP_PREFIX, PREFIX, none_of
from fairlead.matching.pins import PREFIX as PINNED
from tests.integration.api_server.conftest import NAMESPACE, Door, application, stored
from tests.integration.api_server.test_command import Shell, shell

__all__ = ["shell"]
SYNC = "/api/v1/applications/still/sync"
COMMIT = {"revision": "a" * 40}


async def refusal(door: Door) -> str:
    _, answer = await door.ask("POST", SYNC, COMMIT)
    return str(msgspec.convert(answer, dict).get("message", ""))


async def refused(door: Door, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in await refusal(door):
            await asyncio.sleep(0.02)


async def test_what_is_paused_has_an_owner_a_reason_and_an_end(
    door: Door, kube: KubeClient, shell: Shell
) -> None:
    project: dict[str, Any] = {
        "apiVersion": PROJECTS.api_version,
        "kind": "AppProject",
        "metadata": {"name": "quiet"},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]},
    }
    await kube.create(PROJECTS, project, NAMESPACE)
    spec = msgspec.convert(await application(kube, "still-of-default"), dict)["spec"]
    await application(kube, "still", spec={**spec, "project": "quiet"})
    try:
        assert (await shell("app pause still --for 45m")).code != 0, "without a reason"
        assert (await shell("app pause still --reason x")).code != 0, "without an end"
        assert (await shell("app pause still --reason x --for 9999h")).code != 0, "for too long"
        assert (await shell("app pause still --reason x --until 2020-01-01T00:00:00Z")).code != 0
        said = await shell.ok("app pause still --for 45m --reason INC-482 --freeze")
        assert "frozen until" in said
        annotations = (await stored(kube, "still"))["metadata"]["annotations"]
        assert annotations[f"{PREFIX}by"] == "admin"
        assert annotations[f"{PREFIX}reason"] == "INC-482"
        await refused(door, "cannot sync: frozen until")
        await shell.ok("app resume still")
        assert (
            not none_of().keys() & ((await stored(kube, "still"))["metadata"].get("annotations") or {}).keys()
        )
        await shell.ok("proj pause quiet --for 5h --reason sale --freeze")
        await refused(door, "frozen with project quiet until")
        await shell.ok("proj resume quiet")
        await shell.ok("cluster pause in-cluster --for 1h --reason upgrade --freeze")
        await refused(door, "frozen with cluster in-cluster until")
        assert "in-cluster" in await shell.ok("cluster list")
        await shell.ok("cluster resume in-cluster")
        everything = {f"{MAP_PREFIX}until": "2999-01-01T00:00:00Z", f"{MAP_PREFIX}syncs": "all"}
        settings = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
            "data": everything,
        }
        await kube.create(CONFIG_MAPS, settings, NAMESPACE)
        await refused(door, "frozen with everything until")
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
        async with asyncio.timeout(60):
            while "frozen" in await refusal(door):
                await asyncio.sleep(0.02)
    finally:
        for name in ("still", "still-of-default"):
            await kube.delete(APPLICATIONS, name, NAMESPACE)
        await kube.delete(PROJECTS, "quiet", NAMESPACE)


async def synced_by_hand(door: Door, kube: KubeClient, name: str, revision: str) -> None:
    """A sync that names no revision is to the one that is followed; it is ended by the time this returns."""
    ended = {"operation": None, "status": {"sync": {"status": "Synced", "revision": revision}}}
    await kube.merge_patch(APPLICATIONS, name, ended, NAMESPACE)
    async with asyncio.timeout(60):
        while (await door.ask("POST", f"/api/v1/applications/{name}/sync", {}))[0] != 200:
            await asyncio.sleep(0.05)
    assert (await stored(kube, name))["operation"]["sync"]["revision"] == revision
    await kube.merge_patch(APPLICATIONS, name, ended, NAMESPACE)


async def test_a_rollback_with_auto_sync_on_pins_what_it_goes_back_to(
    door: Door, kube: KubeClient, shell: Shell
) -> None:
    spec = msgspec.convert(await application(kube, "pin-other"), dict)["spec"]
    first, second = "a" * 40, "b" * 40
    entry = {"source": spec["source"], "deployedAt": "2030-01-01T00:00:00Z"}
    other = {**entry, "source": {**spec["source"], "path": "elsewhere"}}
    history = [{**entry, "id": 0, "revision": first}, {**other, "id": 1, "revision": first}]
    history.append({**entry, "id": 2, "revision": second})
    status = {"history": history, "sync": {"status": "Synced", "revision": second}}
    await application(kube, "pin", spec={**spec, "syncPolicy": {"automated": {}}})
    await kube.merge_patch(APPLICATIONS, "pin", {"status": status}, NAMESPACE)
    try:
        async with asyncio.timeout(60):
            while "cannot be initiated when auto-sync" not in (await shell("app rollback pin 0")).err:
                await asyncio.sleep(0.05)
        assert "other sources or parameters" in (await shell("app rollback pin 1 --pin")).err
        said = await shell("app rollback pin 0 --pin --for 4h --until-newer --reason INC-482 --timeout 1")
        assert f"pinned to {first[:12]} until" in said.out, said
        found = await stored(kube, "pin")
        annotations = found["metadata"]["annotations"]
        assert annotations[f"{PINNED}revisions"] == first
        assert annotations[f"{PINNED}newer-than"] == second
        assert annotations[f"{PINNED}by"] == "admin"
        assert found["operation"]["sync"]["revision"] == first
        await synced_by_hand(door, kube, "pin", first)
        status, said = await door.ask("POST", "/api/v1/applications/pin/sync", {"revision": second})
        assert status != 200
        assert f"auto-sync currently set to {first}" in msgspec.convert(said, dict)["message"]
        await shell("app rollback pin 0 --pin --until-newer --timeout 1")
        annotations = (await stored(kube, "pin"))["metadata"]["annotations"]
        assert annotations[f"{PINNED}newer-than"] == second, "as it was gone back from first"
        await shell.ok("app unpin pin")
        left = (await stored(kube, "pin"))["metadata"].get("annotations") or {}
        assert not [name for name in left if name.startswith(PINNED)]
    finally:
        for name in ("pin", "pin-other"):
            await kube.delete(APPLICATIONS, name, NAMESPACE)
