"""Changes of applications through REST, on the real control plane."""

import asyncio

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import (
    NAMESPACE,
    Door,
    application,
    stored,
)
from tests.integration.api_server.one_application import SOURCE, app, message


async def test_auto_sync_is_paused_while_the_repository_cannot_be_reached(
    door: Door, kube: KubeClient
) -> None:
    spec = {**msgspec.convert(app("calm")["spec"], dict), "syncPolicy": {"automated": {"prune": True}}}
    await application(kube, "calm", spec=spec)
    pause = {"patch": '{"spec":{"syncPolicy":{"automated":{"enabled":false}}}}', "patchType": "merge"}
    async with asyncio.timeout(60):
        while (await door.ask("PATCH", "/api/v1/applications/calm", pause))[0] == 403:
            await asyncio.sleep(0.1)
    written = await stored(kube, "calm")
    assert written["spec"]["syncPolicy"] == {"automated": {"prune": True, "enabled": False}}
    assert written["spec"]["source"] == spec["source"]


@pytest.mark.usefixtures("repository")
async def test_spec_put_and_patch_change_what_they_name_and_nothing_else(
    door: Door, kube: KubeClient
) -> None:
    await door.ask("POST", "/api/v1/applications", app("edit"))
    await kube.merge_patch(
        APPLICATIONS, "edit", {"status": {"reconciledAt": "2026-01-01T00:00:00Z"}}, NAMESPACE
    )
    spec = {**msgspec.convert(app("edit")["spec"], dict), "source": {**SOURCE, "targetRevision": "v1"}}
    status, answer = await door.ask("PUT", "/api/v1/applications/edit/spec", spec)
    assert (status, msgspec.convert(answer, dict)["source"]["targetRevision"]) == (200, "v1")
    patch = '[{"op":"replace","path":"/spec/source/targetRevision","value":"v2"}]'
    status, answer = await door.ask(
        "PATCH", "/api/v1/applications/edit", {"patch": patch, "patchType": "json"}
    )
    assert (status, msgspec.convert(answer, dict)["spec"]["source"]["targetRevision"]) == (200, "v2")
    merge = '{"metadata":{"labels":{"x":"y"}},"status":{"health":{"status":"Degraded"}}}'
    body = {"patch": merge, "patchType": "merge"}
    assert (await door.ask("PATCH", "/api/v1/applications/edit", body))[0] == 200
    written = await stored(kube, "edit")
    assert written["metadata"]["labels"] == {"x": "y"}
    assert written["status"]["reconciledAt"] == "2026-01-01T00:00:00Z"
    assert "status" not in written["status"].get("health", {})
    odd = {"patch": "{}", "patchType": "odd"}
    assert message(await door.ask("PATCH", "/api/v1/applications/edit", odd)) == (
        400,
        "Patch type 'odd' is not supported",
    )


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("kind", "patch"),
    [("merge", "[]"), ("merge", "null"), ("json", '[{"op":"replace","path":"","value":1}]')],
)
async def test_a_patch_that_leaves_no_application_is_refused(
    door: Door, kube: KubeClient, kind: str, patch: str
) -> None:
    await door.ask("POST", "/api/v1/applications", app("whole"))
    body = {"patch": patch, "patchType": kind}
    answer = message(await door.ask("PATCH", "/api/v1/applications/whole", body))
    assert answer == (400, "error applying patch: it leaves no object")
    assert (await stored(kube, "whole"))["spec"]["source"]["path"] == SOURCE["path"]


@pytest.mark.usefixtures("repository")
async def test_many_writers_at_once_lose_nothing(door: Door, kube: KubeClient) -> None:
    await door.ask("POST", "/api/v1/applications", app("busy"))

    async def label(number: int) -> int:
        patch = f'{{"metadata":{{"annotations":{{"n{number}":"x"}}}}}}'
        return (await door.ask("PATCH", "/api/v1/applications/busy", {"patch": patch, "patchType": "merge"}))[
            0
        ]

    async def touch() -> None:
        for number in range(10):
            await kube.merge_patch(
                APPLICATIONS, "busy", {"metadata": {"labels": {"t": str(number)}}}, NAMESPACE
            )

    statuses, _ = await asyncio.gather(label(1), touch())
    assert statuses == 200
    assert (await stored(kube, "busy"))["metadata"]["annotations"] == {"n1": "x"}
