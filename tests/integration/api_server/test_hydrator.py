"""Applications that are hydrated, through the API: what is tried of them when made, and a refresh."""

import asyncio

import msgspec

from fairlead.events import decode
from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.rest import KubeClient
from fairlead.rpc import repo
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, stored
from tests.integration.api_server.one_application import app, message

DRY, WRITTEN = "https://git.example/team/dry.git", "https://git.example/team/written.git"
PARAMETERS = "argocd-cmd-params-cm"
HYDRATE = "argocd.argoproj.io/hydrate"


def hydrated(name: str, **more: object) -> dict[str, object]:
    hydrator = {
        "drySource": {"repoURL": DRY, "path": "web", "targetRevision": "main"},
        "syncSource": {"repoURL": WRITTEN, "targetBranch": "env/prod", "path": "web"},
        **more,
    }
    return app(name, source=None, sourceHydrator=hydrator)


async def test_it_is_the_dry_source_that_has_to_be_there_when_an_application_is_made(
    door: Door, repository: dict[str, Answer]
) -> None:
    rendered: list[repo.GenerateManifests] = []
    generate = repository[repo.GENERATE]

    async def noted(subject: str, payload: bytes) -> bytes:
        rendered.append(decode(repo.GenerateManifests, payload))
        return await generate(subject, payload)

    repository[repo.GENERATE] = noted
    assert (await door.ask("POST", "/api/v1/applications", hydrated("dry-made")))[0] == 200
    assert [source.repo_url for source in rendered[0].wanted.sources] == [DRY]
    itself = {"syncSource": {"repoURL": DRY, "targetBranch": "main", "path": "web"}}
    status, words = message(await door.ask("POST", "/api/v1/applications", hydrated("dry-bad", **itself)))
    assert status == 400
    assert "branch main would be hydrated into itself" in words


async def test_a_refresh_asks_for_a_hydration_too_where_that_is_on_and_there_is_one_to_ask_for(
    door: Door, kube: KubeClient, repository: dict[str, Answer]
) -> None:
    del repository
    switched = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": PARAMETERS, "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"hydrator.enabled": "true"},
    }
    await kube.create(CONFIG_MAPS, switched, NAMESPACE)
    try:
        async with asyncio.timeout(60):
            while not msgspec.convert((await door.ask("GET", "/api/v1/settings"))[1], dict).get(
                "hydratorEnabled"
            ):
                await asyncio.sleep(0.05)
        assert (await door.ask("POST", "/api/v1/applications", hydrated("dry-asked")))[0] == 200
        assert (await door.ask("POST", "/api/v1/applications", app("dry-none")))[0] == 200
        for name, expected in (("dry-asked", "hard"), ("dry-none", None)):
            asking = asyncio.create_task(door.ask("GET", f"/api/v1/applications/{name}", refresh="hard"))
            try:
                async with asyncio.timeout(60):
                    while "argocd.argoproj.io/refresh" not in (
                        annotations := (await stored(kube, name))["metadata"].get("annotations", {})
                    ):
                        await asyncio.sleep(0.05)
            finally:
                asking.cancel()
            assert annotations.get(HYDRATE) == expected
    finally:
        await kube.delete(CONFIG_MAPS, PARAMETERS, NAMESPACE)
