"""A person's sync says which dependencies are not ready, and goes on when it is told to."""

import asyncio
from typing import Any

import msgspec

from fairlead.api_server.kinds import APPLICATIONS
from fairlead.kube.rest import KubeClient
from fairlead.matching.dependencies import ANNOTATION
from tests.integration.api_server.conftest import NAMESPACE, Door, application, stored

COMMIT = "a" * 40
SYNC = "/api/v1/applications/dep-web/sync"


async def refusal(door: Door, body: dict[str, Any]) -> str:
    status, answer = await door.ask("POST", SYNC, body)
    return msgspec.convert(answer, dict)["message"] if status != 200 else ""


async def test_a_sync_by_hand_waits_for_dependencies_unless_it_is_told_not_to(
    door: Door, kube: KubeClient
) -> None:
    metadata = {"name": "dep-web", "namespace": NAMESPACE, "annotations": {ANNOTATION: "dep-db"}}
    options = {"syncPolicy": {"syncOptions": ["CreateNamespace=true"]}}
    made = await application(kube, "dep-db")
    spec = {**msgspec.convert(made, dict)["spec"]}
    await application(kube, "dep-web", metadata=metadata, spec={**spec, **options})
    asked: dict[str, Any] = {"revision": COMMIT}
    try:
        async with asyncio.timeout(60):
            while not (text := await refusal(door, asked)).startswith("cannot sync: what it depends"):
                assert "not found" in text or "denied" in text or not text, text
                await asyncio.sleep(0.02)
        assert "dep-db: it was not compared yet" in text
        assert "IgnoreDependencies=true" in text
        assert "operation" not in await stored(kube, "dep-web")
        compared = {"source": spec["source"], "destination": spec["destination"]}
        status = {"sync": {"status": "Synced", "revision": "b" * 40, "comparedTo": compared}}
        body = {"status": {**status, "health": {"status": "Degraded"}}}
        await kube.merge_patch(APPLICATIONS, "dep-db", body, NAMESPACE)
        async with asyncio.timeout(60):
            while "dep-db: it is Degraded" not in (text := await refusal(door, asked)):
                await asyncio.sleep(0.02)
        ignoring = {**asked, "syncOptions": {"items": ["IgnoreDependencies=true"]}}
        assert await refusal(door, ignoring) == ""
        operation = (await stored(kube, "dep-web"))["operation"]
        assert operation["sync"]["syncOptions"] == ["CreateNamespace=true", "IgnoreDependencies=true"]
    finally:
        for name in ("dep-web", "dep-db"):
            await kube.delete(APPLICATIONS, name, NAMESPACE)
