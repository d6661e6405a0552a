"""What pages ask beside streams: words of a search, images, objects of all applications, previews, states."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import msgspec
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.bus import Bus, RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.events.public import PublicEventType, app_event, repository_event
from fairlead.events.story import (
    CommitDetectedData,
    RenderedData,
    RenderFailedData,
    SyncEndedData,
    SyncStartedData,
)
from fairlead.events.trace import Trace
from fairlead.kube.rest import KubeClient
from fairlead.rpc import ResourceNode, ResourceTree, controller, repo
from fairlead.rpc.drift import DRIFT, DriftJournal
from fairlead.rpc.rendered import RenderedSet
from fairlead.rpc.schema import SCHEMA, KindSchema
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application, opened

PASSWORD = "a long enough password"
RBAC = "argocd-rbac-cm"
POLICY = "p, looker, applications, *, look-a/*, allow"
REPO = "git.example/looked/config"
SHAS = [f"{number:x}" * 40 for number in range(10, 14)]
IMAGES = [
    ["registry.example/shop/web:1.4", "redis:7"],
    ["registry.example/shop/web:1.5"],
    ["registry.example/shop/web:1.4"],
    ["registry.example:5000/other@sha256:" + "0" * 64],
]
SERVER = "https://kubernetes.default.svc"


def spec(number: int) -> dict[str, Any]:
    return {
        "project": "look-b" if number == 3 else "look-a",
        "source": {"repoURL": f"https://{REPO}.git", "path": f"teams/t{number}/prod"},
        "destination": {"server": SERVER, "namespace": f"look-{number}"},
        "syncPolicy": {"automated": {}} if number == 1 else {},
    }


def status(number: int) -> dict[str, Any]:
    deployment = {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": f"look-{number}",
        "name": f"web-{number}",
        "status": "OutOfSync" if number == 2 else "Synced",
        "syncWave": number,
    }
    config = {"version": "v1", "kind": "ConfigMap", "namespace": f"look-{number}", "name": "settings"}
    history = [
        {
            "id": at,
            "revision": sha,
            "source": spec(number)["source"],
            "deployedAt": f"2026-01-0{at + 1}T00:00:00Z",
            "deployStartedAt": f"2026-01-0{at + 1}T00:00:00Z",
            "initiatedBy": {"username": "mara"},
        }
        for at, sha in enumerate(SHAS[:2])
    ]
    return {
        "sync": {"status": "Synced", "revision": SHAS[number]},
        "health": {"status": "Degraded" if number == 2 else "Healthy"},
        "resourceHealthSource": "appTree",
        "summary": {"images": IMAGES[number]},
        "resources": [deployment, {**config, "status": "Synced"}],
        "history": history if number == 0 else [],
    }


async def describe(_: str, payload: bytes) -> bytes:
    question = decode(repo.DescribeRevision, payload)
    name = "Mara Vos <mara@example.org>" if question.revision == SHAS[1] else "Ben <ben@example.org>"
    return encode(repo.RevisionDescription(author=name, date="2026-01-01T00:00:00Z", message="a word"))


async def journal(_: str, __: bytes) -> bytes:
    return encode(DriftJournal(since="2026-01-01T00:00:00Z"))


async def tree(_: str, payload: bytes) -> bytes:
    query = decode(controller.TreeQuery, payload)
    number = query.name[-1]
    node = ResourceNode(
        group="apps",
        version="v1",
        kind="Deployment",
        namespace=f"look-{number}",
        name=f"web-{number}",
        health={"status": "Degraded"},
    )
    return encode(ResourceTree(nodes=(node,)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def looker(door: Door, kube: KubeClient, scripted: dict[str, Answer]) -> AsyncIterator[Door]:
    """Four applications of two projects, and somebody who may do everything in the first."""
    scripted[repo.DESCRIBE] = describe
    scripted[controller.TREE] = tree
    scripted[DRIFT] = journal
    windows = [{"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["look-2"]}]
    for name in ("look-a", "look-b"):
        project = {
            "apiVersion": PROJECTS.api_version,
            "kind": "AppProject",
            "metadata": {"name": name},
            "spec": {
                "sourceRepos": ["*"],
                "destinations": [{"server": "*", "namespace": "*"}],
                "syncWindows": windows,
            },
        }
        await kube.create(PROJECTS, project, NAMESPACE)
    for number in range(4):
        await application(kube, f"look-{number}", spec=spec(number), status=status(number))
    labels = {"app.kubernetes.io/part-of": "argocd"}
    for name, values in (("argocd-cm", {"accounts.looker": "login"}), (RBAC, {"policy.csv": POLICY})):
        metadata = {"name": name, "labels": labels}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": values}
        await kube.create(CONFIG_MAPS, body, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    data = {"accounts.looker.password": base64.b64encode(hashed).decode()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)
    somebody = msgspec.structs.replace(door, token=await opened(door, "looker", PASSWORD))
    async with asyncio.timeout(120):
        while await found(somebody) != ["look-0", "look-1", "look-2"]:
            await asyncio.sleep(0.1)
    yield somebody


async def asked(door: Door, path: str, **query: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {door.token}"}
    async with door.http.get(door.url + path, headers=headers, params=query) as answer:
        return answer.status, await answer.json()


async def told(door: Door, path: str, **query: Any) -> dict[str, Any]:
    code, answer = await asked(door, path, **query)
    assert code == 200, answer
    return answer


async def found(door: Door, **query: Any) -> list[str]:
    page = await told(door, "/api/v1/search/applications", **query)
    return [row["name"] for row in page["items"]]


async def test_a_word_means_path_image_revision_and_author(looker: Door) -> None:
    assert await found(looker, search="teams/t1") == ["look-1"]
    assert await found(looker, search="WEB:1.4") == ["look-0", "look-2"]
    assert await found(looker, search=SHAS[2][:4]) == ["look-2"]
    assert await found(looker, search=SHAS[2][:3]) == []
    assert await found(looker, search=SHAS[3][:12]) == []
    async with asyncio.timeout(120):
        while await found(looker, search="mara vos") != ["look-1"]:
            await asyncio.sleep(0.1)
        while await found(looker, search="ben@example.org t2") != ["look-2"]:
            await asyncio.sleep(0.1)


async def test_named_applications_and_those_that_run_an_image_are_chosen_by_rights(looker: Door) -> None:
    keys = [f"{NAMESPACE}/look-{number}" for number in (0, 2, 3)] + ["elsewhere/look-1", "nonsense"]
    assert await found(looker, keys=keys) == ["look-0", "look-2"]
    assert await found(looker, keys=keys, health="Degraded") == ["look-2"]
    assert await found(looker, image="registry.example/shop/web") == ["look-0", "look-1", "look-2"]
    assert await found(looker, image=["registry.example/shop/web:1.5", "redis:7"]) == ["look-0", "look-1"]
    assert await found(looker, image="registry.example:5000/other") == []


async def test_where_an_image_runs_is_told_by_rights(door: Door, looker: Door) -> None:
    answer = await told(looker, "/api/v1/images", application="look-0")
    assert answer["items"] == [
        {
            "image": "registry.example/shop/web:1.4",
            "name": "registry.example/shop/web",
            "others": 1,
            "otherTags": 1,
        },
        {"image": "redis:7", "name": "redis", "others": 0, "otherTags": 0},
    ]
    page = await told(looker, "/api/v1/search/images", image="registry.example/shop/web", limit=2)
    assert (page["total"], [row["name"] for row in page["items"]]) == (3, ["look-0", "look-1"])
    assert page["tags"] == {"registry.example/shop/web:1.4": 2, "registry.example/shop/web:1.5": 1}
    assert page["items"][0]["images"] == ["registry.example/shop/web:1.4"]
    other = "registry.example:5000/other"
    assert (await told(looker, "/api/v1/search/images", image=other))["total"] == 0
    assert (await told(door, "/api/v1/search/images", image=other))["total"] == 1
    assert (await asked(looker, "/api/v1/images", application="look-3"))[0] == 403


async def test_objects_of_all_applications_are_narrowed_sorted_and_counted(
    door: Door, looker: Door, kube: KubeClient
) -> None:
    path = "/api/v1/search/resources"
    page = await told(looker, path, sort="-name", limit=2)
    assert (page["total"], [row["name"] for row in page["items"]]) == (6, ["web-2", "web-1"])
    row = page["items"][1]
    assert (row["kind"], row["group"], row["application"], row["project"]) == (
        "Deployment",
        "apps",
        "look-1",
        "look-a",
    )
    assert (row["health"], row["sync"], row["syncWave"]) == ("Healthy", "Synced", 1)

    def counts(facet: str) -> dict[str, int]:
        return {each["value"]: each["count"] for each in page["facets"][facet]["values"]}

    assert counts("kind") == {"ConfigMap": 3, "apps/Deployment": 3}
    assert counts("project") == {"look-a": 6}
    assert counts("namespace") == {"look-0": 2, "look-1": 2, "look-2": 2}
    assert counts("application") == {f"{NAMESPACE}/look-{number}": 2 for number in range(3)}
    page = await told(looker, path, kind="Deployment", sync="OutOfSync", search="WEB look-2")
    assert [one["name"] for one in page["items"]] == ["web-2"]
    assert counts("sync") == {"OutOfSync": 1}
    assert counts("kind") == {"apps/Deployment": 1}
    async with asyncio.timeout(120):
        while (page := await told(looker, path, health="Degraded"))["total"] != 1:
            await asyncio.sleep(0.2)
    assert page["items"][0]["name"] == "web-2"
    by = {"application": f"{NAMESPACE}/look-1", "group": "apps", "namespace": "look-1"}
    assert (await told(looker, path, **by, cluster=SERVER, project="look-a"))["total"] == 1
    assert (await told(looker, path, project="look-b"))["total"] == 0
    assert (await told(door, path, project="look-b"))["total"] == 2
    for query, words in (
        ({"sort": "age"}, "sort 'age' is not one of"),
        ({"facets": "colour"}, "facet 'colour' is not one of"),
        ({"limit": "501"}, "limit is not from 0 to 500"),
    ):
        code, refused = await asked(looker, path, **query)
        assert (code, words in refused["message"]) == (400, True)
    off = {"data": {"ui.view.resources.disabled": "true"}}
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", off, NAMESPACE)
    try:
        async with asyncio.timeout(60):
            while (await asked(looker, path))[0] != 404:
                await asyncio.sleep(0.1)
        assert "is switched off" in (await asked(looker, path))[1]["message"]
    finally:
        on = {"data": {"ui.view.resources.disabled": None}}
        await kube.merge_patch(CONFIG_MAPS, "argocd-cm", on, NAMESPACE)


async def preview(door: Door, **body: Any) -> dict[str, Any]:
    code, answer = await door.ask("POST", "/api/v1/preview/applications", body)
    assert code == 200, answer
    return msgspec.convert(answer, dict)


async def test_a_preview_says_what_may_be_done_and_why_not(looker: Door, kube: KubeClient) -> None:
    keys = [f"{NAMESPACE}/look-{number}" for number in range(4)] + ["x/nothing"]
    answer = await preview(looker, action="sync", keys=keys)
    assert (answer["total"], answer["allowed"]) == (5, 2)
    reasons = {item["name"]: item.get("reason", "") for item in answer["items"]}
    assert reasons == {
        "look-0": "",
        "look-1": "",
        "look-2": "cannot sync: blocked by sync window",
        "look-3": "permission denied",
        "nothing": "permission denied",
    }
    assert {item["name"] for item in answer["items"] if item.get("autoSync")} == {"look-1"}
    answer = await preview(looker, action="pause", query={"project": ["look-a"]})
    reasons = {item["name"]: item.get("reason", "") for item in answer["items"]}
    assert reasons == {"look-0": "it has no auto-sync", "look-1": "", "look-2": "it has no auto-sync"}
    answer = await preview(looker, action="refresh", query={})
    assert (answer["total"], answer["allowed"]) == (3, 3)
    await kube.merge_patch(APPLICATIONS, "look-0", {"operation": {"sync": {}}}, NAMESPACE)
    async with asyncio.timeout(60):
        while (answer := await preview(looker, action="sync", keys=keys[:1]))["allowed"]:
            await asyncio.sleep(0.1)
    assert answer["items"][0]["reason"] == "another operation is already in progress"
    await kube.merge_patch(APPLICATIONS, "look-0", {"operation": None}, NAMESPACE)
    for body, words in (
        ({"action": "destroy"}, "destroy"),
        ({"action": "sync", "colour": 1}, "the body has no field 'colour'"),
        ({"action": "sync", "keys": ["x"] * 10_001}, "more than 10000 keys"),
    ):
        code, refused = await looker.ask("POST", "/api/v1/preview/applications", body)
        assert (code, words in msgspec.convert(refused, dict)["message"]) == (400, True)
    code, _ = await looker.ask("POST", "/api/v1/preview/applications", {"action": "sync"}, keys="x")
    assert code == 400


async def test_two_deployed_states_are_compared_with_secrets_masked(
    looker: Door, scripted: dict[str, Answer]
) -> None:
    def rendered(revision: str) -> tuple[bytes, ...]:
        value = base64.b64encode(revision[:3].encode()).decode()
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": revision}}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": value}}
        same = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "same"}}
        return tuple(msgspec.json.encode(one) for one in (config, secret, same))

    async def generate(_: str, payload: bytes) -> bytes:
        question = decode(repo.GenerateManifests, payload)
        revision = question.revisions[0] if question.revisions else "now"
        documents = rendered(revision)
        source = repo.RenderedSource(revision=revision, source_type="Directory")
        digest = RenderedSet(documents=documents).digest
        return encode(repo.GeneratedManifests(digest=digest, sources=(source,), documents=documents))

    scripted[repo.GENERATE] = generate
    query = {"application": "look-0", "from": "0"}
    answer = await told(looker, "/api/v1/revision-diff", **query, to="1")
    assert (answer["from"], answer["to"]["revisions"]) == ({"id": "0", "revisions": [SHAS[0]]}, [SHAS[1]])
    assert answer["same"] == 1
    config, secret = answer["items"]
    assert (config["kind"], msgspec.json.decode(config["left"])["data"]) == ("ConfigMap", {"a": SHAS[0]})
    masks = [msgspec.json.decode(secret[side])["data"]["a"] for side in ("left", "right")]
    assert set(masks[0]) == set(masks[1]) == {"+"}
    assert masks[0] != masks[1]
    answer = await told(looker, "/api/v1/revision-diff", **query)
    assert answer["to"] == {"id": "spec", "revisions": ["now"]}
    code, refused = await asked(looker, "/api/v1/revision-diff", application="look-0", **{"from": "77"})
    assert (code, "does not have deployment with id 77" in refused["message"]) == (400, True)
    code, _ = await asked(looker, "/api/v1/revision-diff", application="look-3", **{"from": "0"})
    assert code == 403


async def test_a_kinds_schema_is_told_once_while_it_is_the_same(
    looker: Door, scripted: dict[str, Answer]
) -> None:
    async def schema(_: str, payload: bytes) -> bytes:
        query = decode(controller.ApplicationQuery, payload)
        if query.kind != "Deployment":
            raise RemoteError("NotFound", f"the cluster describes no {query.kind}")
        return encode(KindSchema(tag="t1", document=b'{"schema":{"type":"object"},"definitions":{}}'))

    scripted[SCHEMA] = schema
    query = {"application": "look-0", "group": "apps", "version": "v1", "kind": "Deployment"}
    headers = {"Authorization": f"Bearer {looker.token}"}
    url = looker.url + "/api/v1/schema"
    async with looker.http.get(url, headers=headers, params=query) as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, '"t1"')
        assert await answer.json() == {"schema": {"type": "object"}, "definitions": {}}
    async with looker.http.get(url, headers=headers | {"If-None-Match": '"t1"'}, params=query) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    assert (await asked(looker, "/api/v1/schema", **query | {"kind": "Nothing"}))[0] == 404
    assert (await asked(looker, "/api/v1/schema", **query | {"application": "look-3"}))[0] == 403


async def test_the_schemas_of_our_own_kinds_need_no_application(looker: Door) -> None:
    ours = {"group": "argoproj.io", "version": "v1alpha1"}
    code, found = await asked(looker, "/api/v1/schema", **ours, kind="Application")
    spec = found["schema"]["properties"]["spec"]["properties"]
    assert (code, found["definitions"], "status" in found["schema"]["properties"]) == (200, {}, False)
    assert "CreateNamespace=true" in spec["syncPolicy"]["properties"]["syncOptions"]["items"]["examples"]
    for kind in ("AppProject", "ApplicationSet"):
        assert (await asked(looker, "/api/v1/schema", **ours, kind=kind))[0] == 200
    for odd in ({**ours, "kind": "Nothing"}, {"group": "apps", "version": "v1", "kind": "Deployment"}):
        assert (await asked(looker, "/api/v1/schema", **odd))[0] == 400


async def test_the_story_names_commits_their_steps_and_who_made_them(looker: Door, other: Bus) -> None:
    trace = Trace.start()
    revisions = (SHAS[1],)
    kinds = PublicEventType
    detected = CommitDetectedData(
        repo_url=f"https://{REPO}.git", ref="refs/heads/main", new=SHAS[1], cause="webhook"
    )
    await other.tell(
        repository_event(kinds.COMMIT_DETECTED, service="t", repository=REPO, trace=trace, data=detected)
    )
    for kind, data in (
        (kinds.APP_RENDERED, RenderedData(revisions=revisions, digest="d", cause="webhook")),
        (kinds.APP_SYNC_STARTED, SyncStartedData(revisions=revisions, automated=True)),
        (
            kinds.APP_SYNC_SUCCEEDED,
            SyncEndedData(revisions=revisions, phase="Succeeded", automated=True, seconds=0.1),
        ),
    ):
        await other.tell(
            app_event(kind, service="t", namespace=NAMESPACE, name="look-1", trace=trace, data=data)
        )
    async with asyncio.timeout(120):
        while [one["status"] for one in (await _story(looker, "look-1"))["items"]] != ["done"]:
            await asyncio.sleep(0.1)
    (item,) = (await _story(looker, "look-1"))["items"]
    assert (item["kind"], item["author"], item["message"]) == (
        "commit",
        "Mara Vos <mara@example.org>",
        "a word",
    )
    assert [step["name"] for step in item["steps"]] == [
        "detected",
        "rendered",
        "compared",
        "started",
        "applied",
        "healthy",
    ]
    answer = await _story(looker, "look-0")
    assert [(one["kind"], one["by"]) for one in answer["items"]] == [("deployment", "mara")] * 2
    assert answer["since"]
    assert (await asked(looker, "/api/v1/story", application="look-3"))[0] == 403
    assert (await asked(looker, "/api/v1/story", application="look-0", limit="0"))[0] == 400


async def test_the_story_does_not_tell_of_another_application_that_had_the_name(
    looker: Door, door: Door, kube: KubeClient, other: Bus
) -> None:
    name, canary = "look-again", "canary-of-another"
    revisions, kind = (SHAS[0],), PublicEventType.APP_RENDER_FAILED
    await application(kube, name, spec=spec(3), status=status(3))
    failed = RenderFailedData(revisions=revisions, message=canary)
    await other.tell(
        app_event(kind, service="t", namespace=NAMESPACE, name=name, trace=Trace.start(), data=failed)
    )
    async with asyncio.timeout(120):
        while not (await _items(door, name)):
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)  # creation times are of whole seconds
        await kube.delete(APPLICATIONS, name, NAMESPACE)
        while (await asked(door, "/api/v1/story", application=name))[0] == 200:
            await asyncio.sleep(0.1)
        await application(kube, name, spec=spec(0), status=status(1))
        while (await asked(looker, "/api/v1/story", application=name))[0] != 200:
            await asyncio.sleep(0.1)
    assert await _items(looker, name) == []
    await kube.delete(APPLICATIONS, name, NAMESPACE)


async def _items(door: Door, name: str) -> list[dict[str, Any]]:
    status, answer = await asked(door, "/api/v1/story", application=name)
    return answer["items"] if status == 200 else []


async def _story(door: Door, name: str) -> dict[str, Any]:
    return await told(door, "/api/v1/story", application=name)
