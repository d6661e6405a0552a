"""A controller that was restarted remembers nothing, and still takes nothing for a change that is none."""

import asyncio

import msgspec
import pytest
from nats.aio.msg import Msg

from fairlead.app_controller.collection import CONFIG_MAPS
from fairlead.bus import Bus, BusConfig
from fairlead.events import subjects
from fairlead.events.public import PublicEventType
from tests.integration.app_controller.lab import Lab, automated, config_map
from tests.integration.app_controller.renderer import Document

SETTLES = 2.0
"""Seconds in which a controller that wants to change something has begun to."""


def network_policy() -> Document:
    """Its `ports` are atomic, and the API server adds `protocol`."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]},
    }


def stateful_set() -> Document:
    """Its `volumeClaimTemplates` are atomic, and the API server adds `status` and `volumeMode`."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    labels = {"app": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 0,
            "serviceName": "web",
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]},
            },
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
    }


@pytest.mark.parametrize(
    "document", [network_policy(), stateful_set()], ids=["a NetworkPolicy", "a StatefulSet"]
)
async def test_what_the_api_server_filled_in_is_no_drift_after_a_restart(lab: Lab, document: Document) -> None:
    lab.renderer.holds(lab.repo, [document])
    await lab.create_app(**automated())
    before = await lab.synced()
    await lab.stop()
    told: list[str] = []
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="repo-server"))

    async def hear(message: Msg) -> None:
        event = msgspec.json.decode(message.data)
        if event["data"].get("app", {}).get("namespace", lab.namespace) == lab.namespace:
            told.append(event["type"])

    await bus.client.subscribe(f"{subjects.PUBLIC}.>", cb=hear)
    try:
        await lab.start()
        await asyncio.sleep(SETTLES)
        after = await lab.app()
    finally:
        await bus.close()
    assert after.status.sync.status == "Synced"
    assert after.status.operation_state == before.status.operation_state
    assert not [type_ for type_ in told if type_.endswith(PublicEventType.APP_DRIFTED)]


async def test_a_change_made_while_the_controller_was_away_is_healed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.stop()
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, lab.workloads)
    await lab.start()
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda live: live is not None and live["data"]["colour"] == "blue"
    )
