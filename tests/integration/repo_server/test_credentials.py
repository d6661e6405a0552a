"""Credentials come from the Secrets of the control plane's namespace, as they are at this moment."""

from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio

from fairlead.events import ManifestsRendered, RepositorySource
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.work_repo import WorkRepo
from tests.integration.repo_server.suite import RepoServerProcess, Suite, config_map

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
async def with_kube(suite: Suite, control_plane: ControlPlane, client: KubeClient) -> Suite:
    await suite.server.stop()
    suite.server = with_secrets(suite, control_plane)
    await suite.server.start()
    return suite


def with_secrets(suite: Suite, control_plane: ControlPlane) -> RepoServerProcess:
    return RepoServerProcess(
        suite, f"--kubeconfig={control_plane.kubeconfig}", f"--namespace={NAMESPACE}", kube=True
    )


def secret(name: str, kind: str, **data: str) -> bytes:
    labels = {"argocd.argoproj.io/secret-type": kind}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return msgspec.json.encode(
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
    )


async def test_a_secret_that_appears_opens_a_private_repository(with_kube: Suite, client: KubeClient) -> None:
    suite = with_kube
    await suite.repository("private", {"web/cm.yaml": config_map("web")})
    suite.git.protect("private", username="someone", password="canary-password")
    url = suite.git.repo_url("private")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web", fails)
    body = secret("private", "repository", url=url, username="someone", password="canary-password")
    await client.create(SECRETS, body, NAMESPACE)
    await suite.answer("web", works)
    assert "canary" not in (suite.folder / "repo-server.log").read_text()


async def test_the_longest_template_gives_its_credentials_to_a_repository_without_its_own(
    with_kube: Suite, client: KubeClient
) -> None:
    suite = with_kube
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
    with_kube: Suite, client: KubeClient, control_plane: ControlPlane
) -> None:
    suite = with_kube
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
    suite.server = with_secrets(suite, control_plane)
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
    assert "canary" not in (suite.folder / "repo-server.log").read_text()


async def test_credentials_of_one_project_are_of_no_use_to_another(
    with_kube: Suite, client: KubeClient
) -> None:
    suite = with_kube
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
