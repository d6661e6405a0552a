"""Terminals: who is let in, what goes to and fro, what ends them. The controller's answers are scripted."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
import bcrypt
import msgspec
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from fairlead.api_server.kinds import CONFIG_MAPS, EVENTS, SECRETS
from fairlead.api_server.operations.application import terminal as operation
from fairlead.api_server.rest.terminal import CLOSED, MAX_FRAME, MAX_TERMINALS_OF_ONE, WORDS
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc.terminal import (
    CLOSE,
    OPEN,
    READ,
    WRITE,
    ClosedTerminal,
    OpenedTerminal,
    OpenTerminal,
    ReadTerminal,
    TerminalOutput,
    WriteTerminal,
    WroteTerminal,
)
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application, elsewhere, opened

PASSWORD = "a long enough password"
ASKED = {
    "pod": "web-0",
    "container": "main",
    "appName": "terminal",
    "projectName": "default",
    "namespace": "team",
}
POLICY = """
p, typist, applications, get, */*, allow
p, typist, exec, create, default/terminal, allow
p, reader, applications, get, */*, allow
"""
CONFIG = {
    "accounts.typist": "login",
    "accounts.reader": "login",
    "exec.enabled": "true",
    "exec.shells": "bash, sh",
}
CANARY = "hunter2-typed-canary"


class Shells:
    """A controller whose shells say again what they are told."""

    def __init__(self) -> None:
        self.opened: list[OpenTerminal] = []
        self.sizes: list[tuple[int, int]] = []
        self.closed: list[str] = []
        self.said: dict[str, asyncio.Queue[bytes]] = {}
        self.refusal: RemoteError | None = None

    async def open(self, _: str, payload: bytes) -> bytes:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(decode(OpenTerminal, payload))
        name = f"shell-{len(self.opened)}"
        self.said[name] = asyncio.Queue()
        return encode(OpenedTerminal(session=name))

    async def read(self, _: str, payload: bytes) -> bytes:
        said = self.said[decode(ReadTerminal, payload).session]
        try:
            async with asyncio.timeout(1):
                data = await said.get()
        except TimeoutError:
            return encode(TerminalOutput())
        return encode(TerminalOutput(data=data, is_over=data == b""))

    async def write(self, _: str, payload: bytes) -> bytes:
        asked = decode(WriteTerminal, payload)
        if asked.rows:
            self.sizes.append((asked.rows, asked.columns))
        if asked.data:
            self.said[asked.session].put_nowait(asked.data)
        return encode(WroteTerminal())

    async def close(self, _: str, payload: bytes) -> bytes:
        self.closed.append(decode(ReadTerminal, payload).session)
        return encode(ClosedTerminal())


@pytest.fixture
def shells(scripted: dict[str, Answer]) -> Shells:
    made = Shells()
    scripted.update({OPEN: made.open, READ: made.read, WRITE: made.write, CLOSE: made.close})
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def typist(door: Door, kube: KubeClient) -> AsyncIterator[Door]:
    """Somebody who may open terminals in one application."""
    await application(kube, "terminal")
    await application(kube, "other-terminal")
    labels = {"app.kubernetes.io/part-of": "argocd"}
    for name, data in (("argocd-cm", CONFIG), ("argocd-rbac-cm", {"policy.csv": POLICY})):
        metadata = {"name": name, "labels": labels}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        await kube.create(CONFIG_MAPS, body, NAMESPACE)
    hashed = base64.b64encode(bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))).decode()
    data = {f"accounts.{name}.password": hashed for name in ("typist", "reader")}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)
    somebody = msgspec.structs.replace(door, token=await opened(door, "typist", PASSWORD))
    async with asyncio.timeout(120):
        for app in ("terminal", "other-terminal"):
            while (await somebody.ask("GET", f"/api/v1/applications/{app}"))[0] != 200:
                await asyncio.sleep(0.1)
    yield somebody


@asynccontextmanager
async def connected(
    door: Door, *, cookie: str | None = None, origin: str = "", **query: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A terminal that was let begin."""
    token = door.token if cookie is None else cookie
    headers = {"Cookie": f"argocd.token={token}"} if token else {}
    if origin:
        headers["Origin"] = origin
    async with (
        elsewhere() as http,
        http.ws_connect(f"{door.url}/terminal", headers=headers, params=ASKED | query) as line,
    ):
        yield line


async def refused(
    door: Door, *, cookie: str | None = None, origin: str = "", **query: str
) -> tuple[int, str]:
    """The answer to somebody who is not let in."""
    token = door.token if cookie is None else cookie
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    if token:
        headers["Cookie"] = f"argocd.token={token}"
    if origin:
        headers["Origin"] = origin
    params = {key: value for key, value in (ASKED | query).items() if value != "-"}
    async with (
        elsewhere() as http,
        http.get(f"{door.url}/terminal", headers=headers, params=params) as answer,
    ):
        return answer.status, await answer.text() if answer.status != 101 else ""


async def typed(line: aiohttp.ClientWebSocketResponse, text: str) -> None:
    await line.send_json({"operation": "stdin", "data": text})


async def shown(line: aiohttp.ClientWebSocketResponse, wanted: str) -> None:
    """Read until that was shown."""
    found = ""
    async with asyncio.timeout(60):
        while wanted not in found:
            message = await line.receive()
            assert message.type is aiohttp.WSMsgType.TEXT, (message, found)
            frame = msgspec.json.decode(message.data)
            assert frame["operation"] == "stdout"
            found += frame["data"]


async def rest(line: aiohttp.ClientWebSocketResponse) -> list[Any]:
    """What comes until the server closes."""
    async with asyncio.timeout(60):
        return [msgspec.json.decode(message.data) async for message in line]


async def until(holds: Any) -> None:
    async with asyncio.timeout(120):
        while not holds():
            await asyncio.sleep(0.05)


async def test_a_page_that_asks_for_words_is_told_why_it_is_refused(
    door: Door, typist: Door, shells: Shells
) -> None:
    async def told(*, cookie: str | None = None, origin: str = "", **query: str) -> tuple[int | None, str]:
        headers = {"Cookie": f"argocd.token={typist.token if cookie is None else cookie}"}
        if origin:
            headers["Origin"] = origin
        async with elsewhere() as http:
            try:
                async with http.ws_connect(
                    f"{door.url}/terminal", headers=headers, params=ASKED | query, protocols=(WORDS,)
                ) as line:
                    assert line.protocol == WORDS
                    message = await line.receive(timeout=60)
                    return (line.close_code, str(message.extra or "")) if line.closed else (0, "let in")
            except aiohttp.WSServerHandshakeError as error:
                return error.status, ""

    code, words = await told(appName="other-terminal")
    assert code == CLOSED + 401
    assert words.startswith("permission denied")
    shells.refusal = RemoteError("InvalidArgument", "container find running " + "ä" * 100)
    code, words = await told()
    assert code == CLOSED + 400
    assert words.startswith("container find running ää"), "cut where a character ends"
    assert len(words.encode()) <= 123
    shells.refusal = None
    assert await told(cookie="a.b.c") == (401, ""), "a stranger gets the answer that all get"
    assert await told(origin="https://elsewhere.example") == (403, "")


async def test_who_is_not_let_in_is_told_why_in_the_contracts_words(
    door: Door, typist: Door, shells: Shells
) -> None:
    assert await refused(typist, cookie="") == (400, "Auth cookie not found")
    assert await refused(typist, cookie="a.b.c") == (401, "Invalid token")
    for missing in ASKED:
        assert await refused(typist, **{missing: "-"}) == (400, "Missing required parameters")
    for field, words in (
        ("pod", "Pod"),
        ("container", "Container"),
        ("appName", "App"),
        ("projectName", "Project"),
        ("namespace", "Namespace"),
        ("appNamespace", "App namespace"),
    ):
        assert await refused(typist, **{field: "../x"}) == (400, f"{words} name is not valid")
    assert await refused(typist, appNamespace="kube-system") == (
        403,
        "namespace 'kube-system' is not permitted",
    )
    with capture_logs() as logs:
        status, words = await refused(typist, appName="other-terminal")
    assert status == 401
    (record,) = (each for each in logs if each["event"] == "api.audit")
    assert (record["action"], record["code"], record["user"], record["name"]) == (
        "TerminalService/Open",
        "PermissionDenied",
        "typist",
        "other-terminal",
    )
    assert words.startswith("permission denied: exec, create, default/other-terminal, sub: typist, iat: ")
    status, words = await refused(typist, appName="nothing", projectName="other")
    assert status == 401
    assert await refused(door, appName="nothing") == (404, "App not found")
    assert await refused(door, projectName="other") == (
        400,
        "The wrong project was specified for the app",
    )
    for origin in ("https://elsewhere.example", "null", "http://["):
        assert (await refused(typist, origin=origin))[0] == 403
    headers = {"Cookie": f"argocd.token={typist.token}"}
    async with elsewhere() as http, http.get(f"{door.url}/terminal", headers=headers, params=ASKED) as answer:
        assert (answer.status, await answer.text()) == (400, "Failed to start terminal session")
    assert shells.opened == []
    for words in ("Pod doesn't belong to specified app", "Cannot find pod", "container find running"):
        shells.refusal = RemoteError("InvalidArgument", words)
        assert await refused(typist) == (400, words)


async def test_what_is_typed_reaches_the_shell_and_what_it_says_is_shown(
    typist: Door, shells: Shells, kube: KubeClient
) -> None:
    with capture_logs() as logs:
        async with connected(typist, origin=typist.url) as line:
            await line.send_json({"operation": "resize", "rows": 24, "cols": 80})
            await typed(line, f"echo {CANARY} é\r")
            await shown(line, f"echo {CANARY} é\r")
            (name,) = shells.said
            shells.said[name].put_nowait("ö".encode()[:1])
            shells.said[name].put_nowait("ö".encode()[1:] + b"\xff")
            await shown(line, "ö\ufffd")
            await typed(line, "x" * 200_000)
            await shown(line, "x" * 200_000)
            shells.said[name].put_nowait(b"")
            assert await rest(line) == []
        await until(lambda: any(each["event"] == "api.terminal.closed" for each in logs))
    assert shells.sizes == [(24, 80)]
    assert [(one.resource_name, one.container, one.shells) for one in shells.opened] == [
        ("web-0", "main", ("bash", "sh"))
    ]
    assert shells.closed == []
    assert CANARY not in str(logs)
    assert [each["action"] for each in logs if each["event"] == "api.audit"] == [
        "TerminalService/Open",
        "TerminalService/Close",
    ]
    (ended,) = (each for each in logs if each["event"] == "api.terminal.closed")
    assert (ended["user"], ended["pod"], ended["container"]) == ("typist", "team/web-0", "main")
    assert ended["typed_bytes"] > 200_000

    async def told() -> set[str]:
        raw = await kube.list_all(EVENTS, NAMESPACE)
        return {
            f"{each['reason']}: {each['message']}"
            for each in map(msgspec.json.decode, raw)
            if each["involvedObject"]["name"] == "terminal"
        }

    async with asyncio.timeout(60):
        while not any(each.startswith("TerminalClosed") for each in await told()):
            await asyncio.sleep(0.1)
    messages = await told()
    assert "TerminalOpened: typist opened a terminal in container main of pod team/web-0" in messages
    assert not any(CANARY in each for each in messages)


async def test_a_shell_is_chosen_among_those_that_are_allowed(typist: Door, shells: Shells) -> None:
    for wanted, tried in (("sh", ("sh",)), ("zsh", ("bash", "sh"))):
        async with connected(typist, shell=wanted):
            pass
        assert shells.opened[-1].shells == tried
    await until(lambda: len(shells.closed) == 2)


@pytest.mark.parametrize(
    "frame",
    ["{", "[]", '{"operation":"upload","data":"x"}', "y" * (MAX_FRAME + 1)],
    ids=["cut", "list", "odd", "big"],
)
async def test_a_message_that_cannot_be_read_ends_the_shell(typist: Door, shells: Shells, frame: str) -> None:
    async with connected(typist) as line:
        await line.send_str(frame)
        await rest(line)
    await until(lambda: shells.closed == ["shell-1"])


async def test_a_right_that_is_lost_ends_the_terminal_though_nothing_is_typed(
    typist: Door, shells: Shells, kube: KubeClient
) -> None:
    async with connected(typist) as line:
        await typed(line, "a")
        await shown(line, "a")
        less = {"data": {"policy.csv": "p, typist, applications, get, */*, allow"}}
        await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", less, NAMESPACE)
        assert await rest(line) == [{"operation": "stdout", "data": "Permission denied"}]
    await until(lambda: shells.closed == ["shell-1"])
    await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", {"data": {"policy.csv": POLICY}}, NAMESPACE)
    async with asyncio.timeout(60):
        while (await refused(typist, pod="-"))[0] != 400:
            await asyncio.sleep(0.1)


async def test_a_session_that_ends_takes_its_terminal_with_it(
    door: Door, typist: Door, shells: Shells
) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with connected(typist):
                    break
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.2)
    await until(lambda: len(shells.closed) == 1)
    token = await opened(door, "typist", PASSWORD)
    async with connected(typist, cookie=token) as line:
        cookie = {"Cookie": f"argocd.token={token}"}
        url = f"{door.url}/auth/logout"
        async with elsewhere() as http, http.post(url, headers=cookie, allow_redirects=False) as answer:
            assert answer.status == 303
        await typed(line, "a")
        assert await rest(line) == [
            {"operation": "stdout", "data": "\nReconnect because the token was refreshed...\n"},
            {"Code": 1},
        ]
    await until(lambda: len(shells.closed) == 2)


async def test_a_terminal_that_is_not_used_is_ended(
    typist: Door, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "IDLE_SECONDS", 1.0)
    async with connected(typist) as line:
        (last,) = await rest(line)
        assert "was not used" in last["data"]
    await until(lambda: shells.closed == ["shell-1"])


async def test_one_account_has_so_many_terminals_and_a_client_that_leaves_gives_its_back(
    typist: Door, shells: Shells
) -> None:
    lines = [connected(typist) for _ in range(MAX_TERMINALS_OF_ONE)]
    for line in lines:
        await line.__aenter__()
    status, words = await refused(typist)
    assert (status, words) == (400, "too many terminals are open; close some")
    for line in lines:
        await line.__aexit__(None, None, None)
    await until(lambda: len(shells.closed) == MAX_TERMINALS_OF_ONE)
    async with connected(typist) as line:
        await typed(line, "b")
        await shown(line, "b")


async def test_there_are_no_terminals_unless_they_are_switched_on(
    typist: Door, shells: Shells, kube: KubeClient
) -> None:
    async with connected(typist) as line:
        await typed(line, "a")
        await shown(line, "a")
        await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"exec.enabled": None}}, NAMESPACE)
        assert await rest(line) == [{"operation": "stdout", "data": "Permission denied"}]
    await until(lambda: "shell-1" in shells.closed)
    async with asyncio.timeout(60):
        while await refused(typist, pod="-") != (404, ""):
            await asyncio.sleep(0.1)
    assert await refused(typist) == (404, "")
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"exec.enabled": "true"}}, NAMESPACE)


async def test_a_client_that_sends_too_much_too_early_is_gone_and_no_fault(
    typist: Door, shells: Shells
) -> None:
    host, port = typist.url.removeprefix("http://").split(":")
    head = (
        f"GET /terminal?{urlencode(ASKED)} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: argocd.token={typist.token}\r\n\r\n"
    )
    with capture_logs() as logs:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + b"\x81" * (300 << 10))
        with suppress(ConnectionError):
            async with asyncio.timeout(60):
                await reader.read()
        writer.close()
        await until(lambda: any(each["event"] == "api.terminal.closed" for each in logs))
        await until(lambda: any(each["event"] == "api.call" for each in logs))
    assert not [each for each in logs if each["event"] == "api.operation.failed"]
    assert shells.opened
