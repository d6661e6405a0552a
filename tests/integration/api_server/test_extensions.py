"""Extensions: requests as a backend gets them, on a real service."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from structlog.testing import capture_logs
from yarl import URL

from fairlead.api_server.extensions import exchange, proxy
from fairlead.api_server.kinds import CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.bus import Bus
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.redis_server import RedisServer
from tests.integration.api_server.conftest import Door, application, serving
from tests.integration.api_server.test_dex import config_map

CONTROL, TEAM = "api-extensions", "api-extensions-team"
POLICY = """
p, role:admin, extensions, invoke, *, allow
p, invoker, applications, get, default/shop, allow
p, invoker, extensions, invoke, echo, allow
p, reader, applications, get, */*, allow
p, outsider, applications, get, default/api-extensions-team/shop, allow
p, outsider, extensions, invoke, echo, allow
"""
LENT = ("invoker", "reader", "outsider")


class Echo:
    """A backend that says what it was sent, and keeps it."""

    def __init__(self) -> None:
        self.port = choose_port()
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.hold = asyncio.Event()
        self.connections: set[object] = set()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    async def _echo(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.connections.add(request.transport)
        self.bodies.append(await request.read())
        said = {
            "method": request.method,
            "path": request.raw_path,
            "headers": {key.lower(): value for key, value in request.headers.items()},
        }
        return web.json_response(said, headers={"Set-Cookie": "argocd.token=stolen", "X-Own": "kept"})

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="<script>1</script>", content_type="text/html")

    async def _redirect(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://169.254.169.254/latest")

    async def _packed(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await self.hold.wait()
        await response.write(b"data: last\n\n")
        return response

    async def _silent(self, _: web.Request) -> web.StreamResponse:
        await self.hold.wait()
        return web.Response()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Echo"]:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/page", self._page)
        app.router.add_get("/redirect", self._redirect)
        app.router.add_get("/packed", self._packed)
        app.router.add_get("/stream", self._stream)
        app.router.add_get("/silent", self._silent)
        app.router.add_route("*", "/{rest:.*}", self._echo)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self.port).start()
        try:
            yield self
        finally:
            self.hold.set()
            await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def echo() -> AsyncIterator[Echo]:
    async with Echo().serving() as running:
        yield running


def extensions(url: str) -> str:
    return f"""
extensions:
- name: echo
  backend:
    services:
    - url: {url}
      headers:
      - {{name: Authorization, value: $echo.token}}
      - {{name: X-Nowhere, value: $not.there}}
      - {{name: X-Plain, value: as it is}}
- name: elsewhere
  backend:
    services:
    - {{url: "{url}/one", cluster: {{name: one}}}}
    - {{url: "{url}/two", cluster: {{server: "https://two.example"}}}}
- name: away
  backend:
    connectionTimeout: 1s
    services: [{{url: "http://{LOOPBACK}:1"}}]
- name: based
  backend:
    services: [{{url: "{url}/base/"}}]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(
    *,
    kube: KubeClient,
    control_plane: ControlPlane,
    other: Bus,
    nats_server: NatsServer,
    redis_server: RedisServer,
    echo: Echo,
) -> AsyncIterator[Door]:
    """A service with extensions, an application in its namespace and one of the same name beside it."""
    assert other.is_connected
    for namespace in (CONTROL, TEAM):
        await control_plane.kubectl("create", "namespace", namespace)
        await application(kube, "shop", namespace)
    accounts = {f"accounts.{name}": "apiKey" for name in LENT}
    maps = (
        config_map(
            "argocd-cmd-params-cm",
            server__enable__proxy__extension="true",
            application__namespaces=TEAM,
        ),
        config_map("argocd-cm", **accounts, extension__config=extensions(echo.url)),
        config_map("argocd-rbac-cm", policy__csv=POLICY),
    )
    for each in maps:
        await kube.create(CONFIG_MAPS, each, CONTROL)
    async with serving(kube, control_plane, nats_server, redis_server, CONTROL) as opened:
        secret = {"stringData": {"echo.token": "Bearer of the backend"}}
        await kube.merge_patch(SECRETS, "argocd-secret", secret, CONTROL)
        await until(lambda: sees(opened, "shop"))
        yield opened


async def until(asked: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await asked():
            await asyncio.sleep(0.05)


async def sees(door: Door, name: str) -> bool:
    return (await door.ask("GET", f"/api/v1/applications/{name}"))[0] == 200


async def token_of(door: Door, name: str) -> str:
    status, found = await door.ask("POST", f"/api/v1/account/{name}/token", {"name": name})
    assert status == 200, found
    return str(msgspec.convert(found, dict[str, Any])["token"])


def named(name: str = "shop", namespace: str = CONTROL, project: str = "default") -> dict[str, str]:
    return {"Argocd-Application-Name": f"{namespace}:{name}", "Argocd-Project-Name": project}


@asynccontextmanager
async def invoked(
    door: Door, path: str, verb: str = "GET", *, token: str | None = None, **more: Any
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer to a page's request: with the cookie, and for the application `shop`."""
    headers = {**named(), **more.pop("headers", {})}
    shown = door.token if token is None else token
    if shown:
        headers = {"Cookie": f"other=1; argocd.token={shown}", **headers}
    address = URL(f"{door.url}/extensions/{path}", encoded=True)
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.request(verb, address, headers=headers, allow_redirects=False, **more) as answer,
    ):
        yield answer


async def test_a_request_reaches_its_backend_with_what_was_verified_and_nothing_else(
    door: Door, echo: Echo
) -> None:
    forged = {"Argocd-Username": "forged", "Argocd-User-Groups": "admins", "X-Mine": "1"}
    async with invoked(door, "echo/a%2Fb/c?x=1&y=%20", "PATCH", data=b"some bytes", headers=forged) as answer:
        assert answer.status == 200, await answer.text()
        said = await answer.json()
        assert answer.headers["X-Own"] == "kept"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (said["method"], said["path"]) == ("PATCH", "/a%2Fb/c?x=1&y=%20")
    assert echo.bodies[-1] == b"some bytes"
    headers = said["headers"]
    assert headers["content-length"] == "10"
    assert headers["host"] == f"{LOOPBACK}:{echo.port}"
    assert headers["x-mine"] == "1"
    assert headers["authorization"] == "Bearer of the backend"
    assert headers["x-plain"] == "as it is"
    assert {key: value for key, value in headers.items() if key.startswith("argocd-")} == {
        "argocd-application-name": f"{CONTROL}:shop",
        "argocd-project-name": "default",
        "argocd-namespace": CONTROL,
        "argocd-target-cluster-name": "in-cluster",
        "argocd-target-cluster-url": "https://kubernetes.default.svc",
        "argocd-username": "admin",
        "argocd-user-id": "admin",
    }
    assert not {"cookie", "token", "x-nowhere"} & set(headers)
    assert door.token not in str(headers)


async def test_who_changes_something_or_may_not_leaves_a_record(door: Door) -> None:
    reader = await token_of(door, "reader")
    with capture_logs() as logs:
        for verb, token in (("GET", None), ("PATCH", None), ("GET", reader)):
            async with invoked(door, "echo/secret-path", verb, token=token, data=b"secret-body") as answer:
                await answer.read()

        async def are_told() -> bool:
            return sum(one["event"] == "api.audit" for one in logs) == 2

        await until(are_told)
    changed, denied = (one for one in logs if one["event"] == "api.audit")
    assert (changed["action"], changed["code"], changed["user"]) == ("ExtensionService/Invoke", "OK", "admin")
    assert (changed["kind"], changed["name"], changed["namespace"]) == ("Application", "shop", CONTROL)
    assert changed["details"] == {"extension": "echo", "verb": "PATCH"}
    assert (denied["code"], denied["user"]) == ("PermissionDenied", "reader")
    assert "secret" not in str((changed, denied))


async def test_a_bearer_may_ask_and_their_token_stays_here(door: Door, echo: Echo) -> None:
    token = await token_of(door, "invoker")
    for headers in ({"Authorization": f"Bearer {token}"}, {"token": token}):
        async with invoked(door, "based/x", token="", headers=headers) as answer:
            assert answer.status == 401, "the right is over one name"
        async with invoked(door, "echo", token="", headers=headers) as answer:
            said = await answer.json()
        assert said["path"] == "/"
        assert said["headers"]["argocd-username"] == "invoker"
        assert token not in str(said)
    async with invoked(door, "based/x/y") as answer:
        assert (await answer.json())["path"] == "/base/x/y"


@pytest.mark.parametrize(
    "path", ["../x", "%2e%2e/x", "a/..", "a/%2E%2e", "..%2fx", "a%2F..%5cx", "..;a=1/x", "a/%2e.%3bb/x"]
)
async def test_no_path_leaves_what_is_below_the_backends_own(door: Door, echo: Echo, path: str) -> None:
    before = len(echo.requests)
    async with invoked(door, f"based/{path}") as answer:
        assert answer.status == 400
    assert len(echo.requests) == before


async def test_who_may_not_is_told_so_and_nothing_is_passed_on(door: Door, echo: Echo) -> None:
    tokens = {name: await token_of(door, name) for name in LENT}
    before = len(echo.requests)
    unauthorized = (401, "Unauthorized extension request")
    for expected, path, more in (
        ((400, "Auth cookie not found"), "echo", {"token": ""}),
        ((401, "Invalid token"), "echo", {"token": "no.such.token"}),
        (unauthorized, "echo", {"token": tokens["reader"]}),
        (unauthorized, "echo", {"token": tokens["outsider"]}),
        (unauthorized, "other", {"token": tokens["invoker"]}),
        (unauthorized, "echo", {"headers": named("gone")}),
        (unauthorized, "echo", {"headers": named(project="other")}),
        (unauthorized, "echo", {"headers": named(namespace="kube-system")}),
        (unauthorized, "echo", {"headers": named(namespace=TEAM)}),
        (unauthorized, "echo", {"headers": named(namespace=TEAM), "token": tokens["invoker"]}),
        ((404, "Extension not found"), "other", {}),
        ((400, "invalid extension"), "elsewhere", {}),
        ((502, "the extension's backend cannot be reached"), "away", {}),
    ):
        async with invoked(door, path, **more) as answer:
            assert (answer.status, await answer.text()) == expected, (path, more)
    async with invoked(door, "echo", headers={"Argocd-Project-Name": "a b"}) as answer:
        assert answer.status == 400
        assert (await answer.text()).startswith("Invalid headers: ")
    async with invoked(door, "echo", verb="TRACE") as answer:
        assert answer.status == 501, "a backend would say which secrets it was sent"
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with invoked(door, "echo", headers=upgrade) as answer:
        assert answer.status == 501
    async with door.http.post(
        f"{door.url}/extensions/echo/x", data={"a": "form"}, headers={"Cookie": f"argocd.token={door.token}"}
    ) as answer:
        assert answer.status == 400, "a form of somebody else's page has no headers"
    assert len(echo.requests) == before


async def test_an_application_beside_the_control_plane_is_another_one(
    door: Door, kube: KubeClient, echo: Echo
) -> None:
    token = await token_of(door, "outsider")
    beside = named(namespace=TEAM)
    async with invoked(door, "echo", token=token, headers=beside) as answer:
        assert answer.status == 401, "the project takes no application from there"
    await kube.merge_patch(PROJECTS, "default", {"spec": {"sourceNamespaces": [TEAM]}}, CONTROL)

    async def may() -> bool:
        async with invoked(door, "echo", token=token, headers=beside) as answer:
            return answer.status == 200

    await until(may)
    async with invoked(door, "echo", token=token) as answer:
        assert answer.status == 401, "the one of the same name in the control plane's namespace"
    destinations = {"spec": {"destinations": [{"server": "https://other.example", "namespace": "*"}]}}
    await kube.merge_patch(PROJECTS, "default", destinations, CONTROL)

    async def may_no_more() -> bool:
        return not await may()

    await until(may_no_more)
    destinations["spec"]["destinations"][0]["server"] = "*"
    await kube.merge_patch(PROJECTS, "default", destinations, CONTROL)
    await until(may)


async def test_answers_come_back_as_they_are_and_are_no_pages_of_ours(door: Door) -> None:
    async with invoked(door, "echo/page") as answer:
        assert "sandbox" in answer.headers["Content-Security-Policy"] or answer.headers[
            "Content-Security-Policy"
        ].startswith("default-src 'none'")
    async with invoked(door, "echo/redirect") as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "http://169.254.169.254/latest")
    async with invoked(door, "echo/packed") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert await answer.text() == "packed"
    async with invoked(door, "echo/x", "HEAD") as answer:
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 0


async def test_an_answer_that_goes_on_is_cut_when_the_right_is_lost(
    door: Door, kube: KubeClient, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 0.1)
    echo.hold.clear()
    async with invoked(door, "echo/stream") as answer:
        assert await answer.content.readline() == b"data: first\n"
        echo.hold.set()
        assert b"last" in await answer.content.read()
    echo.hold.clear()
    token = await token_of(door, "invoker")
    async with invoked(door, "echo/stream", token=token) as answer:
        assert await answer.content.readline() == b"data: first\n"
        policy = {"data": {"policy.csv": POLICY.replace("p, invoker, extensions", "p, nobody, extensions")}}
        await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", policy, CONTROL)
        with pytest.raises(aiohttp.ClientError):
            async with asyncio.timeout(60):
                await answer.content.read()
    await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", {"data": {"policy.csv": POLICY}}, CONTROL)


async def test_what_is_too_large_too_slow_or_too_many_is_refused(
    door: Door, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_BYTES", 1000)
    async with invoked(door, "echo", "POST", data=b"x" * 1001) as answer:
        assert answer.status == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    async with invoked(door, "echo", "POST", data=pieces()) as answer:
        assert answer.status == 413
    monkeypatch.setattr(exchange, "MAX_BYTES", 1 << 20)
    async with invoked(door, "echo", "POST", data=pieces()) as answer:
        assert answer.status == 200
    assert echo.bodies[-1] == b"x" * 2000
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", 0.2)
    echo.hold.clear()
    async with invoked(door, "echo/silent") as answer:
        assert answer.status == 504
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", 120.0)

    async def status() -> int:
        async with invoked(door, "echo/silent") as answer:
            return answer.status

    waiting = [asyncio.create_task(status()) for _ in range(proxy.AT_ONCE_OF_ONE + 1)]
    done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    assert [task.result() for task in done] == [429]
    echo.hold.set()
    assert set(await asyncio.gather(*others)) == {200}


async def test_settings_are_followed_and_what_is_wrong_is_said(
    door: Door, kube: KubeClient, echo: Echo
) -> None:
    with capture_logs() as logs:
        data = {"extension.config.added": f"services: [{{url: '{echo.url}/added'}}]"}
        data["extension.config.wrong"] = "services: [{url: 'gopher://x'}]"
        await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, CONTROL)

        async def is_there() -> bool:
            async with invoked(door, "added/x") as answer:
                return answer.status == 200 and (await answer.json())["path"] == "/added/x"

        await until(is_there)
    problems = [one["problem"] for one in logs if one["event"] == "settings.value.refused"]
    assert any("extension.config.wrong" in problem and "http://" in problem for problem in problems)
    moved = {"extension.config.added": f"services: [{{url: '{echo.url}/moved'}}]"}
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": moved}, CONTROL)

    async def is_moved() -> bool:
        async with invoked(door, "added/x") as answer:
            return answer.status == 200 and (await answer.json())["path"] == "/moved/x"

    await until(is_moved)
