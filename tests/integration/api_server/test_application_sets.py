"""ApplicationSets through the API: made, read, followed, deleted, and what they would come to."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATION_SETS, PROJECTS
from fairlead.bus import Bus, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.errors import NotFoundError
from fairlead.kube.rest import KubeClient
from fairlead.rpc.sets import GENERATE, GenerateApplications, GeneratedApplications
from tests.integration.api_server.conftest import NAMESPACE, Door

SETS = "/api/v1/applicationsets"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def ready(door: Door, kube: KubeClient) -> AsyncIterator[None]:
    """The sets and the default project are known."""
    async with asyncio.timeout(60):
        while (await door.ask("GET", SETS))[0] != 200:
            await asyncio.sleep(0.1)
        while (await door.ask("GET", "/api/v1/projects/default"))[0] != 200:
            await asyncio.sleep(0.1)
    yield
    for raw in await kube.list_all(APPLICATION_SETS, NAMESPACE):
        await kube.delete(APPLICATION_SETS, msgspec.json.decode(raw)["metadata"]["name"], NAMESPACE)


def a_set(name: str, *, project: str = "default", path: str = "apps/plain") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": {"team": "a"}},
        "spec": {
            "goTemplate": True,
            "generators": [{"list": {"elements": [{"name": "one"}]}}],
            "template": {
                "metadata": {"name": "{{.name}}"},
                "spec": {
                    "project": project,
                    "source": {"repoURL": "https://git.example/x.git", "path": path},
                    "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
                },
            },
        },
    }


def told(answer: tuple[int, Any]) -> tuple[int, int, str]:
    status, body = answer
    return status, body.get("code"), body.get("message")


async def test_a_set_is_made_read_changed_and_deleted(door: Door, kube: KubeClient) -> None:
    missing = 'error getting ApplicationSet: applicationset.argoproj.io "first" not found'
    assert told(await door.ask("GET", f"{SETS}/first")) == (404, 5, missing)
    sent = {**a_set("first"), "status": {"health": {"status": "Healthy"}}}
    status, made = await door.ask("POST", SETS, sent)
    assert status == 200
    assert made["metadata"]["namespace"] == NAMESPACE  # type: ignore[index]
    assert "status" not in made or "health" not in made["status"]  # type: ignore[index,operator]
    assert (await door.ask("GET", f"{SETS}/first"))[1]["spec"]["goTemplate"] is True  # type: ignore[index]
    assert (await door.ask("POST", SETS, a_set("first")))[0] == 200

    words = "existing ApplicationSet spec is different, use upsert flag to force update"
    changed = a_set("first", path="apps/other")
    assert told(await door.ask("POST", SETS, changed)) == (400, 3, words)
    status, changed_to = await door.ask("POST", SETS, changed, upsert="true")
    assert status == 200
    spec = changed_to["spec"]["template"]["spec"]  # type: ignore[index]
    assert spec["source"]["path"] == "apps/other"

    _, listed = await door.ask("GET", SETS, selector="team=a", projects="default")
    assert [item["metadata"]["name"] for item in listed["items"]] == ["first"]  # type: ignore[index]
    _, listed = await door.ask("GET", SETS, selector="team=b")
    assert listed["items"] == []  # type: ignore[index]

    body = {
        "resources": [{"group": "argoproj.io", "kind": "Application", "name": "one", "version": "v1alpha1"}]
    }
    await kube.merge_patch(APPLICATION_SETS, "first", {"status": body}, NAMESPACE, subresource="status")
    async with asyncio.timeout(60):
        while not (tree := (await door.ask("GET", f"{SETS}/first/resource-tree"))[1]):
            await asyncio.sleep(0.1)
    (node,) = tree["nodes"]  # type: ignore[index]
    assert (node["kind"], node["name"]) == ("Application", "one")
    assert node["parentRefs"][0]["name"] == "first"
    assert (await door.ask("GET", f"{SETS}/first/events"))[0] == 200

    assert (await door.ask("DELETE", f"{SETS}/first"))[0] == 200
    assert (await door.ask("GET", f"{SETS}/first"))[0] == 404
    assert await kube.find(APPLICATION_SETS, "first", NAMESPACE) is None


async def test_what_a_set_may_not_be_is_said_in_words(door: Door, kube: KubeClient) -> None:
    templated = (
        "the Argo CD API does not currently support creating ApplicationSets with templated `project` fields"
    )
    assert told(await door.ask("POST", SETS, a_set("bad", project="{{.p}}"))) == (500, 2, templated)
    unknown = "ApplicationSet references project nowhere which does not exist"
    assert told(await door.ask("POST", SETS, a_set("bad", project="nowhere"))) == (400, 3, unknown)
    elsewhere = a_set("bad")
    elsewhere["metadata"]["namespace"] = "kube-system"
    assert told(await door.ask("POST", SETS, elsewhere))[1:] == (
        7,
        "namespace 'kube-system' is not permitted",
    )
    assert told(await door.ask("POST", SETS, {"metadata": {"name": "bad"}, "spec": 3}))[1] == 3
    for project, answer in (("{{.p}}", (500, 2, templated)), ("nowhere", (400, 3, unknown))):
        body = {"applicationSet": a_set("bad", project=project)}
        assert told(await door.ask("POST", f"{SETS}/generate", body)) == answer
    away = (503, 14, "the applicationset-controller is not running or not connected")
    assert told(await door.ask("POST", f"{SETS}/generate", {"applicationSet": a_set("bad")})) == away
    assert told(await door.ask("POST", SETS, a_set("bad"), dryRun="true")) == away
    try:
        await kube.get(APPLICATION_SETS, "bad", NAMESPACE)
    except NotFoundError:
        pass
    else:
        raise AssertionError("a refused set was made")
    assert await kube.find(PROJECTS, "nowhere", NAMESPACE) is None


async def test_what_a_set_would_come_to_is_asked_of_its_controller(
    door: Door, other: Bus, kube: KubeClient
) -> None:
    asked: list[dict[str, Any]] = []

    def made(project: str) -> bytes:
        spec = {"project": project, "source": {"repoURL": "https://git.example/x.git"}}
        return msgspec.json.encode([{"metadata": {"name": "one"}, "spec": spec}])

    async def answer(_: str, payload: bytes) -> bytes:
        aset = msgspec.json.decode(decode(GenerateApplications, payload).application_set)
        asked.append(aset)
        path = aset["spec"]["template"]["spec"]["source"]["path"]
        if path == "broken":
            raise RemoteError("InvalidArgument", "a generator said no")
        return encode(GeneratedApplications(applications=made("default"), creates=("one",), deletes=("old",)))

    serving = await other.serve(subjects.rpc_sets(GENERATE), answer)
    try:
        body = {"applicationSet": a_set("trial")}
        status, found = await door.ask("POST", f"{SETS}/generate", body)
        assert (status, [item["metadata"]["name"] for item in found["applications"]]) == (200, ["one"])  # type: ignore[index]
        assert asked[0]["metadata"]["namespace"] == NAMESPACE
        status, found = await door.ask("POST", SETS, a_set("trial"), dryRun="true")
        assert status == 200
        (listed,) = found["status"]["resources"]  # type: ignore[index]
        assert (listed["kind"], listed["name"]) == ("Application", "one")
        status, found = await door.ask("POST", "/api/v1/preview/applicationset", body)
        assert (status, found) == (
            200,
            {
                "exists": False,
                "total": 1,
                "creates": ["one"],
                "updates": [],
                "deletes": ["old"],
                "problems": {},
                "words": [],
            },
        )
        body = {"applicationSet": a_set("trial", path="broken")}
        words = "unable to generate Applications of ApplicationSet: a generator said no"
        assert told(await door.ask("POST", f"{SETS}/generate", body)) == (500, 2, words)
    finally:
        await serving.end()
    assert await kube.find(APPLICATION_SETS, "trial", NAMESPACE) is None


async def test_changes_of_sets_are_streamed(door: Door, kube: KubeClient) -> None:
    await door.ask("POST", SETS, a_set("early"))
    headers = {"Authorization": f"Bearer {door.token}"}
    url = f"{door.url}/api/v1/stream/applicationsets"
    async with asyncio.timeout(120), door.http.get(url, headers=headers) as answer:

        async def event() -> tuple[str, str]:
            found = msgspec.json.decode(await answer.content.readline())["result"]
            return found["type"], found["applicationSet"]["metadata"]["name"]

        assert await event() == ("ADDED", "early")
        await door.ask("POST", SETS, a_set("late"))
        assert await event() == ("ADDED", "late")
        await door.ask("DELETE", f"{SETS}/early")
        assert await event() == ("DELETED", "early")
    await door.ask("DELETE", f"{SETS}/late")
