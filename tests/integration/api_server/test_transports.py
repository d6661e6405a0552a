"""Every RPC over HTTP/2, gRPC-Web and REST: three ways to ask, one answer."""

import asyncio
import io
import re
from typing import Any
from urllib.parse import unquote, urlencode

import aiohttp
import grpc
import grpc.aio
import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request

from fairlead.api_server.grpc import invoke
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.methods.method import Method
from fairlead.api_server.methods.table import METHODS, ROWS
from fairlead.api_server.rest.handle import unserved_handler_of
from fairlead.api_server.rest.routes import RestRoute, routes
from fairlead.bus import RemoteError
from fairlead.kube.rest import KubeClient
from fairlead.rpc import controller, repo
from fairlead.wire.catalogue import PUBLIC, SCALARS, message
from fairlead.wire.encode import encode
from tests import wire_messages as google
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application
from tests.transports import WEB, Native, RefusedError, ask_web, framed, frames

COMPARED = "compared"
READING = [
    row
    for row in ROWS
    if row.described.kind == "unary" and any(route.verb == "GET" for route in row.described.routes)
]
CLOSED = [row for row in ROWS if not row.is_public]
BY_RPC = {one.rpc.path: one for one in routes(METHODS)}
NAMES = {
    "name": COMPARED,
    "applicationName": COMPARED,
    "appName": COMPARED,
    "revision": "HEAD",
    "resourceName": "web",
    "version": "v1",
    "group": "apps",
    "kind": "Deployment",
    "resource": "applications",
    "action": "get",
    "subresource": "x/y",
    "repo": "https://git.example/none.git",
    "id": "none",
    "appProject": "default",
    "keyID": "830ECC4B9624B028",
}


def shown(row: Method) -> str:
    """A row's name in a report."""
    return row.rpc


@pytest.fixture
def others(scripted: dict[str, Answer]) -> None:
    """The repo-server and the controller refuse everything."""

    async def refuse(_: str, __: bytes) -> bytes:
        raise RemoteError("NotFound", "no such thing: 100 % gone, née\n")

    scripted.update(
        dict.fromkeys((repo.DESCRIBE, repo.TEST, repo.GENERATE), refuse)
        | dict.fromkeys((controller.TREE, controller.MANAGED, controller.LIVE), refuse)
    )


async def present(door: Door, kube: KubeClient) -> None:
    """The application that is asked for."""
    if (await door.ask("GET", f"/api/v1/applications/{COMPARED}"))[0] == 200:
        return
    await application(kube, COMPARED)
    async with asyncio.timeout(60):
        while (await door.ask("GET", f"/api/v1/applications/{COMPARED}"))[0] != 200:
            await asyncio.sleep(0.05)


def asked(row: Method) -> dict[str, Any]:
    """The fields of a request that means something."""
    fields: dict[str, Any] = {
        field.json: NAMES[field.json]
        for field in message(row.described.request).fields
        if field.json in NAMES and not field.is_repeated and field.type in SCALARS
    }
    if "ClusterService" in row.rpc:
        fields = {"id": {"value": "https://kubernetes.default.svc", "type": ""}}
    if "ProjectService" in row.rpc:
        fields = {"name": "default"}
    return fields


def rest_path(route: RestRoute, fields: dict[str, Any]) -> str:
    """The path and query that say the same."""
    left = dict(fields)

    def place(match: re.Match[str]) -> str:
        value: Any = fields
        for part in match[1].split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        left.pop(match[1].partition(".")[0], None)
        return str(value or "-").replace("/", "/" if match[2] else "%2F")

    path = re.sub(r"\{([\w.]+)(=\*\*)?\}", place, route.route.path)
    query = {key: value for key, value in left.items() if not isinstance(value, dict)}
    return f"{path}?{urlencode(query)}" if query else path


async def rest(door: Door, row: Method) -> Any:
    """What REST answers, as a message of the other implementation. Raises RefusedError."""
    status, said = await door.ask("GET", rest_path(BY_RPC[row.rpc], asked(row)))
    answer = msgspec.convert(said, dict[str, Any])
    if status != 200:
        raise RefusedError(answer["code"], answer["message"])
    return google.kind(row.described.response).FromString(encode(row.described.response, answer))


async def outcome(asking: Any) -> tuple[str, Any]:
    """An answer, or a refusal, to be compared."""
    try:
        return "answer", await asking
    except RefusedError as refused:
        return "refusal", (refused.code, refused.words)


@pytest.mark.parametrize("row", [row for row in READING if row.rpc in BY_RPC], ids=shown)
@pytest.mark.usefixtures("others")
async def test_what_is_read_is_the_same_on_all_transports(row: Method, door: Door, kube: KubeClient) -> None:
    await present(door, kube)
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        native = await outcome(client.ask(row.rpc, asked(row)))
        web = await outcome(ask_web(door.http, door.url, row.rpc, asked(row), door.token))
        http = await outcome(rest(door, row))
    kind, value = web
    if kind == "refusal":
        web = kind, (value[0], unquote(value[1]))
    assert native == web
    assert native == http


@pytest.mark.parametrize("row", CLOSED, ids=shown)
async def test_nobody_is_answered_without_a_session(row: Method, door: Door) -> None:
    expected = RefusedError(16, "no session information").args
    async with Native(door.url.removeprefix("http://")) as client:
        with pytest.raises((RefusedError, grpc.aio.AioRpcError)) as native:
            if row.described.kind == "server-stream":
                await client.stream(row.rpc, required(row)).read()
            else:
                await client.ask(row.rpc, required(row))
    error = native.value
    if isinstance(error, grpc.aio.AioRpcError):
        assert (error.code().value[0], error.details()) == expected
    else:
        assert error.args == expected
    with pytest.raises(RefusedError) as web:
        await ask_web(door.http, door.url, row.rpc, required(row))
    assert web.value.args == expected
    async with aiohttp.ClientSession() as http:
        for bad in ("a.b.c", "x" * 20_000):
            with pytest.raises(RefusedError) as forged:
                await ask_web(http, door.url, row.rpc, required(row), bad[:8000])
            assert forged.value.code == 16


def required(row: Method) -> dict[str, Any]:
    """A request that has what it must have."""
    return _required(row.described.request)


def _required(name: str) -> dict[str, Any]:
    zeros: dict[str, Any] = {"string": "", "bool": False, "bytes": ""}
    return {
        field.name: zeros.get(field.type, 0) if field.type in SCALARS else _required(field.type)
        for field in message(name).fields
        if field.is_required
    }


async def test_what_has_no_row_answers_code_12(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    rpc = "/gpgkey.GPGKeyService/List"
    monkeypatch.delitem(invoke.METHODS_OF_GRPC, rpc)
    for path in (rpc, "/gpgkey.GPGKeyService/Never"):
        headers = {"Content-Type": WEB, "token": door.token}
        async with door.http.post(door.url + path, data=framed(b""), headers=headers) as answer:
            assert answer.headers["Grpc-Status"] == "12"
            assert answer.headers["Grpc-Message"] == f"{path} is not served by this version"
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        with pytest.raises(RefusedError) as native:
            await client.ask(rpc, {})
    assert native.value.args == (12, f"{rpc} is not served by this version")
    left = {path: row for path, row in METHODS.items() if path != rpc}
    (route,) = (one for one in routes(left) if one.rpc.path == rpc)
    assert route.method is None
    said = await unserved_handler_of(route)(make_mocked_request("GET", "/api/v1/gpgkeys"))
    assert said.status == 501


async def test_a_cookie_is_no_way_into_grpc_web(door: Door) -> None:
    headers = {"Content-Type": WEB, "Cookie": f"argocd.token={door.token}"}
    async with door.http.post(
        f"{door.url}/application.ApplicationService/List", data=framed(b""), headers=headers
    ) as answer:
        assert (answer.status, answer.headers["Grpc-Status"]) == (200, "16")
    for content in ("application/grpc-web+proto; charset=utf-8", "application/grpc-web", "text/plain"):
        async with door.http.post(
            f"{door.url}/version.VersionService/Version", data=framed(b""), headers={"Content-Type": content}
        ) as answer:
            assert answer.status == 415


async def test_a_watch_tells_what_is_there_and_every_change_on_both_kinds_of_grpc(
    door: Door, kube: KubeClient
) -> None:
    rpc = "/application.ApplicationService/Watch"
    await application(kube, "grpc-watched")
    fields = {"name": "grpc-watched"}
    headers = {"Content-Type": WEB, "token": door.token}
    async with asyncio.timeout(60), Native(door.url.removeprefix("http://"), door.token) as client:
        call = client.stream(rpc, fields)
        first = await call.read()
        assert (first.type, first.application.metadata.name) == ("ADDED", "grpc-watched")
        body = framed(google.filled("application.ApplicationQuery", fields).SerializeToString())
        async with (
            aiohttp.ClientSession() as http,
            http.post(door.url + rpc, data=body, headers=headers) as web,
        ):
            assert (await _next(web)).type == "ADDED"
            patch = {"metadata": {"labels": {"seen": "yes"}}}
            await kube.merge_patch(APPLICATIONS, "grpc-watched", patch, NAMESPACE)
            for event in (await call.read(), await _next(web)):
                assert event.type == "MODIFIED"
                assert [(one.key, one.value) for one in event.application.metadata.labels] == [
                    ("seen", "yes")
                ]
        await kube.delete(APPLICATIONS, "grpc-watched", NAMESPACE)
        assert (await call.read()).type == "DELETED"
        call.cancel()


async def _next(web: aiohttp.ClientResponse) -> Any:
    head = await web.content.readexactly(5)
    data = await web.content.readexactly(int.from_bytes(head[1:], "big"))
    assert head[0] == 0
    return google.kind(PUBLIC["/application.ApplicationService/Watch"].response).FromString(data)


async def test_an_application_is_written_over_grpc_as_the_command_writes_it(
    door: Door, kube: KubeClient
) -> None:
    """Zeros that Go writes without meaning them are not in the object; pointers that it writes are."""
    fields = {
        "application": {
            "metadata": {"name": "grpc-made", "generateName": "", "generation": "0", "creationTimestamp": {}},
            "spec": {
                "source": {"repoURL": "https://git.example/team/config.git", "path": "apps/x", "chart": ""},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": "x", "name": ""},
                "project": "default",
                "syncPolicy": {"automated": {"prune": False, "enabled": True}},
            },
            "status": {"sync": {"status": "", "comparedTo": {"source": {"repoURL": ""}}}, "sourceType": ""},
        },
        "upsert": False,
        "validate": False,
    }
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        made = await client.ask("/application.ApplicationService/Create", fields)
        assert made.metadata.name == "grpc-made"
        stored = msgspec.json.decode(await kube.get(APPLICATIONS, "grpc-made", NAMESPACE))
        assert stored["spec"]["syncPolicy"] == {"automated": {"enabled": True}}
        assert "chart" not in stored["spec"]["source"]
        assert "status" not in stored
        deleted = {"name": "grpc-made", "cascade": False}
        await client.ask("/application.ApplicationService/Delete", deleted)


async def test_health_is_told_to_strangers_and_reflection_to_those_with_a_session(door: Door) -> None:
    target = door.url.removeprefix("http://")
    async with asyncio.timeout(60), Native(target) as stranger, Native(target, door.token) as client:
        for service in ("", "application.ApplicationService"):
            assert (await stranger.ask("/grpc.health.v1.Health/Check", {"service": service})).status == 1
        with pytest.raises(RefusedError) as unknown:
            await stranger.ask("/grpc.health.v1.Health/Check", {"service": "x"})
        assert unknown.value.code == 5
        watch = stranger.stream("/grpc.health.v1.Health/Watch", {})
        assert (await watch.read()).status == 1
        watch.cancel()
        rpc = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stranger.talk(rpc).read()
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        talk = client.talk(rpc)
        ask = google.kind("grpc.reflection.v1.ServerReflectionRequest")
        await talk.write(ask(list_services="*"))
        listed = {one.name for one in (await talk.read()).list_services_response.service}
        assert {rpc.service for rpc in PUBLIC.values()} <= listed
        await talk.write(ask(file_containing_symbol="application.ApplicationService"))
        assert (await talk.read()).file_descriptor_response.file_descriptor_proto
        await talk.write(ask(file_by_filename="none"))
        assert (await talk.read()).error_response.error_code == 5
        await talk.done_writing()
        assert await talk.read() is grpc.aio.EOF


async def test_words_and_frames_are_as_the_stock_client_reads_them(door: Door) -> None:
    headers = {"Content-Type": WEB, "token": door.token}
    url = f"{door.url}/application.ApplicationService/Get"
    for body in (
        b"",
        b"\x00",
        framed(b"\xff"),
        framed(b"") + framed(b""),
        b"\x01\x00\x00\x00\x00",
        b"\x07\x00\x00\x00\x00",
    ):
        async with door.http.post(url, data=body, headers=headers) as answer:
            said = frames(await answer.read())
            assert answer.status == 200
            assert answer.headers["Grpc-Status"] in ("3", "12")
            assert said[-1][0] == 0x80
    large = b"\x00" + (1 << 20).to_bytes(4, "big") + b"\n" * (1 << 20)
    async with door.http.post(url, data=io.BytesIO(large), headers=headers) as answer:
        assert answer.headers["Grpc-Status"] == "3"
        assert "larger than" in answer.headers["Grpc-Message"]
    old = {**headers, "User-Agent": "argocd-client/v1.3.9 grpc-go/1.15"}
    async with door.http.post(url, data=framed(b""), headers=old) as answer:
        assert answer.headers["Grpc-Status"] == "9"
        assert answer.headers["Grpc-Message"].startswith("unsatisfied client version constraint")


async def test_what_is_served_is_told_to_everybody_as_a_document_and_as_a_page(door: Door) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{door.url}/swagger.json") as answer:
            assert answer.status == 200
            assert "/api/v1/applications/{name}" in (await answer.json())["paths"]
        async with http.get(f"{door.url}/swagger-ui") as answer:
            assert answer.content_type == "text/html"
            assert "script" not in answer.headers["Content-Security-Policy"]
