"""A push, as each provider tells it, becomes an event on the real bus."""

import asyncio
import base64
import hashlib
import hmac
import io
import time
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATION_SETS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.bus import Bus, Message
from fairlead.bus.topology import repo_checks
from fairlead.events.revision_check import RevisionCheck
from fairlead.kube.errors import NotFoundError
from fairlead.kube.rest import KubeClient
from fairlead.matching.repository import partition
from tests.integration.api_server.conftest import NAMESPACE, Door, application, names

KEY = "correct horse"
SECRET_KEYS = {
    "webhook.github.secret": KEY,
    "webhook.gitlab.secret": KEY,
    "webhook.gogs.secret": KEY,
    "webhook.bitbucket.uuid": KEY,
    "webhook.bitbucketserver.secret": KEY,
    "webhook.azuredevops.username": "azure",
    "webhook.azuredevops.password": KEY,
    "webhook.plain.secret": KEY,
}
IDENTITY = "git.example/team/config"
URL = "https://git.example/team/config"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider sends, and where it puts its proof: `{proof}` stands for it."""

    headers: dict[str, str]
    payload: dict[str, object]
    proof_header: str
    refs: tuple[str, ...] = ("refs/heads/main",)


SAMPLES = {
    "github": Sample(
        headers={"X-GitHub-Event": "push"},
        payload={"ref": "refs/heads/main", "repository": {"html_url": URL, "clone_url": f"{URL}.git"}},
        proof_header="X-Hub-Signature-256",
    ),
    "gitlab": Sample(
        headers={"X-Gitlab-Event": "Push Hook"},
        payload={"ref": "refs/heads/main", "project": {"web_url": URL}},
        proof_header="X-Gitlab-Token",
    ),
    "gogs": Sample(
        headers={"X-Gogs-Event": "push"},
        payload={"ref": "refs/heads/main", "repository": {"html_url": URL}},
        proof_header="X-Gogs-Signature",
    ),
    "gitea": Sample(
        headers={"X-Gitea-Event": "push", "X-Gogs-Event": "push", "X-GitHub-Event": "push"},
        payload={"ref": "refs/heads/main", "repository": {"clone_url": f"{URL}.git"}},
        proof_header="X-Gogs-Signature",
    ),
    "bitbucket": Sample(
        headers={"X-Event-Key": "repo:push"},
        payload={
            "repository": {"links": {"html": {"href": URL}}},
            "push": {"changes": [{"new": {"type": "branch", "name": "main"}}]},
        },
        proof_header="X-Hook-UUID",
    ),
    "bitbucket-server": Sample(
        headers={"X-Event-Key": "repo:refs_changed"},
        payload={
            "repository": {"links": {"clone": [{"href": f"ssh://git@{URL[8:]}.git"}]}},
            "changes": [{"refId": "refs/heads/main"}],
        },
        proof_header="X-Hub-Signature",
    ),
    "azure": Sample(
        headers={"X-Vss-Activityid": "1"},
        payload={
            "eventType": "git.push",
            "resource": {"repository": {"remoteUrl": URL}, "refUpdates": [{"name": "refs/heads/main"}]},
        },
        proof_header="Authorization",
    ),
    "plain": Sample(
        headers={}, payload={"repoURL": f"{URL}.git", "ref": "main"}, proof_header="Authorization"
    ),
}


def proof(name: str, body: bytes, key: str = KEY) -> str:
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    match name:
        case "github" | "bitbucket-server":
            return f"sha256={digest}"
        case "gogs" | "gitea":
            return digest
        case "azure":
            return "Basic " + base64.b64encode(f"azure:{key}".encode()).decode()
        case "plain":
            return f"Bearer {key}"
    return key


async def send(door: Door, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    sent = {"Content-Type": "application/json", **headers}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{door.url}/api/webhook", data=io.BytesIO(body), headers=sent) as answer,
    ):
        return answer.status, await answer.text()


class Checks:
    """The checks that arrive, as the repo-server would see them."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[RevisionCheck] = asyncio.Queue()

    async def take(self, message: Message) -> None:
        self.queue.put_nowait(message.event(RevisionCheck))

    async def next(self) -> RevisionCheck:
        async with asyncio.timeout(120):
            return await self.queue.get()


@pytest_asyncio.fixture
async def checks(other: Bus) -> AsyncIterator[Checks]:
    """Consumes checks while a test runs."""
    arrived = Checks()
    consumer = asyncio.create_task(other.consume(repo_checks(partition(URL)), arrived.take))
    yield arrived
    consumer.cancel()
    await asyncio.gather(consumer, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def with_secrets(door: Door, kube: KubeClient) -> AsyncIterator[None]:
    """Every provider's secret is set, and known to the service, while the module runs; an application names
    the repository."""
    await application(kube, "hooked")
    await set_secrets(kube, SECRET_KEYS)
    body = msgspec.json.encode(SAMPLES["plain"].payload)
    while (await send(door, {}, body))[0] == 200 or "hooked" not in await names(door):
        await asyncio.sleep(0.05)
    yield
    await set_secrets(kube, dict.fromkeys(SECRET_KEYS))
    await kube.delete(APPLICATIONS, "hooked", NAMESPACE)


async def set_secrets(kube: KubeClient, values: dict[str, str] | dict[str, None]) -> None:
    data = {key: base64.b64encode(text.encode()).decode() if text else None for key, text in values.items()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("with_secrets")
async def test_a_push_with_the_right_proof_becomes_a_check(name: str, door: Door, checks: Checks) -> None:
    sample = SAMPLES[name]
    body = msgspec.json.encode(sample.payload)
    answer = await send(door, {**sample.headers, sample.proof_header: proof(name, body)}, body)
    assert answer == (200, "")
    check = await checks.next()
    assert (check.repository, check.refs, check.cause) == (IDENTITY, sample.refs, "webhook")
    assert abs(datetime.fromisoformat(check.told_at).timestamp() - time.time()) < 600


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("with_secrets")
async def test_a_push_with_a_wrong_proof_is_refused(name: str, door: Door) -> None:
    sample = SAMPLES[name]
    body = msgspec.json.encode(sample.payload)
    headers = {**sample.headers, sample.proof_header: proof(name, body, "another key")}
    assert await send(door, headers, body) == (400, "Webhook processing failed")


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "bitbucket"])
@pytest.mark.usefixtures("with_secrets")
async def test_a_push_without_a_proof_is_refused(name: str, door: Door) -> None:
    sample = SAMPLES[name]
    body = msgspec.json.encode(sample.payload)
    assert await send(door, sample.headers, body) == (400, "Webhook processing failed")


@pytest.mark.usefixtures("with_secrets")
async def test_the_proof_is_asked_for_before_the_body_is_read(door: Door) -> None:
    headers = {"X-GitHub-Event": "push"}
    assert await send(door, headers, b"not JSON") == (400, "Webhook processing failed")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b"{}", b'{"repository": 3, "project": 3, "resource": 3, "repoURL": {}}', b"\xff"],
)
@pytest.mark.usefixtures("with_secrets")
async def test_a_malformed_payload_is_refused_and_harms_nothing(name: str, body: bytes, door: Door) -> None:
    sample = SAMPLES[name]
    headers = {**sample.headers, sample.proof_header: proof(name, body)}
    words = "Webhook processing failed"
    if body in (b"{", b"\xff"):
        words += ": payload must be valid JSON under 50 MB"
    assert await send(door, headers, body) == (400, words)


@pytest.mark.usefixtures("with_secrets")
async def test_a_ping_is_welcome(door: Door) -> None:
    body = b'{"zen": "Keep it logically awesome."}'
    headers = {"X-GitHub-Event": "ping", "X-Hub-Signature-256": proof("github", body)}
    assert await send(door, headers, body) == (200, "")


async def test_an_unknown_sender_is_told_so(door: Door) -> None:
    answer = await send(door, {"Content-Type": "application/x-www-form-urlencoded"}, b"payload=1")
    assert answer == (400, "Unknown webhook event")
    async with door.http.get(f"{door.url}/api/webhook") as got:
        assert got.status == 405


async def test_an_oversized_body_is_refused_without_being_held(door: Door, kube: KubeClient) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"webhook.maxPayloadSizeMB": "1"},
    }
    with pytest.raises(NotFoundError):
        await kube.get(CONFIG_MAPS, "argocd-cm", NAMESPACE)
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    try:
        expected = (400, "Webhook processing failed: payload must be valid JSON under 1 MB")
        async with asyncio.timeout(120):
            headers = {"X-GitHub-Event": "ping", "X-Hub-Signature-256": "sha256=" + "0" * 64}
            while await send(door, headers, b" " * (1 << 20) + b"{}") != expected:
                await asyncio.sleep(0.05)
    finally:
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)


async def test_a_payload_named_by_a_secret_reference_is_verified_with_what_it_leads_to(
    door: Door, kube: KubeClient
) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "hooks", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "stringData": {"plain": "led to"},
    }
    await kube.create(SECRETS, secret, NAMESPACE)
    await set_secrets(kube, {"webhook.plain.secret": "$hooks:plain"})
    body = msgspec.json.encode(SAMPLES["plain"].payload)
    async with asyncio.timeout(120):
        while (await send(door, {"Authorization": "Bearer led to"}, body))[0] != 200:
            await asyncio.sleep(0.05)
    assert (await send(door, {"Authorization": "Bearer $hooks:plain"}, body))[0] == 400
    await set_secrets(kube, {"webhook.plain.secret": None})


REFRESH = "argocd.argoproj.io/application-set-refresh"
PULL_EVENTS = {
    "github": Sample(
        headers={"X-GitHub-Event": "pull_request"},
        payload={"action": "synchronize", "repository": {"html_url": URL}},
        proof_header="X-Hub-Signature-256",
    ),
    "gitlab": Sample(
        headers={"X-Gitlab-Event": "Merge Request Hook"},
        payload={"project": {"web_url": URL}, "object_attributes": {"action": "open"}},
        proof_header="X-Gitlab-Token",
    ),
    "gitlab-system": Sample(
        headers={"X-Gitlab-Event": "System Hook"},
        payload={
            "object_kind": "merge_request",
            "project": {"web_url": URL},
            "object_attributes": {"action": "merge"},
        },
        proof_header="X-Gitlab-Token",
    ),
    "gitea": Sample(
        headers={"X-Gitea-Event": "pull_request", "X-GitHub-Event": "pull_request"},
        payload={"action": "opened", "repository": {"html_url": URL}},
        proof_header="X-Gitea-Signature",
    ),
    "bitbucket": Sample(
        headers={"X-Event-Key": "pullrequest:created"},
        payload={"repository": {"links": {"html": {"href": URL}}}},
        proof_header="X-Hook-UUID",
    ),
    "azure": Sample(
        headers={"X-Vss-Activityid": "1"},
        payload={
            "eventType": "git.pullrequest.updated",
            "resource": {"repository": {"remoteUrl": URL}},
        },
        proof_header="Authorization",
    ),
}


async def application_set(kube: KubeClient, name: str, generator: dict[str, object]) -> None:
    template = {"metadata": {"name": "x"}, "spec": {"project": "default", "destination": {}}}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name},
        "spec": {"generators": [generator], "template": template},
    }
    await kube.create(APPLICATION_SETS, body, NAMESPACE)


async def is_woken(kube: KubeClient, name: str) -> bool:
    """Whether a set is asked to look; then the word is taken off, as its controller does."""
    found = msgspec.json.decode(await kube.get(APPLICATION_SETS, name, NAMESPACE))
    asked = found["metadata"].get("annotations", {}).get(REFRESH) == "true"
    if asked:
        await kube.merge_patch(
            APPLICATION_SETS, name, {"metadata": {"annotations": {REFRESH: None}}}, NAMESPACE
        )
    return asked


@pytest.mark.usefixtures("with_secrets")
async def test_pushes_and_pull_requests_wake_the_sets_whose_generators_they_concern(
    door: Door, kube: KubeClient
) -> None:
    host = "https://git.example"
    sets = {
        "by-git": {"git": {"repoURL": f"{URL}.git", "revision": "main", "directories": [{"path": "*"}]}},
        "by-branch": {"git": {"repoURL": URL, "revision": "next", "directories": [{"path": "*"}]}},
        "by-owner": {"scmProvider": {"gitea": {"owner": "team", "api": host}}},
        "by-pulls": {"pullRequest": {"gitea": {"owner": "team", "repo": "config", "api": host}}},
        "by-matrix": {
            "matrix": {
                "generators": [
                    {"list": {"elements": []}},
                    {"pullRequest": {"gitlab": {"project": "{{ project }}", "api": host}}},
                ]
            }
        },
        "by-others": {"pullRequest": {"gitea": {"owner": "team", "repo": "other", "api": host}}},
    }
    for name, generator in sets.items():
        await application_set(kube, name, generator)

    async def woken(names: set[str], sample: Sample, kind: str) -> None:
        body = msgspec.json.encode(sample.payload)
        headers = {**sample.headers, sample.proof_header: proof(kind, body)}
        missing = set(names)
        async with asyncio.timeout(120):
            while missing:
                assert await send(door, headers, body) == (200, "")
                missing -= {name for name in missing if await is_woken(kube, name)}

    await woken({"by-git", "by-owner"}, SAMPLES["github"], "github")
    for kind, sample in PULL_EVENTS.items():
        await woken({"by-pulls", "by-matrix"}, sample, kind.partition("-system")[0])
    assigned = {"action": "assigned", "repository": {"html_url": f"{host}/team/other"}}
    body = msgspec.json.encode(assigned)
    signed = {"X-GitHub-Event": "pull_request", "X-Hub-Signature-256": proof("github", body)}
    assert await send(door, signed, body) == (200, "")
    assert not [name for name in ("by-branch", "by-others") if await is_woken(kube, name)]
    for name in sets:
        await kube.delete(APPLICATION_SETS, name, NAMESPACE)
