"""Projects through the API, on a real control plane: what is stored, what is refused and in which words."""

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc.resource import LINKS, Link, Links, LinksQuery
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application

PATH = "/api/v1/projects"
SPEC = {
    "sourceRepos": ["https://git.example/**"],
    "destinations": [{"server": "https://kubernetes.default.svc", "namespace": "team-*"}],
    "description": "demo",
}


def project(name: str, **spec: object) -> dict[str, object]:
    return {"metadata": {"name": name}, "spec": {**SPEC, **spec}}


async def asked(door: Door, verb: str, path: str, body: object = None, **query: str) -> dict[str, object]:
    status, answer = await door.ask(verb, path, body, **query)
    assert status == 200, answer
    return msgspec.convert(answer, dict)


async def refused(door: Door, verb: str, path: str, body: object = None) -> tuple[int, str]:
    status, answer = await door.ask(verb, path, body)
    found = msgspec.convert(answer, dict)
    assert status != 200, found
    return found["code"], found["message"]


async def test_a_project_is_made_changed_and_deleted(door: Door, kube: KubeClient) -> None:
    made = await asked(door, "POST", PATH, {"project": project("team")})
    assert made["spec"]["description"] == "demo"  # type: ignore[index]
    assert made["status"] == {}
    shown = await asked(door, "GET", f"{PATH}/team")
    assert shown == made, "a write is seen by the next read"
    role = {"name": "ci", "policies": ["p,proj:team:ci,applications,sync,team/web,allow"]}
    changed = {**made, "spec": {**SPEC, "roles": [role]}}
    written = await asked(door, "PUT", f"{PATH}/team", {"project": changed})
    assert written["spec"]["roles"][0]["policies"] == ["p, proj:team:ci, applications, sync, team/web, allow"]  # type: ignore[index]
    assert written["status"] == {"jwtTokensByRole": {"ci": {}}}
    assert await refused(door, "PUT", f"{PATH}/team", {"project": changed}) == (
        10,
        (await refused(door, "PUT", f"{PATH}/team", {"project": changed}))[1],
    ), "what was read before somebody else wrote is not written"
    await application(kube, "in-team", spec={"project": "team", "destination": {"name": "in-cluster"}})
    assert await refused(door, "DELETE", f"{PATH}/team") == (3, "project is referenced by 1 applications")
    await kube.delete(APPLICATIONS, "in-team", NAMESPACE)
    while (await door.ask("DELETE", f"{PATH}/team", None))[0] != 200:
        pass
    assert (await door.ask("GET", f"{PATH}/team"))[0] == 404
    text = "name 'default' is reserved and cannot be deleted"
    assert await refused(door, "DELETE", f"{PATH}/default") == (3, text)


async def test_a_project_that_is_there_is_changed_only_on_purpose(door: Door) -> None:
    await asked(door, "POST", PATH, {"project": project("twice")})
    assert await asked(door, "POST", PATH, {"project": project("twice")})
    code, words = await refused(door, "POST", PATH, {"project": {"metadata": {"name": "twice"}, "spec": {}}})
    keys = "SourceRepos,0,Destinations,0,Server,Destinations,0,Namespace,Description"
    assert (code, words) == (
        3,
        f'existing project spec is different; use upsert flag to force update; difference in keys "{keys}"',
    )
    body = {"project": project("twice", description="other"), "upsert": True}
    assert (await asked(door, "POST", PATH, body))["spec"]["description"] == "other"  # type: ignore[index]
    await asked(door, "DELETE", f"{PATH}/twice")


WINDOW = {"kind": "deny", "schedule": "0 0 1 1 *", "duration": "1h", "applications": ["*"]}


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ({"sourceRepos": ["*", "*"]}, 3, "source repository '*' already added"),
        ({"sourceRepos": ["!*"]}, 3, "source repository has an invalid format, '!*'"),
        ({"sourceNamespaces": ["a", "a"]}, 3, "source namespace 'a' already added"),
        ({"destinations": [{"server": "s", "namespace": "n"}] * 2}, 3, "destination 's/n' already added"),
        ({"destinations": [{"server": "!*", "namespace": "n"}]}, 3, "server has an invalid format, '!*'"),
        ({"roles": [{"name": "r"}, {"name": "r"}]}, 6, "role 'r' already exists"),
        ({"roles": [{"name": "r", "groups": ["g", "g"]}]}, 6, "group 'g' already exists for role 'r'"),
        (
            {"roles": [{"name": "r", "policies": ["p, proj:other:r, applications, get, bad/*, allow"]}]},
            3,
            "invalid policy rule 'p, proj:other:r, applications, get, bad/*, allow': "
            "policy subject must be: 'proj:bad:r', not 'proj:other:r'",
        ),
        (
            {"roles": [{"name": "r", "policies": ["p, proj:bad:r, applications, get, else/*, allow"]}]},
            3,
            "invalid policy rule 'p, proj:bad:r, applications, get, else/*, allow': object must be of form "
            "'bad/*', 'bad[/<NAMESPACE>]/<APPNAME>' or 'bad/<APPNAME>', not 'else/*'",
        ),
        (
            {"syncWindows": [{**WINDOW, "applications": []}]},
            11,
            "window 'deny':'0 0 1 1 *':'1h' requires one of application, cluster or namespace",
        ),
    ],
)
async def test_a_project_that_means_nothing_good_is_refused(
    door: Door, spec: dict[str, object], code: int, words: str
) -> None:
    assert await refused(door, "POST", PATH, {"project": project("bad", **spec)}) == (code, words)
    assert (await door.ask("GET", f"{PATH}/bad"))[0] == 404


async def test_a_change_that_would_outlaw_applications_is_refused(door: Door, kube: KubeClient) -> None:
    await asked(door, "POST", PATH, {"project": project("narrow")})
    spec = {
        "project": "narrow",
        "source": {"repoURL": "https://git.example/team/config.git", "path": "x"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "team-a"},
    }
    await application(kube, "narrowed", spec=spec)
    while (await door.ask("GET", "/api/v1/applications/narrowed"))[0] != 200:
        pass
    code, words = await refused(
        door, "PUT", f"{PATH}/narrow", {"project": {"metadata": {"name": "narrow"}, "spec": {}}}
    )
    assert (code, words) == (
        3,
        "as a result of project update 1 applications source became invalid "
        "and 1 applications destination became invalid",
    )
    await kube.delete(APPLICATIONS, "narrowed", NAMESPACE)
    while (await door.ask("DELETE", f"{PATH}/narrow"))[0] != 200:
        pass


async def test_a_project_inherits_what_the_settings_say(door: Door, kube: KubeClient) -> None:
    rules = "- projectName: giver\n  labelSelector:\n    matchLabels: {team: a}\n"
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"globalProjects": rules},
    }
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    for name, labels in (("giver", {}), ("heir", {"team": "a"}), ("stranger", {"team": "b"})):
        body = {"metadata": {"name": name, "labels": labels}, "spec": {"description": name}}
        await asked(door, "POST", PATH, {"project": body})
    try:
        while True:
            found = await asked(door, "GET", f"{PATH}/heir/globalprojects")
            if found["items"]:
                break
        assert [item["metadata"]["name"] for item in found["items"]] == ["giver"]  # type: ignore[attr-defined]
        detailed = await asked(door, "GET", f"{PATH}/heir/detailed")
        assert detailed["globalProjects"] == found["items"]
        assert await asked(door, "GET", f"{PATH}/stranger/globalprojects") == {"items": []}
    finally:
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
        for name in ("giver", "heir", "stranger"):
            await kube.delete(PROJECTS, name, NAMESPACE)


async def test_what_happened_to_a_project_is_told_as_events(door: Door) -> None:
    await asked(door, "POST", PATH, {"project": project("told")})
    while not (found := (await asked(door, "GET", f"{PATH}/told/events"))["items"]):
        pass
    assert [event["message"] for event in found] == ["admin created project"]  # type: ignore[attr-defined]
    always = {**WINDOW, "schedule": "* * * * *"}
    body = {"project": project("told", syncWindows=[WINDOW, always]), "upsert": True}
    await asked(door, "POST", PATH, body)
    opened = await asked(door, "GET", f"{PATH}/told/syncwindows")
    assert opened == {"windows": [always]}, "the windows that are open"
    assert await asked(door, "GET", f"{PATH}/told/links") == {"items": []}
    await asked(door, "DELETE", f"{PATH}/told")


async def test_a_projects_links_are_made_by_a_controller_that_sees_no_token(
    door: Door, kube: KubeClient, scripted: dict[str, Answer]
) -> None:
    asked_for: list[LinksQuery] = []

    async def links(_: str, payload: bytes) -> bytes:
        asked_for.append(decode(LinksQuery, payload))
        return encode(Links(items=(Link(title="Docs", url="https://docs.example/linked"),)))

    scripted[LINKS] = links
    body = {"project": project("linked", roles=[{"name": "r", "jwtTokens": [{"iat": 7, "id": "canary"}]}])}
    await asked(door, "POST", PATH, body)
    assert await asked(door, "GET", f"{PATH}/linked/links") == {"items": []}, "nothing is configured"
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
        "data": {"project.links": "- {title: Docs, url: 'https://docs.example/{{.project.metadata.name}}'}"},
    }
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    try:
        while not (found := (await asked(door, "GET", f"{PATH}/linked/links"))["items"]):
            pass
        assert found == [{"title": "Docs", "url": "https://docs.example/linked"}]
        [question, *_] = asked_for
        assert question.name == ""
        assert b"canary" not in question.project
    finally:
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
        await asked(door, "DELETE", f"{PATH}/linked")
