"""An application, or a cluster, is moved to another project only by who may do so in both."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import bcrypt
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.events.envelope import encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc import repo
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application, opened

PASSWORD = "a long enough password"
POLICY = "\n".join(
    f"p, carol, {kind}, {action}, {project}/*, allow"
    for kind in ("applications", "clusters")
    for project in ("green", "violet")
    for action in ("get", "create", *(["update"] if project == "green" else []))
)


def spec(project: str, path: str = "a") -> dict[str, Any]:
    return {
        "project": project,
        "source": {"repoURL": "https://git.example/a.git", "path": path},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def carol(door: Door, kube: KubeClient) -> AsyncIterator[Door]:
    """She may create applications in two projects and update those of green."""
    labels = {"app.kubernetes.io/part-of": "argocd"}
    for name, data in (
        ("argocd-cm", {"accounts.carol": "login"}),
        ("argocd-rbac-cm", {"policy.csv": POLICY}),
    ):
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels}}
        await kube.create(CONFIG_MAPS, config | {"data": data}, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    secret = {"data": {"accounts.carol.password": base64.b64encode(hashed).decode()}}
    await kube.merge_patch(SECRETS, "argocd-secret", secret, NAMESPACE)
    rules = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
    for name in ("green", "violet"):
        project = {"apiVersion": PROJECTS.api_version, "kind": "AppProject", "metadata": {"name": name}}
        await kube.create(PROJECTS, project | {"spec": rules}, NAMESPACE)
        await application(kube, f"{name}-app", spec=spec(name))
    token = await opened(door, "carol", PASSWORD)
    yield msgspec.structs.replace(door, token=token)
    for name in ("green", "violet"):
        await kube.delete(APPLICATIONS, f"{name}-app", NAMESPACE)
        await kube.delete(PROJECTS, name, NAMESPACE)
    for name in ("argocd-rbac-cm", "argocd-cm"):
        await kube.delete(CONFIG_MAPS, name, NAMESPACE)


@pytest.mark.parametrize(("name", "target"), [("green-app", "violet"), ("violet-app", "green")])
async def test_an_upsert_to_another_project_needs_the_right_to_update_in_both(
    carol: Door, kube: KubeClient, scripted: dict[str, Answer], name: str, target: str
) -> None:
    async def test(_: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(revision="a" * 40))

    scripted[repo.TEST] = test
    body = {"metadata": {"name": name}, "spec": spec(target)}
    moved = {"upsert": "true", "validate": "false"}
    status, answer = await carol.ask("POST", "/api/v1/applications", body, **moved)
    assert (status, msgspec.convert(answer, dict)["code"]) == (403, 7), answer
    stored = msgspec.json.decode(await kube.get(APPLICATIONS, name, NAMESPACE))
    assert stored["spec"]["project"] == name.removesuffix("-app")
    own = {"metadata": {"name": "green-app"}, "spec": spec("green", path=f"changed-with-{name}")}
    status, answer = await carol.ask("POST", "/api/v1/applications", own, **moved)
    assert status == 200, answer


@pytest.mark.parametrize(("own", "target"), [("green", "violet"), ("violet", "green")])
async def test_a_cluster_is_changed_by_who_may_change_what_it_was_and_what_it_becomes(
    carol: Door, door: Door, kube: KubeClient, own: str, target: str
) -> None:
    server = f"https://{own}.clusters.example"
    cluster = {"server": server, "name": f"{own}-cluster", "config": {"bearerToken": "x"}}
    status, answer = await door.ask("POST", "/api/v1/clusters", cluster | {"project": own})
    assert status == 200, answer
    at = f"/api/v1/clusters/{quote(server, safe='')}"
    for verb, path, query in (
        ("PUT", at, {}),
        ("PUT", at, {"updatedFields": "project"}),
        ("POST", "/api/v1/clusters", {"upsert": "true"}),
    ):
        status, answer = await carol.ask(verb, path, cluster | {"project": target}, **query)
        assert status == 403, (verb, answer)
        _, shown = await door.ask("GET", at)
        assert msgspec.convert(shown, dict)["project"] == own
    other = f"https://{target}.elsewhere.example"
    status, answer = await carol.ask("PUT", at, cluster | {"server": other, "project": own})
    assert (status == 200) == (own == "green"), "what is named is changed, whatever the body says"
    if status == 200:
        assert msgspec.convert(answer, dict)["server"] == server
    assert (await door.ask("DELETE", at))[0] == 200


@pytest.mark.parametrize(
    ("name", "config"),
    [("execProviderConfig", {"command": "sh"}), ("awsAuthConfig", {"clusterName": "blue"})],
)
async def test_who_we_are_ourselves_is_shown_only_to_clusters_of_who_may_declare_every_cluster(
    carol: Door, door: Door, name: str, config: dict[str, str]
) -> None:
    server = f"https://{name.lower()}.clusters.example"
    cluster = {"server": server, "name": name, "project": "green", "config": {"bearerToken": "x"}}
    theirs = cluster | {"config": {name: config}}
    at = f"/api/v1/clusters/{quote(server, safe='')}"
    status, answer = await carol.ask("POST", "/api/v1/clusters", theirs)
    assert (status, f"{name} is for who may create every cluster" in str(answer)) == (403, True), answer
    assert (await door.ask("POST", "/api/v1/clusters", cluster))[0] == 200
    status, answer = await carol.ask("PUT", at, theirs)
    assert (status, f"{name} is for who may update every cluster" in str(answer)) == (403, True), answer
    status, answer = await door.ask("PUT", at, theirs)
    assert status == 200, answer
    assert (await door.ask("DELETE", at))[0] == 200
