"""What is done to single objects of an application: who may, what the controller is asked, what comes."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import msgspec
import pytest_asyncio

from fairlead.api_server.kinds import CONFIG_MAPS, SECRETS
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc import (
    GeneratedManifests,
    LiveResource,
    ManagedResource,
    ManagedResources,
    RenderedSource,
    ResourceNode,
    ResourceTree,
)
from fairlead.rpc.controller import AWAIT_TREE, TREE
from fairlead.rpc.files import RENDER_FILES, RenderFiles
from fairlead.rpc.logs import CLOSE, NEXT, OPEN, Closed, LogLine, LogLines, OpenedPodLogs, OpenPodLogs
from fairlead.rpc.resource import (
    ACTIONS,
    DELETE,
    EVENTS,
    LINKS,
    PATCH,
    PREDICT,
    RUN,
    TRY,
    Action,
    Actions,
    DeleteResource,
    Done,
    Link,
    Links,
    PatchResource,
    Predict,
    ResourceEvents,
    RunAction,
)
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application, opened
from tests.transports import Native

PASSWORD = "a long enough password"
APP = "/api/v1/applications/objects"
WEB = {
    "namespace": "x",
    "resourceName": "web",
    "version": "v1",
    "group": "apps",
    "kind": "Deployment",
}
POLICY = """
p, fine, applications, get, default/objects, allow
p, fine, applications, update/apps/Deployment/x/web, default/objects, allow
p, fine, applications, action/apps/Deployment/restart, default/objects, allow
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(kube: KubeClient, door: Door) -> None:
    """The application that all of these tests are about."""
    await application(kube, "objects")
    async with asyncio.timeout(60):
        while (await door.ask("GET", APP))[0] != 200:
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fine(door: Door, kube: KubeClient, app: None) -> AsyncIterator[Door]:
    """Somebody with fine-grained rights to one Deployment."""
    data = {"accounts.fine": "login"}
    labels = {"app.kubernetes.io/part-of": "argocd"}
    for name, values in (("argocd-cm", data), ("argocd-rbac-cm", {"policy.csv": POLICY})):
        metadata = {"name": name, "labels": labels}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": values}
        await kube.create(CONFIG_MAPS, body, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    secret = {"data": {"accounts.fine.password": base64.b64encode(hashed).decode()}}
    await kube.merge_patch(SECRETS, "argocd-secret", secret, NAMESPACE)
    token = await opened(door, "fine", PASSWORD)
    somebody = Door(url=door.url, password=PASSWORD, token=token, http=door.http)
    async with asyncio.timeout(60):
        while (await somebody.ask("GET", APP))[0] != 200:
            await asyncio.sleep(0.1)
    yield somebody
    for name in ("argocd-cm", "argocd-rbac-cm"):
        await kube.delete(CONFIG_MAPS, name, NAMESPACE)


async def nobody_there(_: str, __: bytes) -> bytes:
    raise RemoteError("NotFound", "it is not part of application objects")


def told(answer: tuple[int, Any]) -> tuple[int, int, str]:
    status, body = answer
    return status, body.get("code"), body.get("message")


async def test_patches_and_deletions_reach_the_controller_as_they_were_asked_for(
    door: Door, app: None, scripted: dict[str, Answer]
) -> None:
    asked: list[Any] = []

    async def patched(_: str, payload: bytes) -> bytes:
        asked.append(decode(PatchResource, payload))
        return encode(LiveResource(manifest='{"kind":"Deployment"}'))

    async def deleted(_: str, payload: bytes) -> bytes:
        asked.append(decode(DeleteResource, payload))
        return encode(Done())

    async def tried(_: str, payload: bytes) -> bytes:
        asked.append(("tried", decode(PatchResource, payload)))
        return encode(LiveResource(manifest='{"kind":"Deployment"}'))

    scripted.update({PATCH: patched, TRY: tried, DELETE: deleted})
    merge = "application/merge-patch+json"
    answer = await door.ask("POST", f"{APP}/resource", '{"a":1}', **WEB, patchType=merge)
    assert answer == (200, {"manifest": '{"kind":"Deployment"}'})
    patch = asked.pop()
    assert (patch.namespace, patch.name, patch.resource_namespace) == (NAMESPACE, "objects", "x")
    assert (patch.group, patch.kind, patch.resource_name) == ("apps", "Deployment", "web")
    assert (patch.patch, patch.patch_type) == ('{"a":1}', merge)
    trying = WEB | {"name": "objects", "patch": '{"a":1}', "patchType": merge}
    assert await door.ask("POST", "/api/v1/preview/patch", trying) == answer
    assert asked == [("tried", patch)]
    asked.clear()
    assert await door.ask("DELETE", f"{APP}/resource", **WEB, force="true", orphan="true") == (200, {})
    assert (asked[0].force, asked[0].orphan) == (True, True)

    refused = await door.ask("POST", f"{APP}/resource", "{}", **WEB, patchType="text/plain")
    assert told(refused) == (400, 3, "Patch type 'text/plain' is not supported")
    scripted.update({PATCH: nobody_there, DELETE: nobody_there, RUN: nobody_there, ACTIONS: nobody_there})
    words = (400, 3, "Deployment apps web not found as part of application objects")
    assert told(await door.ask("POST", f"{APP}/resource", "{}", **WEB, patchType=merge)) == words
    assert told(await door.ask("DELETE", f"{APP}/resource", **WEB)) == words
    assert told(await door.ask("GET", f"{APP}/resource/actions", **WEB)) == words
    assert told(await door.ask("POST", f"{APP}/resource/actions", "restart", **WEB)) == words


async def test_actions_are_listed_and_run_in_both_forms(
    door: Door, app: None, scripted: dict[str, Answer]
) -> None:
    asked: list[RunAction] = []

    async def listed(_: str, __: bytes) -> bytes:
        scale = Action(name="scale", params=({"name": "replicas"},), icon_class="fa")
        return encode(Actions(items=(Action(name="restart", disabled=True), scale)))

    async def ran(_: str, payload: bytes) -> bytes:
        asked.append(decode(RunAction, payload))
        return encode(Done())

    scripted.update({ACTIONS: listed, RUN: ran})
    assert await door.ask("GET", f"{APP}/resource/actions", **WEB) == (
        200,
        {
            "actions": [
                {"name": "restart", "disabled": True},
                {"name": "scale", "params": [{"name": "replicas"}], "iconClass": "fa"},
            ]
        },
    )
    assert await door.ask("POST", f"{APP}/resource/actions", "restart", **WEB) == (200, {})
    values = [{"name": "replicas", "value": "3"}]
    body = {**WEB, "action": "scale", "resourceActionParameters": values}
    assert await door.ask("POST", f"{APP}/resource/actions/v2", body) == (200, {})
    assert [(item.action, item.parameters) for item in asked] == [
        ("restart", {}),
        ("scale", {"replicas": "3"}),
    ]


async def test_fine_grained_rights_are_asked_for_by_kind_and_name(
    fine: Door, scripted: dict[str, Answer]
) -> None:
    async def patched(_: str, __: bytes) -> bytes:
        return encode(LiveResource(manifest="{}"))

    async def ran(_: str, __: bytes) -> bytes:
        return encode(Done())

    scripted.update({PATCH: patched, RUN: ran})
    merge = {"patchType": "application/merge-patch+json"}
    other = {**WEB, "resourceName": "other"}
    assert (await fine.ask("POST", f"{APP}/resource", "{}", **WEB, **merge))[0] == 200
    assert (await fine.ask("POST", f"{APP}/resource/actions", "restart", **WEB))[0] == 200
    for answer, right in (
        (
            await fine.ask("POST", f"{APP}/resource", "{}", **other, **merge),
            "applications, update/apps/Deployment/x/other, default/objects",
        ),
        (
            await fine.ask("DELETE", f"{APP}/resource", **WEB),
            "applications, delete/apps/Deployment/x/web, default/objects",
        ),
        (
            await fine.ask("POST", f"{APP}/resource/actions", "scale", **WEB),
            "applications, action/apps/Deployment/scale, default/objects",
        ),
        (await fine.ask("GET", f"{APP}/logs"), "logs, get, default/objects"),
    ):
        status, code, message = told(answer)
        assert (status, code) == (403, 7)
        assert message.startswith(f"permission denied: {right}, sub: fine, iat: ")
    for verb, path, body in (
        ("POST", "resource", "{}"),
        ("DELETE", "resource", None),
        ("GET", "resource/actions", None),
        ("POST", "resource/actions", "restart"),
        ("GET", "resource/links", None),
        ("GET", "links", None),
        ("GET", "logs", None),
        ("GET", "server-side-diff", None),
        ("GET", "revisions/1/chartdetails", None),
        ("GET", "revisions/1/ocimetadata", None),
    ):
        asked = {} if path == "links" else WEB
        answer = await fine.ask(verb, f"/api/v1/applications/hidden/{path}", body, **asked)
        assert told(answer) == (403, 7, "permission denied"), path


async def entries(door: Door, **query: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {door.token}"}
    async with door.http.get(f"{door.url}{APP}/logs", headers=headers, params=query) as answer:
        assert answer.status == 200
        text = await answer.text()
    return [msgspec.json.decode(line)["result"] for line in text.splitlines() if line]


async def test_logs_come_entry_by_entry_and_the_last_says_so(
    door: Door, app: None, scripted: dict[str, Answer]
) -> None:
    asked: list[OpenPodLogs] = []
    at = "2026-11-23T01:32:45.882241691Z"
    pieces = [
        LogLines(lines=(LogLine(at, "web-1", "hello"), LogLine("", "", "cannot be read"))),
        LogLines(),
        LogLines(lines=(LogLine("2026-11-23T03:32:46+02:00", "web-2", "bye"),), is_last=True),
    ]

    async def opened(_: str, payload: bytes) -> bytes:
        asked.append(decode(OpenPodLogs, payload))
        return encode(OpenedPodLogs(session="" if asked[-1].pod == "none" else "s"))

    async def following(_: str, __: bytes) -> bytes:
        return encode(pieces.pop(0))

    async def closed(_: str, __: bytes) -> bytes:
        return encode(Closed())

    scripted.update({OPEN: opened, NEXT: following, CLOSE: closed})
    found = await entries(door, tailLines="5", container="main", filter="!x", sinceSeconds="60")
    assert found[:3] == [
        {
            "content": "hello",
            "timeStamp": "2026-11-23T01:32:45Z",
            "last": False,
            "timeStampStr": at,
            "podName": "web-1",
        },
        {
            "content": "cannot be read",
            "timeStamp": None,
            "last": False,
            "timeStampStr": "0001-01-01T00:00:00Z",
            "podName": "",
        },
        {
            "content": "bye",
            "timeStamp": "2026-11-23T01:32:46Z",
            "last": False,
            "timeStampStr": "2026-11-23T03:32:46+02:00",
            "podName": "web-2",
        },
    ]
    assert (found[3]["last"], found[3]["content"], found[3]["podName"]) == (True, "", "")
    assert len(found) == 4
    assert (asked[0].tail_lines, asked[0].container, asked[0].filter) == (5, "main", "!x")
    assert (asked[0].since_seconds, asked[0].max_pods) == (60, 10)
    assert await entries(door, podName="none") == []

    lines = LogLines(lines=(LogLine(at, "web-1", "hello"), LogLine(at, "web-1", "née")), is_last=True)
    pieces[:] = [lines, lines]
    headers = {"Authorization": f"Bearer {door.token}"}
    query = {"download": "true", "namespace": "x", "container": 'm"/y'}
    async with door.http.get(f"{door.url}{APP}/pods/web-1/logs", headers=headers, params=query) as answer:
        assert await answer.read() == "hello\nnée\n".encode()
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == 'attachment;filename="x-web-1-m__y.log"'
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        call = client.stream("/application.ApplicationService/PodLogs", {"name": "objects"})
        told_over_grpc = [(entry.content, entry.last, entry.podName) async for entry in call]
    assert told_over_grpc == [("hello", False, "web-1"), ("née", False, "web-1"), ("", True, "")]


async def test_links_events_and_predictions_are_the_controllers(
    door: Door, app: None, scripted: dict[str, Answer]
) -> None:
    async def links(_: str, __: bytes) -> bytes:
        return encode(Links(items=(Link(title="Board", url="https://x.example", icon_class="fa"),)))

    async def tree(_: str, __: bytes) -> bytes:
        node = ResourceNode(group="apps", kind="Deployment", namespace="x", name="web", uid="u1")
        return encode(ResourceTree(nodes=(node,)))

    async def events(_: str, __: bytes) -> bytes:
        item = {"metadata": {"name": "e"}, "reason": "ScalingReplicaSet"}
        return encode(ResourceEvents(items=(msgspec.json.encode(item),)))

    async def predicted(_: str, payload: bytes) -> bytes:
        assert decode(Predict, payload).manifests == ("{}",)
        return encode(ManagedResources(items=(ManagedResource(kind="Deployment", modified=True),)))

    scripted.update({LINKS: links, TREE: tree, EVENTS: events, PREDICT: predicted})
    wanted = {"items": [{"title": "Board", "url": "https://x.example", "iconClass": "fa"}]}
    assert await door.ask("GET", f"{APP}/links") == (200, wanted)
    assert await door.ask("GET", f"{APP}/resource/links", **WEB) == (200, wanted)
    _, found = await door.ask("GET", f"{APP}/events", resourceName="web", resourceUID="u1")
    assert [item["reason"] for item in found["items"]] == ["ScalingReplicaSet"]  # type: ignore[index]
    refused = await door.ask("GET", f"{APP}/events", resourceName="web", resourceUID="u2")
    assert told(refused) == (400, 3, "web not found as part of application objects")
    status, found = await door.ask("GET", f"{APP}/server-side-diff", targetManifests="{}")
    assert status == 200
    assert found["modified"] is True  # type: ignore[index]
    assert told(await door.ask("GET", f"{APP}/revisions/1.0/chartdetails"))[1:] == (
        2,
        "no chart found for application",
    )


async def test_a_tree_is_pushed_when_it_is_another_one(
    door: Door, app: None, scripted: dict[str, Answer]
) -> None:
    trees = {"": ("one", "a"), "one": ("two", "b")}
    release = asyncio.Event()

    async def other(_: str, payload: bytes) -> bytes:
        seen = msgspec.msgpack.decode(payload).get("seen", "")
        if seen not in trees:
            await release.wait()
            return encode(ResourceTree(is_same=True, digest=seen))
        digest, name = trees[seen]
        return encode(ResourceTree(nodes=(ResourceNode(kind="Pod", name=name),), digest=digest))

    scripted[AWAIT_TREE] = other
    headers = {"Authorization": f"Bearer {door.token}"}
    url = f"{door.url}/api/v1/stream/applications/objects/resource-tree"
    async with door.http.get(url, headers=headers) as answer:
        lines = [msgspec.json.decode(await answer.content.readline()) for _ in range(2)]
        release.set()
    assert [line["result"]["nodes"][0]["name"] for line in lines] == ["a", "b"]


async def test_manifests_of_sent_files_are_marked_and_masked(
    door: Door, app: None, scripted: dict[str, Answer]
) -> None:
    asked: list[RenderFiles] = []
    archive = b"a gzipped tar"

    async def rendered(_: str, payload: bytes) -> bytes:
        asked.append(decode(RenderFiles, payload))
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "login"},
            "stringData": {"password": "hunter2-canary"},
        }
        source = RenderedSource(revision="", source_type="Directory")
        return encode(
            GeneratedManifests(digest="", sources=(source,), documents=(msgspec.json.encode(secret),))
        )

    async def sent(checksum: str, name: str = "objects") -> tuple[int, dict[str, Any]]:
        parts = [
            {"query": {"name": name, "checksum": checksum}},
            *({"chunk": {"chunk": base64.b64encode(piece).decode()}} for piece in (archive[:5], archive[5:])),
        ]
        body = b"\n".join(msgspec.json.encode(part) for part in parts)
        headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "application/json"}
        url = f"{door.url}/api/v1/applications/manifestsWithFiles"
        async with door.http.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    scripted[RENDER_FILES] = rendered
    status, found = await sent(hashlib.sha256(archive).hexdigest())
    assert status == 200
    assert asked[0].archive == archive
    (text,) = found["manifests"]
    assert "hunter2-canary" not in text
    shown = msgspec.json.decode(text)
    assert shown["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == "objects:/Secret:x/login"
    assert found["sourceType"] == "Directory"
    assert told(await sent("0" * 64)) == (400, 3, "the files are not those of the checksum")
    assert told(await sent("0" * 64, "hidden")) == (403, 7, "permission denied")
    assert len(asked) == 1
