"""What is encrypted in Git is read on its way to the cluster, and is a secret from then on."""

import asyncio
import base64
import json
from typing import Any

import aiohttp
import msgspec
import pyrage
import redis.asyncio

from tests.e2e.canaries import Canaries, files
from tests.e2e.world import (
    APPLICATIONS,
    CONFIG_MAPS,
    CONTROL,
    IN_CLUSTER,
    SECRETS,
    World,
    config_map,
)
from tests.encrypting import encrypted

TYPE = "argocd.argoproj.io/secret-type"
PROJECTS = {"fairlead.dev/projects": "default"}
ADMIN = "argocd-initial-admin-secret"


async def lend(world: World, name: str, kind: str, data: dict[str, str]) -> None:
    labels = {TYPE: kind} if kind else {"app.kubernetes.io/part-of": "argocd"}
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret" if kind else "ConfigMap",
        "metadata": {"name": name, "labels": labels, "annotations": PROJECTS},
    }
    await world.client.create(
        SECRETS if kind else CONFIG_MAPS, body | {"stringData" if kind else "data": data}, CONTROL
    )


async def text_of(world: World, namespace: str, name: str, key: str) -> str:
    found = await world.get(SECRETS, name, namespace)
    return base64.b64decode((found or {}).get("data", {}).get(key, "")).decode()


async def test_what_is_encrypted_in_git_is_live_and_shown_nowhere(world: World) -> None:
    canaries, identity = Canaries(), pyrage.x25519.Identity.generate()
    password, token = canaries.new("sops"), canaries.new("variable")
    canaries.add("age-identity", str(identity))
    names = {stem: world.unique(stem) for stem in ("keys", "cluster", "tokens")}
    await lend(world, names["keys"], "fairlead-decryption", {"a.agekey": str(identity)})
    await lend(world, names["cluster"], "", {"REGION": "eu"})
    await lend(world, names["tokens"], "fairlead-variables", {"TOKEN": token})
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"p": password}}
    by_variable = {**secret, "metadata": {"name": "t"}, "stringData": {"t": "${TOKEN}"}}
    repo = await world.repository(
        {
            "app/s.yaml": json.dumps(encrypted(secret, age=str(identity.to_public()))),
            "app/t.yaml": json.dumps(by_variable),
            "app/c.yaml": config_map("c", region="${REGION}"),
        }
    )
    namespace, name = await world.namespace(), world.unique("app")
    named = f"ConfigMap/{names['cluster']},Secret/{names['tokens']}"
    marks = {"fairlead.dev/substitute-from": named}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": CONTROL, "annotations": marks},
        "spec": {
            "project": "default",
            "source": {"repoURL": world.url(repo), "path": "app", "targetRevision": "main"},
            "destination": {"server": IN_CLUSTER, "namespace": namespace},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }
    await world.client.create(APPLICATIONS, body, CONTROL)
    await world.settled(name)
    assert await text_of(world, namespace, "s", "p") == password
    assert await text_of(world, namespace, "t", "t") == token
    assert await world.data(namespace, "c") == {"region": "eu"}
    await world.client.merge_patch(CONFIG_MAPS, names["cluster"], {"data": {"REGION": "us"}}, CONTROL)
    await world.until_data(namespace, "c", {"region": "us"})
    other = canaries.new("other-variable")
    await world.client.merge_patch(SECRETS, names["tokens"], {"stringData": {"TOKEN": other}}, CONTROL)

    async def has_other() -> bool:
        return await text_of(world, namespace, "t", "t") == other

    await world.until(has_other, "the other value is live")
    await world.settled(name)
    found = [leak async for leak in _shown(world, name, canaries)]
    assert not found, "\n".join(found)


async def _shown(world: World, name: str, canaries: Canaries) -> Any:
    """Leaks in what the API answers, in logs, in what NATS and Redis hold, and in the Application."""
    shown = await world.get(SECRETS, ADMIN, CONTROL)
    assert shown is not None
    login = {"username": "admin", "password": base64.b64decode(shown["data"]["password"]).decode()}
    async with aiohttp.ClientSession(world.suite.api_url) as http:
        async with http.post("/api/v1/session", json=login) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        for path in ("", "/manifests", "/managed-resources", "/resource-tree", "/events"):
            async with http.get(f"/api/v1/applications/{name}{path}", headers=headers) as answer:
                text = await answer.read()
                assert answer.status == 200, (path, text)
                for leak in canaries.leaks(f"answer {path}", text):
                    yield leak
    folder = world.suite.config.data_dir
    for place in (folder / "logs", world.suite.nats.store):
        for file, text in await asyncio.to_thread(lambda place=place: list(files(place))):
            for leak in canaries.leaks(file, text):
                yield leak
    async with redis.asyncio.Redis.from_url(world.suite.redis.url) as client:
        async for key in client.scan_iter():
            for leak in canaries.leaks(f"redis {key!r}", await client.get(key) or b""):
                yield leak
    for leak in canaries.leaks("application", msgspec.json.encode(await world.app(name))):
        yield leak
