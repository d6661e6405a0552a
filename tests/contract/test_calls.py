"""Every recorded call against running servers, as the stock command sends it: over gRPC and over gRPC-Web.

What was sent is known byte for byte, zeros included (requests.jsonl); what comes back has the recorded code
and words, and is like what was recorded: likeness.py says in what the two may differ.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import aiohttp
import grpc.aio
import pytest
import pytest_asyncio

from fairlead.wire.catalogue import RPCS_BY_PATH
from tests import wire_messages as google
from tests.contract import recordings
from tests.contract.likeness import Difference, differences
from tests.recorded_world import RecordedWorld, recorded_world
from tests.transports import Native, RefusedError, framed, web_headers
from tests.wire_json import said

DEADLINE = 120.0
APPS = ("web", "hooked", "chart", "broken")
REQUESTS = recordings.requests()
VERSION = "/version.VersionService/Version"
WATCH = "/application.ApplicationService/Watch"
LET_PASS: tuple[tuple[str, str, str], ...] = (
    (
        "/Version",
        r"BuildDate|GoVersion|\w+Version",
        "Fairlead is not built by Go; its tools are in the engine",
    ),
    (
        "SettingsService/Get",
        "resourceOverrides",
        "the recordings' argocd-cm was empty; an installation's is not",
    ),
    ("/ResourceTree", r"hosts\[\].*|nodes\[\]\.info\[\]\.value", "another cluster has other nodes"),
    ("/PodLogs", "podName|timeStamp", "the recordings' nodes had no logs, and said so in a line of nobody's"),
    (
        "",
        r".*status\.operationState\.syncResult\.resources\[\]\.images",
        "what is in sync already is not applied, and its record names no images",
    ),
    (
        "ApplicationService/List",
        r"items\[\]\.status\.resources\[\]\.health",
        "a list says what the objects hold; the health of resources is added to one application",
    ),
    (
        "",
        r".*status\.observedAt",
        "news of an operation's end that no refresh tells are told by it",
    ),
    (
        "ApplicationSetService/(Get|List)",
        r"(items\[\]\.)?status",
        "it was looked at when its controller had said nothing yet",
    ),
)
"""The end of an RPC, a path and why what differs there is let pass."""
ON_ITS_WAY = (
    r"(application\.)?(operation|status|status\.(history|summary|conditions|operationState|health\.message)"
    r"(\[\])?(\..*)?|status\.resources\[\](\.health(\..*)?)?)"
)
"""What an application shows while something is done to it. The recorded commands looked meanwhile; here the
look is taken when it has ended."""
DOING = ("create", "delete", "delete-resource", "rollback", "set", "sync", "unset")
"""Commands of `app` that look meanwhile."""
OTHERWISE = {
    124: "the file is named from the repository's root, and the code is Unknown",
}
"""Recordings with a call that is refused in other words, and which."""
ALONE = ("fairlead.dev/", "argocd.argoproj.io/hydrate")
"""How annotations begin that only one of the two has: there is no hydrator here that a refresh could ask."""

CHANGES = (
    "/Sync",
    "/Rollback",
    "/Delete",
    "/UpdateSpec",
    "/Patch",
    "/DeleteResource",
    "/RunResourceActionV2",
)
"""What is waited for before the next call, as the command itself mostly does."""
END = 0x80

Document = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RecordedWorld]:
    """One suite for both ways; at its end a way has left it as it found it."""
    async with recorded_world(tmp_path_factory.mktemp("calls")) as made:
        yield made


@pytest.mark.parametrize("way", ["grpc", "grpc-web"])
async def test_every_recorded_call_is_answered_alike(way: str, world: RecordedWorld) -> None:
    player = Player(world, way, await world.token())
    found: list[str] = []
    for file in recordings.FILES:
        number = int(file.stem[:3])
        await world.before(number)
        found += [f"{number:03d} {text}" for text in await player.play(file, REQUESTS[number])]
    await world.begin_again()
    assert not found, "\n".join(found)


class Player:
    """Plays recordings in their order."""

    def __init__(self, world: RecordedWorld, way: str, token: str) -> None:
        self._world = world
        self._way = way
        self._token = token
        self._project: Any = None

    async def play(self, file: Path, sent: list[tuple[str, Document]]) -> list[str]:
        """One run of the command, on a connection of its own; what differs."""
        recording = recordings.read(file)
        recorded = recordings.answers(file)
        await self._world.until_at_rest(*APPS)
        if recording.argv[0] == "logout":
            await self._log_out()
        found: list[str] = []
        async with connected(self._way, self._world.suite.api_url, self._token) as asking:
            for rpc, request, answer in paired(sent, recorded):
                found += [
                    f"{rpc} {text}" for text in await self._one(asking, rpc, request, answer, recording)
                ]
        return found

    async def _one(
        self, asking: "Asking", rpc: str, request: Document, recorded: Document, of: recordings.Recording
    ) -> list[str]:
        sent = google.filled(RPCS_BY_PATH[rpc].request, self._here(request))
        if rpc.endswith("ProjectService/Update"):
            self._as_read(sent.project)
        try:
            async with asyncio.timeout(DEADLINE):
                answers = await self._answers(asking, rpc, sent, recorded)
        except RefusedError as refused:
            ours = (refused.code, self._there(refused.words))
            theirs = _refusal(recorded)
            return [] if ours == theirs or of.number in OTHERWISE else [f"is refused: {theirs} / {ours}"]
        if "code" in recorded:
            return [f"is answered, not refused: {_refusal(recorded)}"]
        self._keep(rpc, answers)
        if rpc.endswith(CHANGES):
            await self._world.until_at_rest(*APPS)
        ours = [self._there(said(RPCS_BY_PATH[rpc].response, answer)) for answer in answers]
        is_on_its_way = of.argv[0] == "app" and of.argv[1] in DOING
        return [
            str(each)
            for each in _unlike(recorded.get("answers") or [{}], ours)
            if not _may_pass(rpc, each, is_on_its_way=is_on_its_way)
        ]

    async def _answers(self, asking: "Asking", rpc: str, sent: Any, recorded: Document) -> list[Any]:
        if rpc == WATCH:
            sent.resourceVersion = ""
            return await asking.stream(rpc, sent, 1) if recorded.get("answers") else []
        if RPCS_BY_PATH[rpc].kind == "server-stream":
            return await asking.stream(rpc, sent, None)
        return [await asking.ask(rpc, sent)]

    def _keep(self, rpc: str, answers: list[Any]) -> None:
        if rpc == "/session.SessionService/Create":
            self._token = answers[0].token
        if rpc == "/project.ProjectService/Get":
            self._project = answers[0]

    def _as_read(self, project: Any) -> None:
        """What the command sends back as it has read it."""
        read = self._project
        project.metadata.CopyFrom(read.metadata)
        project.status.CopyFrom(read.status)
        tokens = {role.name: role.jwtTokens for role in read.spec.roles}
        for role in project.spec.roles:
            del role.jwtTokens[:]
            role.jwtTokens.extend(tokens.get(role.name, ()))

    async def _log_out(self) -> None:
        headers = {"Cookie": f"argocd.token={self._token}", "Content-Type": "application/json"}
        url = f"{self._world.suite.api_url}/auth/logout"
        async with (
            aiohttp.ClientSession() as http,
            http.post(url, headers=headers, allow_redirects=False) as answer,
        ):
            assert answer.status == 303
        self._token = ""

    def _here(self, value: Any) -> Any:
        return replaced(
            value, lambda text: self._world.here(text).replace("<password>", self._world.password)
        )

    def _there(self, value: Any) -> Any:
        return replaced(value, self._world.there)


class Asking(Protocol):
    """One connection of a client."""

    async def ask(self, rpc: str, sent: Any) -> Any:
        """The answer. Raises RefusedError."""

    async def stream(self, rpc: str, sent: Any, most: int | None) -> list[Any]:
        """The first messages of a stream, or all of them. Raises RefusedError."""


class OverGrpc:
    """A call over HTTP/2."""

    def __init__(self, client: Native) -> None:
        self._client = client

    async def ask(self, rpc: str, sent: Any) -> Any:
        return await self._client.send(rpc, sent)

    async def stream(self, rpc: str, sent: Any, most: int | None) -> list[Any]:
        call = self._client.sent_stream(rpc, sent)
        found: list[Any] = []
        try:
            async for message in call:
                found.append(message)
                if len(found) == most:
                    break
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error.code().value[0], error.details() or "") from None
        call.cancel()
        return found


class OverWeb:
    """A call in a request of HTTP/1.1."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self._http = http
        self._url = url
        self._token = token

    async def ask(self, rpc: str, sent: Any) -> Any:
        [answer] = await self.stream(rpc, sent, None)
        return answer

    async def stream(self, rpc: str, sent: Any, most: int | None) -> list[Any]:
        kind = google.kind(RPCS_BY_PATH[rpc].response)
        body, headers = framed(sent.SerializeToString()), web_headers(self._token)
        found: list[Any] = []
        async with self._http.post(self._url + rpc, data=body, headers=headers) as answer:
            assert (answer.status, answer.version.minor) == (200, 1)
            assert "Content-Encoding" not in answer.headers
            if "Grpc-Status" in answer.headers:
                raise RefusedError(
                    int(answer.headers["Grpc-Status"]), unquote(answer.headers["Grpc-Message"])
                )
            while len(found) != most:
                head = await answer.content.readexactly(5)
                data = await answer.content.readexactly(int.from_bytes(head[1:], "big"))
                if head[0] == END:
                    assert b"grpc-status: 0" in data
                    break
                assert head[0] == 0
                found.append(kind.FromString(data))
        return found


@asynccontextmanager
async def connected(way: str, url: str, token: str) -> AsyncIterator[Asking]:
    """What one process of the command opens: over gRPC it first asks for the version, over Web nothing."""
    if way == "grpc":
        async with Native(url.removeprefix("http://"), token) as client:
            await client.ask(VERSION, {})
            yield OverGrpc(client)
    else:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            yield OverWeb(http, url, token)


def paired(
    sent: list[tuple[str, Document]], recorded: list[Document]
) -> Iterator[tuple[str, Document, Document]]:
    """Each call with what it was answered; one that was asked and answered once more is recorded once."""
    left, before = list(recorded), dict[str, Document]()
    for rpc, request in sent:
        name = rpc.removeprefix("/")
        if left and left[0]["rpc"] == name:
            before[name] = left.pop(0)
        yield rpc, request, before[name]
    assert not left


def replaced(value: Any, change: Callable[[str], str]) -> Any:
    """The same with every text changed, inside raw JSON too."""
    if isinstance(value, dict):
        return {key: replaced(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _refusal(recorded: Document) -> tuple[int, str]:
    return recorded.get("code", 0), recorded.get("message", "")


def _unlike(recorded: list[Document], ours: list[Document]) -> Iterator[Difference]:
    """How each of our answers differs from that of the recorded ones which it is like."""
    for one in ours:
        model = next((each for each in recorded if each.get("last") == one.get("last")), recorded[0])
        yield from differences(recordings.said(_shared(model)), recordings.said(_shared(one)))


def _shared(value: Any) -> Any:
    """What both may have."""
    if isinstance(value, dict):
        return {key: _shared(inner) for key, inner in value.items() if not key.startswith(ALONE)}
    return [_shared(inner) for inner in value] if isinstance(value, list) else value


def _may_pass(rpc: str, found: Difference, *, is_on_its_way: bool) -> bool:
    if is_on_its_way and re.fullmatch(ON_ITS_WAY, found.path):
        return True
    return any(re.search(f"{end}$", rpc) and re.fullmatch(path, found.path) for end, path, _ in LET_PASS)
