"""What was pushed to a registry, as each of them tells it, becomes a look at the artifact or chart."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, SECRETS
from fairlead.bus import Bus
from fairlead.bus.topology import repo_checks
from fairlead.kube.rest import KubeClient
from fairlead.matching.repository import identity_of_source, partition
from tests.integration.api_server.conftest import NAMESPACE, Door, application
from tests.integration.api_server.test_webhooks import Checks

KEYS = {"github": "correct horse", "harbor": "battery", "dockerhub": "staple gun"}


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The source that an application has, and what its registry sends, with its proof in a header."""

    key: str
    source: dict[str, str]
    payload: dict[str, object]
    headers: dict[str, str] = {}
    query: str = ""
    proof: str = "Authorization"
    refused: tuple[int, str] = (401, "Unauthorized")

    @property
    def identity(self) -> str:
        return identity_of_source(self.source["repoURL"], self.source.get("chart", ""))


SAMPLES = {
    "harbor": Sample(
        key=KEYS["harbor"],
        source={"repoURL": "harbor.example/Charts", "chart": "web", "targetRevision": "^1"},
        payload={
            "type": "PUSH_ARTIFACT",
            "event_data": {
                "resources": [
                    {"digest": "sha256:0", "resource_url": "harbor.example/charts/web@sha256:0"},
                    {"tag": "1.2.0", "resource_url": "harbor.example/charts/web:1.2.0"},
                ],
                "repository": {"repo_full_name": "charts/web"},
            },
        },
        refused=(400, "Webhook processing failed"),
    ),
    "github": Sample(
        key=KEYS["github"],
        source={"repoURL": "oci://ghcr.io/Team/config/app", "path": ".", "targetRevision": "1.2.0"},
        payload={
            "action": "published",
            "package": {
                "name": "config/app",
                "package_type": "CONTAINER",
                "owner": {"login": "team"},
                "package_version": {"container_metadata": {"tag": {"name": "1.2.0"}}},
            },
        },
        headers={"X-GitHub-Event": "package"},
        proof="X-Hub-Signature-256",
    ),
    "docker-hub": Sample(
        key=KEYS["dockerhub"],
        source={"repoURL": "oci://registry-1.docker.io/library/tool", "path": ".", "targetRevision": "1.2.0"},
        payload={"push_data": {"tag": "1.2.0"}, "repository": {"repo_name": "tool"}},
        query="type=dockerhub",
    ),
}


def proven(sample: Sample, body: bytes, key: str = "") -> dict[str, str]:
    key = key or sample.key
    if sample.proof == "Authorization":
        return {**sample.headers, sample.proof: key}
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return {**sample.headers, sample.proof: f"sha256={digest}"}


async def send(
    door: Door, sample: Sample, body: bytes, headers: dict[str, str], more: str = ""
) -> tuple[int, str]:
    url = f"{door.url}/api/webhook?{sample.query}{more}"
    sent = {"Content-Type": "application/json", **headers}
    async with door.http.post(url, data=body, headers=sent) as answer:
        return answer.status, await answer.text()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def with_secrets(door: Door, kube: KubeClient) -> AsyncIterator[None]:
    """The secrets are set and applications name the artifacts, and the service knows of both."""
    for name, sample in SAMPLES.items():
        destination = {"server": "https://kubernetes.default.svc", "namespace": "x"}
        spec = {"project": "default", "source": sample.source, "destination": destination}
        await application(kube, f"from-{name}", spec=spec)
    secrets = {
        f"webhook.{name}.secret": base64.b64encode(key.encode()).decode() for name, key in KEYS.items()
    }
    await patch(kube, secrets)
    for sample in SAMPLES.values():
        while (await send(door, sample, b"{", proven(sample, b"{"))) != NOT_JSON:
            await asyncio.sleep(0.05)
    yield
    await patch(kube, dict.fromkeys(secrets))
    for name in SAMPLES:
        await kube.delete(APPLICATIONS, f"from-{name}", NAMESPACE)


NOT_JSON = (400, "Webhook processing failed: payload must be valid JSON under 50 MB")


async def patch(kube: KubeClient, data: dict[str, str] | dict[str, None]) -> None:
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("with_secrets")
async def test_a_push_to_a_registry_becomes_a_check_of_what_follows_it(
    name: str, door: Door, other: Bus
) -> None:
    sample, arrived = SAMPLES[name], Checks()
    consumer = asyncio.create_task(other.consume(repo_checks(partition(sample.identity)), arrived.take))
    body = msgspec.json.encode(sample.payload)
    try:
        async with asyncio.timeout(120):
            while True:  # applications reach the service a little later than the first question
                assert await send(door, sample, body, proven(sample, body)) == (200, "")
                try:
                    async with asyncio.timeout(1):
                        check = await arrived.queue.get()
                        break
                except TimeoutError:
                    continue
    finally:
        consumer.cancel()
        await asyncio.gather(consumer, return_exceptions=True)
    assert (check.repository, check.refs) == (sample.identity, ("refs/tags/1.2.0",))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("with_secrets")
async def test_a_registry_that_proves_nothing_is_refused(name: str, door: Door) -> None:
    sample = SAMPLES[name]
    body = msgspec.json.encode(sample.payload)
    assert await send(door, sample, body, proven(sample, body, "another")) == sample.refused
    assert await send(door, sample, body, sample.headers) == sample.refused


@pytest.mark.usefixtures("with_secrets")
async def test_docker_hub_may_say_its_secret_in_its_address(door: Door) -> None:
    sample = SAMPLES["docker-hub"]
    body = msgspec.json.encode(sample.payload)
    assert await send(door, sample, body, {}, "&secret=staple%20gun") == (200, "")
    assert await send(door, sample, body, {}, "&secret=wrong") == sample.refused


@pytest.mark.usefixtures("with_secrets")
async def test_what_is_no_push_of_a_tag_is_welcome_and_ignored(door: Door) -> None:
    ignored = {
        "harbor": (b'{"type": "SCANNING_COMPLETED"}', b'{"type": "PUSH_ARTIFACT", "event_data": {}}'),
        "github": (b'{"action": "updated"}', b'{"action": "published", "package": {"package_type": "npm"}}'),
    }
    for name, bodies in ignored.items():
        for body in bodies:
            assert await send(door, SAMPLES[name], body, proven(SAMPLES[name], body)) == (200, "")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("with_secrets")
async def test_a_malformed_payload_of_a_registry_harms_nothing(name: str, door: Door) -> None:
    sample = SAMPLES[name]
    for body in (b"[]", b"null", b'{"package": 3, "event_data": 3, "repository": 3}', b"\xff"):
        status, text = await send(door, sample, body, proven(sample, body))
        assert status == 400
        assert text.startswith("Webhook processing failed")
