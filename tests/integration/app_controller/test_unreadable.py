"""An Application that cannot be read any more: nothing it said before is acted upon, and it says so."""

import asyncio
from typing import Any

import msgspec

from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS
from tests.integration.app_controller.lab import PATIENCE, Lab, automated, conditions, config_map, is_synced

DEPTH = 1500


def deep() -> dict[str, Any]:
    """Values that the API server stores and that are nested deeper than anybody reads."""
    text = '{"a":' * DEPTH + "1" + "}" * DEPTH
    return {"helm": {"valuesObject": msgspec.Raw(text.encode())}}


async def test_an_application_that_cannot_be_read_says_so_and_is_left_as_it_was_until_it_can(
    lab: Lab,
) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    broken = {"spec": {"source": {**deep(), "path": "."}}}
    await patch(lab, broken)
    await says(lab, "cannot be read, so nothing is done for it")
    commit = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    await lab.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"by": "hand"}}, lab.workloads)
    await lab.eventually(lambda: lab.revisions() == (commit,))
    await lab.eventually(lambda: lab.controller is not None and lab.controller.queue.is_quiet(0.5))
    assert await live(lab) == {"colour": "blue", "by": "hand"}
    await patch(lab, {"spec": {"source": {"helm": None}}})
    await lab.until(lambda app: is_synced(app) and not conditions(app))
    assert (await live(lab))["colour"] == "green"


async def test_an_application_that_was_never_readable_says_so_and_begins_once_it_is(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    source = {"repoURL": lab.repo, "path": ".", **deep()}
    await create(lab, {"project": "default", "source": source, **automated()})
    await says(lab, "cannot be read, so nothing is done for it")
    assert await lab.get(CONFIG_MAPS, "settings") is None
    await patch(lab, {"spec": {"source": {"helm": None}}})
    await lab.until(lambda app: is_synced(app) and not conditions(app))


async def live(lab: Lab) -> dict[str, str]:
    found = await lab.get(CONFIG_MAPS, "settings")
    assert found is not None
    return dict(found["data"])


async def patch(lab: Lab, body: dict[str, Any]) -> None:
    await lab.client.merge_patch(APPLICATIONS, "app", msgspec.json.encode(body), lab.namespace)


async def create(lab: Lab, spec: dict[str, Any]) -> None:
    destination = {"server": "https://kubernetes.default.svc", "namespace": lab.workloads}
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "app"}}
    body = msgspec.json.encode({**head, "spec": {**spec, "destination": destination}})
    await lab.client.create(APPLICATIONS, body, lab.namespace)


async def says(lab: Lab, words: str) -> None:
    """Wait for the words; the object is too deep to be decoded here either."""
    async with asyncio.timeout(PATIENCE):
        while words.encode() not in await lab.client.get(APPLICATIONS, "app", lab.namespace):
            await asyncio.sleep(0.05)
