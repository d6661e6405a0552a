"""Sync windows keep people out as well, unless they let them in."""

import asyncio

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS, PROJECTS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application

DENY = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["closed"]}


@pytest.mark.parametrize(
    ("window", "can_sync"),
    [
        (DENY, False),
        ({**DENY, "manualSync": True}, True),
        ({**DENY, "applications": ["other"]}, True),
        ({**DENY, "schedule": "nonsense"}, False),
    ],
)
async def test_a_window_decides_whether_a_person_may_sync(
    door: Door, kube: KubeClient, window: dict[str, object], can_sync: bool
) -> None:
    project = {
        "apiVersion": PROJECTS.api_version,
        "kind": "AppProject",
        "metadata": {"name": "windows"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "syncWindows": [window],
        },
    }
    raw = await kube.create(PROJECTS, project, NAMESPACE)
    await application(kube, "closed", spec={"project": "windows", "destination": {"name": "in-cluster"}})
    try:
        async with asyncio.timeout(120):
            while True:
                status, shown = await door.ask("GET", "/api/v1/applications/closed/syncwindows")
                if status == 200 and msgspec.convert(shown, dict)["canSync"] is can_sync:
                    break
                await asyncio.sleep(0.02)
        status, refused = await door.ask("POST", "/api/v1/applications/closed/sync", {})
        words = msgspec.convert(refused, dict)["message"]
        assert (words == "cannot sync: blocked by sync window") is not can_sync
    finally:
        await kube.delete(APPLICATIONS, "closed", NAMESPACE)
        await kube.delete(PROJECTS, "windows", NAMESPACE)
        assert raw
