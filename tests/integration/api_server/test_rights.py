"""What somebody without rights is told, beside what they are told of what does not exist."""

import asyncio
import base64
from collections.abc import AsyncIterator

import bcrypt
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.kube.rest import KubeClient
from fairlead.rpc import repo
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application

PASSWORD = "a long enough password"
LABEL = "argocd.argoproj.io/secret-type"
HIDDEN = ["10.0.0.5", "private", "secret-project", "hidden"]


def labelled(name: str, kind: str, /, **values: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {LABEL: kind}},
        "stringData": values,
    }


OBJECTS = [
    labelled("cluster-broken", "cluster", name="broken"),
    labelled("cluster-hidden", "cluster", name="hidden", server="https://10.0.0.5:6443", project="p"),
    labelled(
        "repo-hidden",
        "repository",
        url="https://u:t0ken@git.example/private.git",
        project="secret-project",
        proxy="http://me:pass@proxy:3128",
    ),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def alice(door: Door, kube: KubeClient) -> AsyncIterator[Door]:
    """An account that may log in and has no rights."""
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"accounts.alice": "login"},
    }
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    data = {"accounts.alice.password": base64.b64encode(hashed).decode()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)
    for obj in OBJECTS:
        await kube.create(SECRETS, obj, NAMESPACE)
    body = {"username": "alice", "password": PASSWORD}
    async with asyncio.timeout(60):
        while True:
            async with door.http.post(f"{door.url}/api/v1/session", json=body) as answer:
                if answer.status == 200:
                    token = (await answer.json())["token"]
                    break
            await asyncio.sleep(0.2)
        while not (await door.ask("GET", "/api/v1/repositories"))[1]["items"]:  # type: ignore[index]
            await asyncio.sleep(0.1)
    yield msgspec.structs.replace(door, token=token)
    await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
    for name in ("cluster-broken", "cluster-hidden", "repo-hidden"):
        await kube.delete(SECRETS, name, NAMESPACE)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("/api/v1/clusters/https%3A%2F%2F10.0.0.5%3A6443", "/api/v1/clusters/https%3A%2F%2F10.9.9.9"),
        ("/api/v1/clusters/hidden?id.type=name", "/api/v1/clusters/nothing?id.type=name"),
        ("/api/v1/clusters/broken?id.type=name", "/api/v1/clusters/nothing?id.type=name"),
        (
            "/api/v1/repositories/https%3A%2F%2Fgit.example%2Fprivate.git",
            "/api/v1/repositories/https%3A%2F%2Fgit.example%2Fnothing.git",
        ),
        ("/api/v1/applications/there", "/api/v1/applications/missing"),
        ("/api/v1/applications/there/manifests", "/api/v1/applications/missing/manifests"),
        ("/api/v1/applications/there/resource-tree", "/api/v1/applications/missing/resource-tree"),
        ("/api/v1/applications/there/events", "/api/v1/applications/missing/events"),
        ("/api/v1/applications/there/syncwindows", "/api/v1/applications/missing/syncwindows"),
    ],
)
async def test_what_is_forbidden_and_what_is_missing_are_answered_with_the_same_bytes(
    there: str, missing: str, alice: Door, kube: KubeClient
) -> None:
    if await kube.find(APPLICATIONS, "there", NAMESPACE) is None:
        await application(kube, "there")
    forbidden, unknown = await alice.ask("GET", there), await alice.ask("GET", missing)
    assert forbidden == unknown
    assert forbidden[0] == 403
    assert not [word for word in HIDDEN if word in str(forbidden[1])]


async def test_a_cluster_is_found_by_what_was_asked_and_nothing_else(alice: Door, door: Door) -> None:
    assert alice.token != door.token
    assert (await door.ask("GET", "/api/v1/clusters/nothing?id.type=name"))[0] == 403
    status, found = await door.ask("GET", "/api/v1/clusters/hidden?id.type=name")
    assert (status, found["server"]) == (200, "https://10.0.0.5:6443")  # type: ignore[index]
    status, found = await door.ask("GET", "/api/v1/clusters/hid%2564en?id.type=name_escaped")
    assert (status, found["name"]) == (200, "hidden")  # type: ignore[index]


async def test_no_password_of_an_address_is_shown(alice: Door, door: Door) -> None:
    assert alice.token != door.token
    _, listed = await door.ask("GET", "/api/v1/repositories")
    assert "t0ken" not in str(listed)
    assert "pass@" not in str(listed)
    assert "https://git.example/private.git" in str(listed)
    assert "http://proxy:3128" in str(listed)


async def test_no_repository_is_looked_at_that_the_project_does_not_permit(
    door: Door, kube: KubeClient, scripted: dict[str, Answer]
) -> None:
    looked: list[str] = []

    async def test(_: str, payload: bytes) -> bytes:
        looked.append("test")
        raise AssertionError(payload)

    scripted.update({repo.TEST: test, repo.GENERATE: test, repo.DESCRIBE: test})
    project = {
        "apiVersion": PROJECTS.api_version,
        "kind": "AppProject",
        "metadata": {"name": "narrow"},
        "spec": {
            "sourceRepos": ["https://git.example/allowed/*"],
            "destinations": [{"server": "*", "namespace": "*"}],
        },
    }
    await kube.create(PROJECTS, project, NAMESPACE)
    spec = {
        "project": "narrow",
        "source": {"repoURL": "http://169.254.169.254/latest", "path": "x"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }
    async with asyncio.timeout(60):
        while True:
            body = {"metadata": {"name": "prober"}, "spec": spec}
            status, answer = await door.ask("POST", "/api/v1/applications", body)
            if "does not exist" not in str(answer):
                break
            await asyncio.sleep(0.1)
    assert status == 400
    assert "application repo http://169.254.169.254/latest is not permitted in project 'narrow'" in str(
        answer
    )
    await application(kube, "narrowed", spec=spec)
    async with asyncio.timeout(60):
        while (await door.ask("GET", "/api/v1/applications/narrowed"))[0] != 200:
            await asyncio.sleep(0.1)
    for verb, path, sent in (
        ("GET", "manifests?revision=main", None),
        ("GET", "revisions/main/metadata", None),
        ("POST", "sync", {"revision": "main"}),
    ):
        status, answer = await door.ask(verb, f"/api/v1/applications/narrowed/{path}", sent)
        assert status == 400
        assert "is not permitted in project" in str(answer)
    assert not looked
    await kube.delete(APPLICATIONS, "narrowed", NAMESPACE)
    await kube.delete(PROJECTS, "narrow", NAMESPACE)
