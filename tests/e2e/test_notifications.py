"""From a commit to a message: the catalogue over what the real controllers write and tell."""

from pathlib import Path
from typing import Any

import yaml

from tests.e2e.world import CONFIG_MAPS, CONTROL, World, config_map
from tests.integration.notifications.stage import Receiver

CATALOGUE = Path(__file__).parents[2] / "charts/fairlead/files/notifications-catalogue.yaml"
AUTHOR = "- {when: app.status?.operationState?.phase == 'Succeeded', send: [app-author], oncePer: 'true'}"
AUTHORED = """
message: "{{.app.metadata.name}} has: {{(call .repo.GetCommitMetadata .app.status.sync.revision).Message}}"
"""
TRIGGERS = ("on-created", "on-deployed", "on-sync-succeeded", "on-drifted", "on-healed", "on-author")


async def test_a_commit_and_what_follows_from_it_is_told_by_the_catalogue(world: World) -> None:
    async with Receiver() as receiver:
        await _configured(world, receiver)
        repo = await world.repository({"app/config.yaml": config_map("told", n="1")})
        namespace = await world.namespace()
        name = await world.application(world.url(repo), namespace)
        subscribed = {f"notifications.argoproj.io/subscribe.{each}.here": "" for each in TRIGGERS}
        await world.patch_app(name, {"metadata": {"annotations": subscribed}})
        await world.settled(name)

        async def told(*texts: str) -> None:
            async def holds() -> bool:
                return all(receiver.of(text) for text in texts)

            await world.until(holds, f"{texts} are told; so far {receiver.messages}")

        await told(
            f"Application {name} was created in project default",
            f"The sync of application {name} to ",
            f"Application {name} is deployed at ",
            f"{name} has: first",
        )
        edit: dict[str, Any] = {"data": {"n": "by hand"}}
        await world.client.merge_patch(CONFIG_MAPS, "told", edit, namespace)
        await told(f"application {name} were changed", f"in the cluster of application {name} is as Git says")
        assert f"- ConfigMap {namespace}/told" in receiver.of(f"application {name} were changed")[0]
        await world.until_data(namespace, "told", {"n": "1"})

        commit = await repo.publish({"app/config.yaml": config_map("told", n="2")}, "second")
        await world.settled(name, commit)
        await told(
            f"Application {name} is deployed at {commit} and healthy", f"{name} is deployed at {commit}"
        )
        for text in (f"Application {name} was created", f"Application {name} is deployed at {commit}"):
            assert len(receiver.of(text)) == 1, receiver.messages
        await world.client.delete(CONFIG_MAPS, _NAME, CONTROL)


_NAME = "argocd-notifications-cm"


async def _configured(world: World, receiver: Receiver) -> None:
    data = {
        **yaml.safe_load(CATALOGUE.read_text()),
        "service.webhook.here": f"url: {receiver.url}",
        "trigger.on-author": AUTHOR,
        "template.app-author": AUTHORED,
    }
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": _NAME}, "data": data}
    await world.client.apply(CONFIG_MAPS, _NAME, body, CONTROL, field_manager="tests")
