"""Writes that are meant for one version of what they change, and those of several people at once."""

import asyncio
from typing import Any

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS, PROJECTS
from fairlead.events.envelope import encode
from fairlead.kube.rest import KubeClient
from fairlead.model.noted import NOTED
from fairlead.rpc import repo
from fairlead.rpc.rendered import RenderedSet
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application

SOURCE = {"repoURL": "https://git.example/a.git", "path": "a", "targetRevision": "main"}
SPEC = {
    "project": "default",
    "source": SOURCE,
    "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"},
}


@pytest.fixture
def repository(scripted: dict[str, Answer]) -> dict[str, Answer]:
    """A repository with everything in order, and nothing in it."""

    async def test(_: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(revision="0" * 40))

    async def generate(_: str, __: bytes) -> bytes:
        rendered = RenderedSet(documents=())
        return encode(repo.GeneratedManifests(digest=rendered.digest, sources=(), documents=()))

    scripted.update({repo.TEST: test, repo.GENERATE: generate})
    return scripted


async def stored(kube: KubeClient, name: str) -> dict[str, Any]:
    return dict(msgspec.json.decode(await kube.get(APPLICATIONS, name, NAMESPACE)))


async def made(door: Door, kube: KubeClient, name: str) -> dict[str, Any]:
    """An application that the service has seen."""
    await application(kube, name, spec=SPEC)
    async with asyncio.timeout(60):
        while (await door.ask("GET", f"/api/v1/applications/{name}"))[0] != 200:
            await asyncio.sleep(0.05)
    return await stored(kube, name)


async def asked(door: Door, verb: str, path: str, body: object, version: str) -> tuple[int, dict[str, Any]]:
    """The answer to a request that is meant for one version."""
    headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "application/json"}
    headers["If-Match"] = f'"{version}"'
    data = msgspec.json.encode(body)
    async with door.http.request(verb, door.url + path, data=data, headers=headers) as answer:
        return answer.status, msgspec.json.decode(await answer.read())


@pytest.mark.usefixtures("repository")
async def test_a_write_meant_for_an_older_version_is_refused_and_changes_nothing(
    door: Door, kube: KubeClient
) -> None:
    old = (await made(door, kube, "guarded"))["metadata"]["resourceVersion"]
    status = {"status": {"reconciledAt": "2026-01-01T00:00:00Z"}}
    await kube.merge_patch(APPLICATIONS, "guarded", status, NAMESPACE)
    before = await stored(kube, "guarded")
    mine = {**SPEC, "source": {**SOURCE, "path": "mine"}}
    path = "/api/v1/applications/guarded"
    patch = {"patch": msgspec.json.encode({"spec": mine}).decode(), "patchType": "merge"}
    writes: list[tuple[str, str, object]] = [
        ("PUT", path, {"metadata": {"name": "guarded"}, "spec": mine}),
        ("PUT", f"{path}/spec", mine),
        ("PATCH", path, patch),
    ]
    for verb, where, body in writes:
        code, said = await asked(door, verb, where, body, old)
        assert (code, said["code"]) == (409, 10)
        assert said["message"].startswith("application guarded was changed meanwhile")
    assert await stored(kube, "guarded") == before
    for verb, where, body in writes:
        version = (await stored(kube, "guarded"))["metadata"]["resourceVersion"]
        assert (await asked(door, verb, where, body, version))[0] == 200
    written = await stored(kube, "guarded")
    assert (written["spec"]["source"]["path"], written["status"]) == ("mine", status["status"])


@pytest.mark.usefixtures("repository")
async def test_the_version_in_an_applications_body_holds_nobody_back_as_with_argo_cd(
    door: Door, kube: KubeClient
) -> None:
    before = await made(door, kube, "stocked")
    await kube.merge_patch(APPLICATIONS, "stocked", {"spec": {"revisionHistoryLimit": 3}}, NAMESPACE)
    body = {"metadata": before["metadata"], "spec": {**SPEC, "source": {**SOURCE, "path": "b"}}}
    assert (await door.ask("PUT", "/api/v1/applications/stocked", body))[0] == 200
    assert (await stored(kube, "stocked"))["spec"]["source"]["path"] == "b"


async def test_a_patch_leaves_what_somebody_else_wrote_while_it_was_checked(
    door: Door, kube: KubeClient, repository: dict[str, Answer]
) -> None:
    await made(door, kube, "shared")
    generate, seen = repository[repo.GENERATE], []

    async def beside(subject: str, payload: bytes) -> bytes:
        if not seen:
            other = {"metadata": {"labels": {"a": "b"}}, "spec": {"revisionHistoryLimit": 3}}
            await kube.merge_patch(APPLICATIONS, "shared", other, NAMESPACE)
        seen.append(subject)
        return await generate(subject, payload)

    repository[repo.GENERATE] = beside
    body = {"patch": '{"spec":{"source":{"targetRevision":"v2"}}}', "patchType": "merge"}
    status, answer = await door.ask("PATCH", "/api/v1/applications/shared", body)
    assert status == 200, answer
    written = await stored(kube, "shared")
    assert written["spec"]["source"]["targetRevision"] == "v2"
    assert written["spec"]["revisionHistoryLimit"] == 3
    assert written["metadata"]["labels"] == {"a": "b"}
    assert len(seen) == 2, "the spec that is written is one that was checked"
    version = written["metadata"]["resourceVersion"]
    spec = {**written["spec"], "info": [{"name": "team", "value": "shop"}]}
    assert (await asked(door, "PUT", "/api/v1/applications/shared/spec", spec, version))[0] == 200
    assert (await stored(kube, "shared"))["metadata"]["labels"] == {"a": "b"}


async def test_what_kubectl_and_the_controller_keep_in_mind_is_kept_through_writes(
    door: Door, kube: KubeClient, repository: dict[str, Answer]
) -> None:
    assert repository
    kept = {"kubectl.kubernetes.io/last-applied-configuration": "{}", **dict.fromkeys(NOTED, "now")}
    await made(door, kube, "applied")
    await kube.merge_patch(APPLICATIONS, "applied", {"metadata": {"annotations": kept}}, NAMESPACE)
    said = {"mine": "1", **dict.fromkeys(NOTED, "then")}
    body = {"metadata": {"name": "applied", "annotations": said}, "spec": SPEC}
    assert (await door.ask("PUT", "/api/v1/applications/applied", body))[0] == 200
    annotations = (await stored(kube, "applied"))["metadata"]["annotations"]
    assert annotations == {**kept, "mine": "1"}


async def test_a_project_is_changed_only_at_the_version_that_was_meant(door: Door, kube: KubeClient) -> None:
    spec = {"sourceRepos": ["https://git.example/*"], "description": "one"}
    body = {"project": {"metadata": {"name": "guarded"}, "spec": spec}}
    status, first = await door.ask("POST", "/api/v1/projects", body)
    assert status == 200
    old = msgspec.convert(first, dict)["metadata"]["resourceVersion"]
    await kube.merge_patch(PROJECTS, "guarded", {"spec": {"description": "two"}}, NAMESPACE)
    code, said = await asked(door, "PUT", "/api/v1/projects/guarded", body, old)
    assert (code, said["code"]) == (409, 10)
    assert said["message"].startswith("project guarded was changed meanwhile")
    new = msgspec.json.decode(await kube.get(PROJECTS, "guarded", NAMESPACE))["metadata"]["resourceVersion"]
    assert (await asked(door, "PUT", "/api/v1/projects/guarded", body, new))[0] == 200


async def test_a_condition_that_would_not_be_kept_is_refused(door: Door) -> None:
    code, said = await asked(door, "POST", "/api/v1/applications/none/sync", {}, "1")
    assert (code, said["message"]) == (400, "If-Match is not kept here; send the request without it")
