"""Credentials come from the Secrets of the control plane's namespace, handed over sealed, as they are now."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
import structlog

from fairlead.app_controller.following.hand_over import SELECTOR, HandOver
from fairlead.app_controller.following.render_settings import RenderSettingsHandOver
from fairlead.bus.topology import CREDENTIALS_BUCKET
from fairlead.events import ManifestsRendered, RenderLevel, RepositorySource
from fairlead.events.credentials import INDEX, PURPOSE
from fairlead.kube.collection import Collection
from fairlead.kube.head import decode_head
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.work_repo import WorkRepo
from fairlead.secret.seal import Seal, derive
from tests.integration.repo_server.suite import PATIENCE, SECRET, RepoServerProcess, Suite, config_map

SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
NAMESPACE = "repo-server-credentials"


def works(answer: ManifestsRendered) -> bool:
    return answer.failure is None


def fails(answer: ManifestsRendered) -> bool:
    return answer.failure is not None


@pytest_asyncio.fixture(loop_scope="session")
async def client(control_plane: ControlPlane) -> AsyncIterator[KubeClient]:
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        if not await client.find(NAMESPACES, NAMESPACE):
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
            await client.create(NAMESPACES, msgspec.json.encode(body))
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def handed(unserved: Suite, client: KubeClient) -> AsyncIterator[Suite]:
    """A suite whose repo-server is handed what the namespace's Secrets hold, as an app-controller does it."""
    suite = unserved
    handing = HandOver(suite.bus, Seal(derive(SECRET.encode(), PURPOSE)))
    secrets = Collection(
        client,
        SECRETS,
        namespace=NAMESPACE,
        on_put=handing.take,
        on_gone=handing.drop,
        label_selector=SELECTOR,
    )

    async def hand_over() -> None:
        await secrets.wait_synced()
        await handing.run()

    settings = RenderSettingsHandOver(suite.bus, {})
    tasks = [asyncio.create_task(run) for run in (secrets.run(), hand_over(), settings.run())]
    await suite.serve(credentials=True)
    yield suite
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def secret(name: str, kind: str, **data: str) -> bytes:
    labels = {"argocd.argoproj.io/secret-type": kind}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return msgspec.json.encode(
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
    )


async def test_a_secret_that_appears_opens_a_private_repository(handed: Suite, client: KubeClient) -> None:
    suite = handed
    await suite.repository("private", {"web/cm.yaml": config_map("web")})
    suite.git.protect("private", username="someone", password="canary-password")
    url = suite.git.repo_url("private")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web", fails)
    body = secret("private", "repository", url=url, username="someone", password="canary-password")
    await client.create(SECRETS, body, NAMESPACE)
    await suite.answer("web", works)
    assert "canary" not in suite.log()


async def test_the_longest_template_gives_its_credentials_to_a_repository_without_its_own(
    handed: Suite, client: KubeClient
) -> None:
    suite = handed
    await suite.repository("team/web", {"web/cm.yaml": config_map("web")})
    suite.git.protect("team/", username="team", password="right-password")
    short = secret("short", "repo-creds", url=suite.git.url, username="team", password="wrong-password")
    long = secret(
        "long", "repo-creds", url=f"{suite.git.url}/team", username="team", password="right-password"
    )
    for body in (short, long):
        await client.create(SECRETS, body, NAMESPACE)
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("team/web"), path="web"))
    await suite.answer("web", works)


async def test_a_commit_is_seen_with_the_projects_credentials_after_a_restart_too(
    handed: Suite, client: KubeClient
) -> None:
    suite = handed
    await suite.repository("scoped", {"web/cm.yaml": config_map("web")})
    suite.git.protect("scoped", username="someone", password="canary-password")
    url = suite.git.repo_url("scoped")
    pusher = url.replace("://", "://someone:canary-password@")
    work = await WorkRepo.clone(pusher, suite.folder / "work" / "pusher")
    body = secret(
        "scoped", "repository", url=url, project="gamma", username="someone", password="canary-password"
    )
    await client.create(SECRETS, body, NAMESPACE)
    await suite.want("web", RepositorySource(repo_url=url, path="web"), project="gamma")
    await suite.answer("web", works)
    await suite.server.stop()
    suite.server = RepoServerProcess(suite, credentials=True)
    await suite.server.start()
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("scoped")
    await suite.answer("web", lambda answer: works(answer) and answer.revisions == (commit,))


async def test_a_password_in_one_address_opens_nothing_for_another(suite: Suite) -> None:
    await suite.repository("inline", {"web/cm.yaml": config_map("web")})
    suite.git.protect("inline", username="someone", password="canary-password")
    url = suite.git.repo_url("inline")
    own = url.replace("://", "://someone:canary-password@")
    await suite.want("owner", RepositorySource(repo_url=own, path="web"), project="alpha")
    await suite.answer("owner", works)
    await suite.want("thief", RepositorySource(repo_url=url, path="web"), project="beta")
    assert fails(await suite.answer("thief"))
    wrong = url.replace("://", "://someone:wrong-password@")
    await suite.want("guess", RepositorySource(repo_url=wrong, path="web"), project="beta")
    assert fails(await suite.answer("guess"))
    assert "canary" not in suite.log()


async def test_credentials_of_one_project_are_of_no_use_to_another(handed: Suite, client: KubeClient) -> None:
    suite = handed
    await suite.repository("mine", {"web/cm.yaml": config_map("web")})
    suite.git.protect("mine", username="someone", password="canary-password")
    url = suite.git.repo_url("mine")
    body = secret(
        "mine", "repository", url=url, project="alpha", username="someone", password="canary-password"
    )
    await client.create(SECRETS, body, NAMESPACE)
    await suite.want("web", RepositorySource(repo_url=url, path="web"), project="alpha")
    await suite.answer("web", works)
    await suite.want("thief", RepositorySource(repo_url=url, path="web"), project="beta")
    assert fails(await suite.answer("thief"))


async def test_a_rotated_password_is_used_from_now_on_and_a_deleted_one_no_more(
    handed: Suite, client: KubeClient
) -> None:
    suite = handed
    await suite.repository("rotated", {"web/cm.yaml": config_map("web")})
    suite.git.protect("rotated", username="someone", password="canary-new")
    url = suite.git.repo_url("rotated")
    body = secret("rotated", "repository", url=url, username="someone", password="canary-old")
    await client.create(SECRETS, body, NAMESPACE)
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web", fails)
    body = secret("rotated", "repository", url=url, username="someone", password="canary-new")
    await client.update(SECRETS, "rotated", body, NAMESPACE)
    await suite.answer("web", works)
    answered = len(suite.answers)
    await client.delete(SECRETS, "rotated", NAMESPACE)
    async with asyncio.timeout(60):
        while not any(fails(answer) for answer in suite.answers[answered:]):
            await suite.ask("web", RenderLevel.HARD)
            await asyncio.sleep(0.5)
    assert "canary" not in log_of(suite)


async def test_credentials_are_handed_over_again_after_the_broker_was_wiped(
    handed: Suite, client: KubeClient
) -> None:
    suite = handed
    await suite.repository("wiped", {"web/cm.yaml": config_map("web")})
    suite.git.protect("wiped", username="someone", password="canary-password")
    url = suite.git.repo_url("wiped")
    body = secret("wiped", "repository", url=url, username="someone", password="canary-password")
    await client.create(SECRETS, body, NAMESPACE)
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web", works)
    await suite.nats.restart(wipe=True)
    await suite.server.kill()
    suite.server = RepoServerProcess(suite, credentials=True)
    await suite.server.start()
    answered = len(suite.answers)
    await suite.want("web", RepositorySource(repo_url=url, path="web"), level=RenderLevel.HARD)
    await suite.answer("web", works, after=answered)


async def test_nothing_that_was_not_sealed_for_its_place_is_believed(
    handed: Suite, client: KubeClient
) -> None:
    suite = handed
    await suite.repository("forged", {"web/cm.yaml": config_map("web")})
    url = suite.git.repo_url("forged")
    body = secret("forged", "repository", url=url, username="someone", password="canary-password")
    await client.create(SECRETS, body, NAMESPACE)
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web", works)
    bucket = suite.bus.key_value(CREDENTIALS_BUCKET)
    genuine = await bucket.get("forged")
    assert genuine is not None
    assert genuine.value
    assert b"canary" not in genuine.value
    await bucket.put("moved", genuine.value)
    await bucket.put(INDEX, b"forged")
    async with asyncio.timeout(60):
        while log_of(suite).count("repository.credentials.refused") < 2:
            await asyncio.sleep(0.05)


def log_of(suite: Suite) -> str:
    return suite.log()


async def test_who_may_not_act_hands_nothing_over_and_does_so_as_soon_as_it_may(suite: Suite) -> None:
    """A controller that was stopped goes on with the Secrets it knew, before it is told of newer ones."""
    may_act = False
    seal = Seal(derive(SECRET.encode(), PURPOSE))
    handing = HandOver(suite.bus, seal, may_act=lambda: may_act)
    raw = secret("old", "repository", url="https://host/x.git").replace(b"stringData", b"data")
    handing.take(decode_head(raw), raw)
    running = asyncio.create_task(handing.run())
    bucket = suite.bus.key_value(CREDENTIALS_BUCKET)
    await asyncio.sleep(1.5)
    assert await bucket.get(INDEX) is None
    may_act = True
    handing.wake()
    async with asyncio.timeout(PATIENCE):
        while await bucket.get(INDEX) is None:
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_for_writing_or_for_generators_is_handed_to_nobody_and_said_once(suite: Suite) -> None:
    handing = HandOver(suite.bus, Seal(derive(SECRET.encode(), PURPOSE)))
    asked = secret("one", "repository", url="https://host/x.git").replace(b"stringData", b"data")
    other = secret("one", "repository-write", url="https://host/x.git").replace(b"stringData", b"data")
    with structlog.testing.capture_logs() as logs:
        handing.take(decode_head(asked), asked)
        assert set(handing._wanted) == {"one"}
        for _ in range(2):
            handing.take(decode_head(other), other)
        assert handing._wanted == {}
    said = [line for line in logs if line["event"] == "repository.secret.without_effect"]
    assert [(line["secret"], line["type"]) for line in said] == [("one", "repository-write")]
