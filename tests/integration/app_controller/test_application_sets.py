"""ApplicationSets make nothing yet, and say so."""

import asyncio
from typing import Any

import msgspec

from fairlead.app_controller.following.application_sets import TEXT
from fairlead.kube.collection import APPLICATION_SETS
from tests.integration.app_controller.lab import PATIENCE, Lab, config_map


def a_set(name: str) -> dict[str, Any]:
    template = {
        "metadata": {"name": "{{cluster}}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/a.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc"},
        },
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name},
        "spec": {"generators": [{"list": {"elements": [{"cluster": "one"}]}}], "template": template},
    }


async def told(lab: Lab, name: str) -> dict[str, Any]:
    """A set that says something of itself."""
    async with asyncio.timeout(PATIENCE):
        while True:
            raw = await lab.client.get(APPLICATION_SETS, name, lab.namespace)
            found: dict[str, Any] = msgspec.json.decode(raw)
            if found.get("status", {}).get("conditions"):
                return found
            await asyncio.sleep(0.02)


def condition(message: str) -> dict[str, str]:
    """What a controller says that does generate."""
    return {
        "type": "ErrorOccurred",
        "status": "False",
        "reason": "ApplicationSetUpToDate",
        "message": message,
    }


async def test_a_set_says_that_nothing_comes_of_it_and_is_written_once(lab: Lab) -> None:
    await lab.client.create(APPLICATION_SETS, a_set("plain"), lab.namespace)
    plain = await told(lab, "plain")
    conditions = {item["type"]: item for item in plain["status"]["conditions"]}
    assert {name: item["status"] for name, item in conditions.items()} == {
        "ErrorOccurred": "True",
        "ParametersGenerated": "False",
        "ResourcesUpToDate": "False",
    }
    assert {item["message"] for item in conditions.values()} == {TEXT}
    assert plain["status"]["health"]["status"] == "Degraded"
    others = {"status": {"conditions": [condition("all is well")]}}
    await lab.client.merge_patch(APPLICATION_SETS, "plain", others, lab.namespace, subresource="status")
    before = await told(lab, "plain")
    await lab.client.create(APPLICATION_SETS, a_set("second"), lab.namespace)
    await told(lab, "second")
    assert await told(lab, "plain") == before, "who has said something is left alone"
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app()
    await lab.until(lambda app: bool(app.status.sync.status))
    assert lab.controller is not None
    assert len(lab.controller.book) == 1, "no Application was made"
