"""What somebody without rights is told, beside what they are told of what does not exist."""

import asyncio
import base64
from collections.abc import AsyncIterator

import bcrypt
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.api_server.methods.table import ROWS
from fairlead.kube.rest import KubeClient
from fairlead.rpc import repo
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application, opened
from tests.transports import Native, RefusedError

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
    token = await opened(door, "alice", PASSWORD)
    async with asyncio.timeout(60):
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


CLUSTER = {"server": "https://10.0.0.5:6443", "config": {"bearerToken": "x"}}
REPOSITORY = {"repo": "https://git.example/private.git"}
CREDENTIALS = {"url": "https://git.example/", "username": "u"}
PROJECT = {"project": {"metadata": {"name": "secret-project"}, "spec": {}}}
ASKED: dict[str, dict[str, object]] = {
    "/project.ProjectService/": {"name": "default"},
    "/project.ProjectService/Create": PROJECT,
    "/project.ProjectService/Update": PROJECT,
    "/project.ProjectService/Delete": {"name": "secret-project"},
    "/project.ProjectService/CreateToken": {"project": "default", "role": "r"},
    "/project.ProjectService/DeleteToken": {"project": "default", "role": "r", "iat": "1"},
    "/cluster.ClusterService/": {"server": "https://10.0.0.5:6443"},
    "/cluster.ClusterService/Create": {"cluster": CLUSTER, "upsert": True},
    "/cluster.ClusterService/Update": {"cluster": CLUSTER},
    "/repository.RepositoryService/": REPOSITORY,
    "/repository.RepositoryService/Create": {"repo": REPOSITORY, "upsert": True},
    "/repository.RepositoryService/CreateRepository": {"repo": REPOSITORY, "upsert": True},
    "/repository.RepositoryService/CreateWriteRepository": {"repo": REPOSITORY, "upsert": True},
    "/repository.RepositoryService/Update": {"repo": REPOSITORY},
    "/repository.RepositoryService/UpdateRepository": {"repo": REPOSITORY},
    "/repository.RepositoryService/UpdateWriteRepository": {"repo": REPOSITORY},
    "/repository.RepositoryService/GetAppDetails": {
        "source": {"repoURL": "https://git.example/private.git", "path": "."},
        "appName": "hidden",
        "appProject": "secret-project",
    },
    "/repocreds.RepoCredsService/": {"url": "https://git.example/"},
    "/repocreds.RepoCredsService/CreateRepositoryCredentials": {"creds": CREDENTIALS, "upsert": True},
    "/repocreds.RepoCredsService/CreateWriteRepositoryCredentials": {"creds": CREDENTIALS, "upsert": True},
    "/repocreds.RepoCredsService/UpdateRepositoryCredentials": {"creds": CREDENTIALS},
    "/repocreds.RepoCredsService/UpdateWriteRepositoryCredentials": {"creds": CREDENTIALS},
    "/certificate.CertificateService/": {},
    "/gpgkey.GPGKeyService/": {"keyID": "830ECC4B9624B028"},
    "/gpgkey.GPGKeyService/Create": {"publickey": {"keyData": "x"}},
}
"""What is asked of each RPC of a service, by the longest beginning."""
LISTS = ("List", "ListRepositories", "ListRepositoryCredentials")
"""These answer with what may be seen: with nothing."""


def asked_of(rpc: str) -> dict[str, object]:
    return ASKED[max((start for start in ASKED if rpc.startswith(start)), key=len)]


@pytest.mark.parametrize(
    "rpc", [row.rpc for row in ROWS if row.rpc.startswith(tuple(s for s in ASKED if s.endswith("/")))]
)
async def test_who_has_no_rights_changes_nothing_and_learns_nothing(alice: Door, rpc: str) -> None:
    async with Native(alice.url.removeprefix("http://"), alice.token) as client:
        try:
            answer = await client.ask(rpc, asked_of(rpc))
        except RefusedError as refused:
            assert refused.code in (7, 12), refused.words
            assert refused.code == 7 or refused.words == "hydrator is disabled"
            words = refused.words
        else:
            assert rpc.rpartition("/")[2] in LISTS, rpc
            assert not answer.items
            words = ""
    assert "proxy" not in words
    assert "no such" not in words.lower(), "absence is not told either"
