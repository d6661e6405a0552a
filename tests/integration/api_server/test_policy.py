"""`argocd-rbac-cm` and the roles of projects as they are in force, changed while the service runs."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import bcrypt
import msgspec
import pytest
import pytest_asyncio
from joserfc import jws
from joserfc.jwk import OctKey

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application, opened

PASSWORD = "a long enough password"
WITHIN = 20.0
"""Seconds the loaded machine of a test is given for what takes 200 ms."""


async def eventually(holds: Callable[[], Awaitable[bool]]) -> float:
    """Seconds until something holds."""
    began = time.monotonic()
    async with asyncio.timeout(WITHIN):
        while not await holds():
            await asyncio.sleep(0.02)
    return time.monotonic() - began


class Policy:
    """The ConfigMap of the policy, to be rewritten."""

    def __init__(self, kube: KubeClient) -> None:
        self._kube = kube

    async def write(self, **data: str | None) -> None:
        body = {"data": {key.replace("_", "."): value for key, value in data.items()}}
        await self._kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", body, NAMESPACE)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bob(door: Door, kube: KubeClient) -> AsyncIterator[Door]:
    """An account that may log in."""
    labels = {"app.kubernetes.io/part-of": "argocd"}
    config = {"metadata": {"name": "argocd-cm", "labels": labels}, "data": {"accounts.bob": "login, apiKey"}}
    await kube.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap"} | config, NAMESPACE)
    empty = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-rbac-cm"}}
    await kube.create(CONFIG_MAPS, empty, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    data = {"accounts.bob.password": base64.b64encode(hashed).decode()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)
    for name in ("red", "blue"):
        project = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": name}}
        await kube.create(PROJECTS, project | {"spec": {}}, NAMESPACE)
        await application(kube, f"{name}-app", spec=spec(name))
    token = await opened(door, "bob", PASSWORD)
    yield msgspec.structs.replace(door, token=token)
    for name in ("red", "blue"):
        await kube.delete(APPLICATIONS, f"{name}-app", NAMESPACE)
        await kube.delete(PROJECTS, name, NAMESPACE)
    await kube.delete(CONFIG_MAPS, "argocd-rbac-cm", NAMESPACE)
    await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)


@pytest_asyncio.fixture
async def policy(bob: Door, kube: KubeClient) -> AsyncIterator[Policy]:
    found = Policy(kube)
    yield found
    await found.write(policy_csv=None, policy_default=None, scopes=None, policy_matchMode=None)

    async def is_gone() -> bool:
        return await names(bob) == []

    await eventually(is_gone)


def spec(project: str) -> dict[str, Any]:
    return {
        "project": project,
        "source": {"repoURL": "https://git.example/a.git", "path": "a"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }


async def names(door: Door) -> list[str] | str:
    """The applications somebody sees, or the words they get."""
    status, answer = await door.ask("GET", "/api/v1/applications")
    assert isinstance(answer, dict)
    return [item["metadata"]["name"] for item in answer["items"]] if status == 200 else answer["message"]


async def can(door: Door, resource: str, action: str, obj: str) -> str:
    _, answer = await door.ask("GET", f"/api/v1/account/can-i/{resource}/{action}/{obj}")
    assert isinstance(answer, dict)
    return str(answer["value"])


async def test_a_change_of_the_policy_is_in_force_at_once_and_a_broken_one_closes(
    bob: Door, door: Door, policy: Policy
) -> None:
    assert await names(bob) == []
    assert await can(bob, "applications", "get", "red/red-app") == "no"
    await policy.write(policy_csv="p, bob, applications, get, red/*, allow")

    async def sees_red() -> bool:
        return await names(bob) == ["red-app"]

    assert await eventually(sees_red) < WITHIN
    assert await can(bob, "applications", "get", "red/red-app") == "yes"
    assert await can(bob, "applications", "get", "blue/blue-app") == "no"
    assert await can(bob, "accounts", "update", "bob") == "yes"
    await policy.write(policy_csv="p, bob, applications, get, red/*, allow\np, bob, oops")

    async def is_closed() -> bool:
        return "invalid RBAC policy: p, bob, oops" in await names(bob)

    await eventually(is_closed)
    status, answer = await door.ask("GET", "/api/v1/applications/red-app")
    assert (status, answer["code"]) == (500, 13)  # type: ignore[index]
    await policy.write(policy_csv="p, bob, applications, get, ^blue/, allow", policy_matchMode="regex")

    async def sees_blue() -> bool:
        return await names(bob) == ["blue-app"]

    await eventually(sees_blue)
    await policy.write(policy_csv=None, policy_matchMode=None, policy_default="role:readonly")

    async def sees_all() -> bool:
        return {"red-app", "blue-app"} <= set(await names(bob))

    await eventually(sees_all)
    assert await can(bob, "applications", "sync", "red/red-app") == "no"


async def test_a_stream_tells_what_became_invisible_as_deleted_and_what_became_visible_as_added(
    bob: Door, policy: Policy, kube: KubeClient
) -> None:
    await policy.write(policy_csv="p, bob, applications, get, red/*, allow")

    async def sees_red() -> bool:
        return await names(bob) == ["red-app"]

    await eventually(sees_red)
    headers = {"Authorization": f"Bearer {bob.token}"}
    async with bob.http.get(f"{bob.url}/api/v1/stream/applications", headers=headers) as stream:

        async def told() -> tuple[str, str]:
            async with asyncio.timeout(WITHIN):
                event = msgspec.json.decode(await stream.content.readline())["result"]
            return event["type"], event["application"]["metadata"]["name"]

        assert await told() == ("ADDED", "red-app")
        await policy.write(policy_csv="p, bob, applications, get, blue/*, allow")
        assert [await told(), await told()] == [("DELETED", "red-app"), ("ADDED", "blue-app")]
        await kube.merge_patch(APPLICATIONS, "blue-app", {"spec": {"project": "red"}}, NAMESPACE)
        assert await told() == ("DELETED", "blue-app")
        await kube.merge_patch(APPLICATIONS, "blue-app", {"spec": {"project": "blue"}}, NAMESPACE)
        assert await told() == ("MODIFIED", "blue-app")


async def test_a_projects_roles_are_in_force_as_they_are_written(
    bob: Door, policy: Policy, kube: KubeClient
) -> None:
    assert policy is not None
    lines = ["p, proj:red:ci, applications, get, red/*, allow"]
    role = {"name": "ci", "policies": lines, "groups": ["bob"]}
    await kube.merge_patch(PROJECTS, "red", {"spec": {"roles": [role]}}, NAMESPACE)

    async def sees_red() -> bool:
        return await names(bob) == ["red-app"]

    await eventually(sees_red)
    assert await can(bob, "projects", "get", "red") == "yes"
    await kube.merge_patch(PROJECTS, "red", {"spec": {"roles": None}}, NAMESPACE)


def forged_as_admin() -> list[str]:
    """Tokens that say they are admin's, signed by nobody we know and by nobody at all."""
    now = int(time.time())
    claims = {"iss": "argocd", "sub": "admin:login", "jti": "x", "iat": now, "nbf": now, "exp": now + 600}
    key = OctKey.import_key("a key that is long enough but not ours")
    signed = jws.serialize_compact({"alg": "HS256"}, msgspec.json.encode(claims), key, algorithms=["HS256"])
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return [signed, f"{header}.{signed.split('.')[1]}."]


async def test_a_stranger_has_the_default_role_where_strangers_are_welcome_and_no_other(
    bob: Door, policy: Policy, kube: KubeClient
) -> None:
    nobody = msgspec.structs.replace(bob, token="a.b.c")
    assert await names(nobody) == "invalid session: token is malformed: it is not a session of ours"
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"users.anonymous.enabled": "true"}}, NAMESPACE)
    await policy.write(policy_csv="g, admin, role:admin")

    async def sees_none() -> bool:
        return await names(nobody) == []

    await eventually(sees_none)
    for token in (*forged_as_admin(), "a.b.c"):
        stranger = msgspec.structs.replace(nobody, token=token)
        status, answer = await stranger.ask("GET", "/api/v1/projects/red")
        assert isinstance(answer, dict)
        assert (status, answer["message"]) == (403, "permission denied: projects, get, red")
    await policy.write(policy_default="role:readonly")

    async def sees_all() -> bool:
        return {"red-app", "blue-app"} <= set(await names(nobody))

    await eventually(sees_all)
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"users.anonymous.enabled": None}}, NAMESPACE)

    async def is_refused() -> bool:
        return isinstance(await names(nobody), str)

    await eventually(is_refused)


async def test_groups_by_an_unreadable_list_of_scopes_grant_nothing(bob: Door, policy: Policy) -> None:
    await policy.write(policy_csv="p, bob, applications, get, red/*, allow", scopes="groups")

    async def sees_red() -> bool:
        return await names(bob) == ["red-app"]

    await eventually(sees_red)


@pytest.mark.parametrize("subresource", ["red/red-app", "*", ""])
async def test_can_i_refuses_words_it_does_not_know(bob: Door, subresource: str) -> None:
    path = f"/api/v1/account/can-i/applications/fly/{subresource or '%20'}"
    status, answer = await bob.ask("GET", path)
    assert status == 400
    assert "does not contain fly" in answer["message"]  # type: ignore[index]


async def test_switches_ask_for_the_rights_to_roll_back_and_to_sync_elsewhere(
    bob: Door, policy: Policy, kube: KubeClient
) -> None:
    await policy.write(
        policy_csv="p, bob, applications, get, red/*, allow\np, bob, applications, sync, red/*, allow"
    )
    sync, rollback = "/api/v1/applications/red-app/sync", "/api/v1/applications/red-app/rollback"

    async def words(path: str, body: dict[str, object]) -> str:
        _, answer = await bob.ask("POST", path, body)
        assert isinstance(answer, dict)
        return str(answer.get("message", ""))

    async def may_roll_back() -> bool:
        return "does not have deployment with id 9" in await words(rollback, {"id": 9})

    await eventually(may_roll_back)
    switches = {
        "server.rbac.rollback.enforce.enable": "true",
        "application.sync.requireOverridePrivilegeForRevisionSync": "true",
    }
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": switches}, NAMESPACE)

    async def is_asked() -> bool:
        return "permission denied: applications, rollback, red/red-app" in await words(rollback, {"id": 9})

    await eventually(is_asked)
    assert "permission denied: applications, override" in await words(sync, {"revision": "elsewhere"})
    assert "permission denied: applications, override" in await words(sync, {"revisions": ["elsewhere"]})
    places = {"revisions": ["elsewhere"], "sourcePositions": [1]}
    assert "permission denied: applications, override" in await words(sync, places)
    assert "permission denied" not in await words(sync, {"revision": "HEAD"})
    assert "permission denied" not in await words(sync, {"revisions": ["HEAD"]})
    app = {"resource": "applications", "object": "red/red-app"}
    elsewhere = {**app, "action": "sync", "elsewhere": True}
    asked = [{**app, "action": "rollback"}, {**app, "action": "sync"}, elsewhere]
    assert await answers(bob, *asked) == [False, True, False]
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": dict.fromkeys(switches)}, NAMESPACE)

    async def is_back() -> bool:
        return await answers(bob, *asked) == [True, True, True]

    await eventually(is_back)


async def test_many_questions_are_answered_at_once_as_the_operations_decide(
    bob: Door, policy: Policy, kube: KubeClient
) -> None:
    await policy.write(
        policy_csv="\n".join(
            (
                "p, bob, applications, get, red/*, allow",
                "p, bob, applications, delete, red/*, allow",
                "p, bob, applications, action/apps/Deployment/restart, */*, allow",
                "p, bob, logs, get, */*, allow",
                "p, bob, clusters, create, red/*, allow",
            )
        )
    )

    def about(resource: str, action: str, obj: str) -> dict[str, object]:
        return {"resource": resource, "action": action, "object": obj}

    asked = {
        "what a line grants": (about("applications", "delete", "red/red-app"), True),
        "no line": (about("applications", "update", "red/red-app"), False),
        "one object": (about("applications", "delete/apps/Deployment/web/shop", "red/red-app"), False),
        "an action": (about("applications", "action/apps/Deployment/restart", "red/red-app"), True),
        "what may not be seen": (about("applications", "action/apps/Deployment/restart", "blue/x"), False),
        "logs of what may be seen": (about("logs", "get", "red/red-app"), True),
        "logs of what may not": (about("logs", "get", "blue/blue-app"), False),
        "certificates, which have no name": (about("certificates", "create", ""), False),
        "itself": (about("accounts", "update", "bob"), True),
        "a cluster anywhere": ({"resource": "clusters", "action": "create", "anywhere": True}, True),
        "an application anywhere": (
            {"resource": "applications", "action": "create", "anywhere": True},
            False,
        ),
    }

    async def holds() -> bool:
        found = await answers(bob, *(question for question, _ in asked.values()))
        wanted = [answer for _, answer in asked.values()]
        return found == wanted

    await eventually(holds)
    inherited = {"server.rbac.disableApplicationFineGrainedRBACInheritance": "false"}
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": inherited}, NAMESPACE)

    async def is_inherited() -> bool:
        return await answers(bob, asked["one object"][0]) == [True]

    await eventually(is_inherited)
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": dict.fromkeys(inherited)}, NAMESPACE)
    await give_role(kube, "p, proj:red:maker, applications, create, red/*, allow")

    async def may_make() -> bool:
        return await answers(bob, asked["an application anywhere"][0]) == [True]

    try:
        await policy.write(policy_csv="g, bob, proj:red:maker")
        await eventually(may_make)
    finally:
        await kube.merge_patch(PROJECTS, "red", {"spec": {"roles": None}}, NAMESPACE)


async def test_questions_are_bounded_and_of_known_words(bob: Door) -> None:
    question = {"resource": "applications", "action": "get", "object": "red/red-app"}
    status, answer = await bob.ask("POST", "/api/v1/can-i", {"questions": [question] * 501})
    assert (status, answer["message"]) == (400, "there are more than 500 questions")  # type: ignore[index]
    body = {"questions": [question, {**question, "action": "fly"}]}
    status, answer = await bob.ask("POST", "/api/v1/can-i", body)
    assert status == 400
    assert "does not contain fly" in answer["message"]  # type: ignore[index]


async def give_role(kube: KubeClient, *policies: str) -> None:
    """The project red gets the role maker."""
    roles = [{"name": "maker", "policies": list(policies)}]
    await kube.merge_patch(PROJECTS, "red", {"spec": {"roles": roles}}, NAMESPACE)


async def answers(door: Door, *questions: dict[str, object]) -> list[bool]:
    """What is answered to many questions at once."""
    status, answer = await door.ask("POST", "/api/v1/can-i", {"questions": list(questions)})
    assert status == 200, answer
    return list(answer["answers"])  # type: ignore[index]


async def test_the_local_cluster_is_no_projects_to_declare(
    bob: Door, door: Door, policy: Policy, kube: KubeClient
) -> None:
    """Whoever declares it says with which proxy and credentials everybody's applications go there."""
    await policy.write(policy_csv="p, bob, clusters, *, red/*, allow")
    local = {
        "server": "https://kubernetes.default.svc",
        "project": "red",
        "config": {"proxyUrl": "http://a.b"},
    }

    async def may_create_others() -> bool:
        return await can(bob, "clusters", "create", "red/https://far") == "yes"

    await eventually(may_create_others)
    for upsert in ("false", "true"):
        status, answer = await bob.ask("POST", "/api/v1/clusters", local, upsert=upsert)
        assert status == 403
        assert "clusters, create, https://kubernetes.default.svc" in answer["message"]  # type: ignore[index]
    far = {"server": "https://far", "name": "in-cluster", "project": "red"}
    status, answer = await bob.ask("POST", "/api/v1/clusters", far)
    assert (status, answer["message"]) == (409, "the name in-cluster is another cluster's")  # type: ignore[index]
    selector = "argocd.argoproj.io/secret-type=cluster"
    assert await kube.list_all(SECRETS, NAMESPACE, label_selector=selector) == []


async def test_a_repository_is_listed_for_who_may_make_the_application(bob: Door, policy: Policy) -> None:
    await policy.write(policy_csv="p, bob, repositories, get, *, allow")

    async def may_see_repositories() -> bool:
        return await can(bob, "repositories", "get", "https%3A%2F%2Fgit.example%2Fa") == "yes"

    await eventually(may_see_repositories)
    path = "/api/v1/repositories/https%3A%2F%2Fgit.example%2Fa/apps"
    status, answer = await bob.ask("GET", path, appProject="red", appName="new")
    assert (status, answer["message"]) == (403, "permission denied")  # type: ignore[index]


async def test_a_body_of_very_many_values_is_refused_before_it_is_built(bob: Door) -> None:
    infos: list[dict[str, str]] = [{}] * 250_000
    status, answer = await bob.ask("POST", "/api/v1/applications/red-app/sync", {"infos": infos})
    assert (status, answer["message"]) == (400, "the body has more than 200000 values")  # type: ignore[index]


async def test_a_set_takes_the_right_to_every_project_that_its_generators_name(
    bob: Door, policy: Policy
) -> None:
    await policy.write(policy_csv="p, bob, applicationsets, *, red/*, allow")

    def a_set(project: str = "") -> dict[str, Any]:
        generator: dict[str, Any] = {"elements": [{"name": "one", "template": {"spec": {"project": "blue"}}}]}
        if project:
            generator["template"] = {
                "metadata": {},
                "spec": {**spec(project), "source": {}, "destination": {}},
            }
        template = {"metadata": {"name": "{{name}}"}, "spec": spec("red")}
        return {
            "metadata": {"name": "sly"},
            "spec": {"generators": [{"list": generator}], "template": template},
        }

    async def generates() -> bool:
        status, _ = await bob.ask("POST", "/api/v1/applicationsets/generate", {"applicationSet": a_set()})
        return status == 503

    await eventually(generates)
    for project, refused in (("blue", "blue"), ("{{name}}", "*")):
        words = f"permission denied: applicationsets, create, {refused}/sly"
        for path, body in (
            ("/api/v1/applicationsets/generate", {"applicationSet": a_set(project)}),
            ("/api/v1/applicationsets", a_set(project)),
        ):
            status, answer = await bob.ask("POST", path, body)
            assert (status, answer["code"]) == (403, 7)  # type: ignore[index]
            assert answer["message"].startswith(words)  # type: ignore[index]
    status, _ = await bob.ask("POST", "/api/v1/applicationsets/generate", {"applicationSet": a_set("red")})
    assert status == 503
