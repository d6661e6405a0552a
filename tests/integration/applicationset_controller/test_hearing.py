"""The set controller's own door for webhooks, on a real control plane."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest_asyncio

from fairlead.applicationset_controller.hearing.webhook import Webhook, served
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.model.applicationset import ApplicationSet
from fairlead.webhooks.refresh import APPLICATION_SETS, REFRESH

NAMESPACE = "hearing"
KEY = "correct horse"
NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
SETS = {
    "pulls": {"pullRequest": {"github": {"owner": "Team", "repo": "Shop"}}},
    "config": {"git": {"repoURL": "https://github.com/team/config", "revision": "main"}},
    "artifact": {"oci": {"repoURL": "oci://ghcr.io/team/config", "revision": "latest"}},
}


class Door:
    """Where it is, and the sets behind it."""

    def __init__(self, client: KubeClient, url: str) -> None:
        self.client = client
        self.url = url

    async def send(self, event: str, payload: dict[str, object], key: str = KEY) -> tuple[int, str]:
        body = msgspec.json.encode(payload)
        digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": f"sha256={digest}"}
        async with aiohttp.ClientSession() as http, http.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def woken(self) -> list[str]:
        """The sets that are asked to look; then the words are taken off, as the controller does."""
        found = []
        for name in SETS:
            told = msgspec.json.decode(await self.client.get(APPLICATION_SETS, name, NAMESPACE))
            if told["metadata"].get("annotations", {}).get(REFRESH) == "true":
                found.append(name)
                body = {"metadata": {"annotations": {REFRESH: None}}}
                await self.client.merge_patch(APPLICATION_SETS, name, body, NAMESPACE)
        return found


@pytest_asyncio.fixture(scope="module")
async def door(kinds: ControlPlane) -> AsyncIterator[Door]:
    async with KubeClient(from_kubeconfig(kinds.kubeconfig)) as client:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        await client.create(NAMESPACES, namespace)
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "argocd-secret"},
            "stringData": {"webhook.github.secret": "$hooks:github"},
        }
        await client.create(SECRETS, secret, NAMESPACE)
        secret["metadata"] = {"name": "hooks", "labels": {"app.kubernetes.io/part-of": "argocd"}}
        secret["stringData"] = {"github": KEY}
        await client.create(SECRETS, secret, NAMESPACE)
        template = {"metadata": {"name": "x"}, "spec": {"project": "default", "destination": {}}}
        made = []
        for name, generator in SETS.items():
            body = {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "ApplicationSet",
                "metadata": {"name": name},
                "spec": {"generators": [generator], "template": template},
            }
            raw = await client.create(APPLICATION_SETS, body, NAMESPACE)
            made.append(msgspec.json.decode(raw, type=ApplicationSet))
        webhook = Webhook(client, NAMESPACE, lambda: made, workers=2)
        async with served(webhook, address="127.0.0.1", port=0) as port:
            yield Door(client, f"http://127.0.0.1:{port}/api/webhook")


async def test_events_wake_the_sets_that_they_concern(door: Door) -> None:
    shop = {"html_url": "https://github.com/Team/Shop"}
    assert await door.send("pull_request", {"action": "opened", "repository": shop}) == (200, "")
    assert await door.woken() == ["pulls"]
    config = {"html_url": "https://github.com/team/config"}
    assert await door.send("push", {"ref": "refs/heads/main", "repository": config}) == (200, "")
    assert await door.woken() == ["config"]
    package = {"name": "config", "package_type": "container", "owner": {"login": "team"}}
    assert await door.send("package", {"action": "published", "package": package}) == (200, "")
    assert await door.woken() == ["artifact"]
    assert await door.send("push", {"ref": "refs/tags/v1", "repository": shop}) == (200, "")
    assert await door.send("ping", {"zen": "x"}) == (200, "")
    assert await door.woken() == []


async def test_what_proves_nothing_or_is_nothing_is_refused_in_words(door: Door) -> None:
    push = {"ref": "refs/heads/main", "repository": {"html_url": "https://github.com/team/config"}}
    status, words = await door.send("push", push, "another key")
    assert (status, words) == (400, "Webhook processing failed: the signature is missing or wrong")
    status, words = await door.send("push", push, "$hooks:github")
    assert status == 400
    status, words = await door.send("push", {"ref": 3})
    assert (status, words[:28]) == (400, "Webhook processing failed: n")
    status, words = await door.send("star", {})
    assert (status, words) == (400, "Webhook processing failed: event not defined to be parsed")
    async with aiohttp.ClientSession() as http:
        async with http.get(door.url) as answer:
            assert (answer.status, await answer.text()) == (405, "Webhook processing failed")
        async with http.post(door.url, data=b"{}") as answer:
            assert (answer.status, await answer.text()) == (400, "Unknown webhook event")
    assert await door.woken() == []
