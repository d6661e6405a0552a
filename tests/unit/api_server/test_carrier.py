"""Many streams over one WebSocket: each as if it was alone, and none beyond its session."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import msgspec
import pytest
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler

from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import Pump
from fairlead.api_server.calls.told import Told
from fairlead.api_server.identities import Identified
from fairlead.api_server.listen import listening
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest import application, carrier, stream, writer
from fairlead.api_server.rest.carried import PIECE, Carried
from fairlead.api_server.rest.carrier import CLOSED, MAX_FRAME, MAX_OF_CARRIER, PATH, Carriers
from fairlead.api_server.rest.own import Resumable
from fairlead.api_server.rest.pace import Pace
from fairlead.api_server.rest.question import Question
from fairlead.api_server.rest.stream import Stream, Streams
from fairlead.local.ports import LOOPBACK, choose_port

TOKEN = "a.b.c"
OURS = "https://fairlead.example"


class Server:
    """Streams at `/stream/{name}` that tell what a test says, to whoever has the token."""

    def __init__(self) -> None:
        self.holds = True
        self.said: dict[str, asyncio.Queue[bytes]] = {}
        self.ended: list[str] = []
        self.port = choose_port()
        identities = SimpleNamespace(identify=self.identify, require=self.require)
        control = SimpleNamespace(settings=SimpleNamespace(login=SimpleNamespace(urls=(OURS,))))
        backend = cast(Backend, SimpleNamespace(identities=identities, control=control))
        streams = Streams(backend, Places())
        self.requests: list[web.Request] = []
        self.app = web.Application(middlewares=[self.seen])
        alone = streams.serving("/stream/{name}", Stream("/test/Tell", self.begin, Resumable))
        self.app.router.add_get("/stream/{name}", alone)
        carriers = Carriers(backend, streams)
        self.app.router.add_get(PATH, carriers.handle)
        self.app.on_shutdown.append(carriers.close)

    @web.middleware
    async def seen(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(request)
        return await handler(request)

    @property
    def unread(self) -> int:
        """Bytes that are kept for the client of the first request, as it does not read them."""
        transport = self.requests[0].transport
        return transport.get_write_buffer_size() if transport is not None else 0

    def is_behind_or_empty(self, numbers: range) -> bool:
        """Whether the first client is behind, or everything of these streams was taken."""
        return self.unread > 0 or all(self.said[str(number)].empty() for number in numbers)

    async def identify(self, token: str, *_: object, **__: object) -> Identified:
        if token != TOKEN or not self.holds:
            raise RefusalError(Code.UNAUTHENTICATED, "invalid session")
        return Identified(Caller(username="ann", issuer="argocd", token=token))

    async def require(self, caller: Caller) -> None:
        await self.identify(caller.token)

    async def begin(self, question: Question, caller: Caller) -> AsyncGenerator[Any, None]:
        name = question.match_info["name"]
        if question.query.get("may") == "no":
            raise RefusalError(Code.PERMISSION_DENIED, "permission denied")
        said = self.said.setdefault(name, asyncio.Queue())
        try:
            yield None
            while item := await said.get():
                yield Told(id=f"{caller.username}-{name}", data=item)
        finally:
            self.ended.append(name)

    def say(self, name: str, *items: bytes) -> None:
        for item in items:
            self.said.setdefault(name, asyncio.Queue()).put_nowait(item)


@asynccontextmanager
async def served(root: str = "") -> AsyncIterator[Server]:
    server = Server()
    runner = application.runner(server.app, root)
    await runner.setup()
    async with listening(runner, None, address=LOOPBACK, port=server.port):
        try:
            yield server
        finally:
            await runner.cleanup()


@asynccontextmanager
async def connected(
    server: Server, *, token: str = TOKEN, origin: str = "", root: str = ""
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A connection that was greeted."""
    headers = {"Cookie": f"argocd.token={token}"} | ({"Origin": origin} if origin else {})
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://{LOOPBACK}:{server.port}{root}{PATH}", headers=headers) as line,
    ):
        assert await heard(line) == {"hello": 1}
        yield line


async def heard(line: aiohttp.ClientWebSocketResponse) -> Any:
    """The next message: what is said of a stream, or its number and text."""
    async with asyncio.timeout(60):
        text = await line.receive_str()
    if text.startswith("{"):
        return msgspec.json.decode(text)
    number, _, piece = text.partition("\n")
    return int(number), piece


async def opened(line: aiohttp.ClientWebSocketResponse, number: int, address: str) -> None:
    await line.send_json({"open": number, "address": address})
    assert await heard(line) == {"stream": number, "status": 200}
    assert await heard(line) == (number, "retry: 2000\n\n")


async def closed(line: aiohttp.ClientWebSocketResponse) -> tuple[int | None, str]:
    """The code and the reason of the close that comes."""
    async with asyncio.timeout(60):
        while (message := await line.receive()).type is WSMsgType.TEXT:
            pass
    return line.close_code, str(message.extra or "")


async def test_streams_are_told_as_they_would_be_alone_and_end_one_by_one() -> None:
    async with served("/some/path") as server, connected(server, root="/some/path") as line:
        await opened(line, 1, "/stream/a%2Fb?x=1")
        await opened(line, 2, "/stream/c")
        server.say("a/b", b'{"n":1}', b'{"n":2}')
        assert await heard(line) == (1, 'id: ann-a/b\ndata: {"n":1}\n\nid: ann-a/b\ndata: {"n":2}\n\n')
        server.say("c", b'{"n":3}')
        assert await heard(line) == (2, 'id: ann-c\ndata: {"n":3}\n\n')
        await line.send_json({"close": 1})
        server.say("c", b'{"n":4}', b"")
        assert await heard(line) == (2, 'id: ann-c\ndata: {"n":4}\n\n')
        assert await heard(line) == {"stream": 2, "end": True}
        assert sorted(server.ended) == ["a/b", "c"]
        await line.send_json({"close": 1})  # of what is over, nothing
        await opened(line, 3, "/stream/c")


async def test_a_stream_that_is_refused_is_told_why_and_the_others_go_on() -> None:
    async with served() as server, connected(server) as line:
        await opened(line, 1, "/stream/a")
        for number, address, status in (
            (2, "/stream/b?may=no", 403),
            (3, "/nothing", 404),
            (4, "https://elsewhere.example/stream/b", 404),
            (5, "/stream/b?download=true", 404),
            (6, "//[", 404),
        ):
            await line.send_json({"open": number, "address": address})
            said = await heard(line)
            assert (said["stream"], said["status"]) == (number, status)
            assert msgspec.json.decode(said["body"])["message"]
        server.say("a", b"{}")
        assert await heard(line) == (1, "id: ann-a\ndata: {}\n\n")


async def test_a_connection_takes_so_many_streams_and_no_more() -> None:
    async with served() as server, connected(server) as line:
        for number in range(1, MAX_OF_CARRIER + 1):
            await opened(line, number, f"/stream/{number}")
        await line.send_json({"open": 100, "address": "/stream/x"})
        said = await heard(line)
        assert (said["status"], "too many streams" in said["body"]) == (400, True)
        server.say("7", b"{}")
        assert (await heard(line))[0] == 7


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nonsense", CLOSED + 400),
        ("{}", CLOSED + 400),
        ('{"open":1,"close":1}', CLOSED + 400),
        ('{"open":-1}', CLOSED + 400),
        ('{"open":1,"address":"/stream/a"}', CLOSED + 400),
        (b"bytes", CLOSED + 400),
        ("x" * (MAX_FRAME + 1), 1009),
    ],
)
async def test_what_cannot_be_read_ends_the_connection_and_all_it_carries(
    message: str | bytes, code: int
) -> None:
    async with served() as server, connected(server) as line:
        await opened(line, 1, "/stream/a")
        await (line.send_bytes(message) if isinstance(message, bytes) else line.send_str(message))
        assert (await closed(line))[0] == code
        async with asyncio.timeout(60):
            while server.ended != ["a"]:
                await asyncio.sleep(0.01)


async def test_only_pages_of_ours_and_those_who_are_logged_in_are_let_in() -> None:
    async with served() as server, aiohttp.ClientSession() as http:
        url = f"http://{LOOPBACK}:{server.port}{PATH}"
        cookie = {"Cookie": f"argocd.token={TOKEN}"}

        async def refused(**headers: str) -> int:
            try:
                async with http.ws_connect(url, headers=headers):
                    return 101
            except aiohttp.WSServerHandshakeError as error:
                return error.status

        assert await refused() == 401
        assert await refused(Cookie="argocd.token=x.y.z") == 401
        assert await refused(**cookie, Origin="https://elsewhere.example") == 403
        assert await refused(**cookie, Origin="null") == 403
        assert await refused(**cookie, Origin="http://[") == 403
        assert await refused(**cookie, Origin=OURS) == 101
        assert await refused(**cookie, Origin=f"http://{LOOPBACK}:{server.port}") == 101
        async with http.get(url, headers=cookie) as answer:
            assert answer.status == 400
            assert "WebSocket" in (await answer.json())["message"]


async def test_a_connection_ends_with_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "BEAT", 0.05)
    async with served() as server, connected(server) as line:
        await opened(line, 1, "/stream/a")
        server.holds = False
        assert await closed(line) == (CLOSED + 401, "invalid session")
        assert server.ended == ["a"]


async def test_a_connection_that_nobody_uses_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "BEAT", 0.05)
    monkeypatch.setattr(carrier, "IDLE", 0.2)
    async with served() as server, connected(server) as line:
        await opened(line, 1, "/stream/a")
        await asyncio.sleep(0.5)
        await line.send_json({"close": 1})
        assert (await closed(line))[0] == 1000


async def test_a_server_that_ends_says_so_to_all() -> None:
    async with served() as server, connected(server) as one, connected(server) as other:
        await opened(one, 1, "/stream/a")
        ending = asyncio.create_task(server.app.shutdown())
        assert (await closed(one))[0] == (await closed(other))[0] == 1001
        await ending
        async with asyncio.timeout(60):
            while server.ended != ["a"]:
                await asyncio.sleep(0.01)


async def test_an_account_has_so_many_connections_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "MAX_CARRIERS_OF_ONE", 2)
    async with served() as server, connected(server), connected(server):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
            async with connected(server):
                pass


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.01)


async def test_a_client_that_asks_and_never_reads_makes_the_server_keep_little() -> None:
    item = b'"%s"' % (b"x" * PIECE)
    async with served() as server, connected(server) as line:
        for begin in range(1, 24 * MAX_OF_CARRIER, MAX_OF_CARRIER):
            numbers = range(begin, begin + MAX_OF_CARRIER)
            for number in numbers:
                server.say(str(number), item)
                await line.send_json({"open": number, "address": f"/stream/{number}"})
            await until(partial(server.is_behind_or_empty, numbers))
            await asyncio.sleep(0.05)
            for number in numbers:
                await line.send_json({"close": number})
        assert 0 < server.unread < 2 * MAX_OF_CARRIER * PIECE


async def test_closing_a_stream_that_is_not_read_leaves_the_others_as_they_were() -> None:
    async with served() as server, connected(server) as line:
        item = b'"%s"' % (b"x" * PIECE)
        for number in (1, 2, 3):
            await opened(line, number, f"/stream/{number}")
        for number in (1, 2, 3):
            server.say(str(number), *[item] * 500)
        await until(lambda: server.unread > PIECE)
        await asyncio.sleep(0.2)
        await line.send_json({"close": 1})
        await asyncio.sleep(0.2)
        for number in (2, 3):
            server.say(str(number), b"1", b"")
        ended: set[int] = set()
        while len(ended) < 2:
            said = await heard(line)
            if isinstance(said, dict):
                assert said["end"] is True
                ended.add(said["stream"])


async def test_a_connection_whose_client_does_not_even_read_its_end_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(carrier, "BEAT", 0.05)
    monkeypatch.setattr(carrier, "CLOSE_SECONDS", 0.2)
    async with served() as server, connected(server) as line:
        await opened(line, 1, "/stream/1")
        server.say("1", *[b'"%s"' % (b"x" * PIECE)] * 500)
        await until(lambda: server.unread > PIECE)
        server.holds = False
        await until(lambda: not server.unread)


class Line:
    """A connection whose client does not read until it is told to."""

    closed = False

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.reads = asyncio.Event()

    async def room(self) -> None:
        await self.reads.wait()

    async def send_frame(self, data: bytes, _: WSMsgType) -> None:
        self.sent.append(data)


async def test_a_client_that_does_not_read_makes_its_stream_wait_and_nothing_is_lost() -> None:
    line = Line()
    request = SimpleNamespace(transport=None, protocol=None)
    pace = cast(Pace, SimpleNamespace(room=line.room))
    outlet = Carried(cast(web.WebSocketResponse, line), cast(web.Request, request), pace, 7)
    item = b"x" * 1000
    written = 0

    async def write() -> AsyncGenerator[int, None]:
        nonlocal written
        for _ in range(200):
            await outlet.write(item)
            written += 1
            yield written

    async def all_of_it() -> None:
        async with aclosing(write()) as items:
            async for _ in items:
                await asyncio.sleep(0)

    writing = asyncio.create_task(all_of_it())
    done, _ = await asyncio.wait({writing}, timeout=1)
    assert not done
    assert written * len(item) <= 2 * PIECE
    line.reads.set()
    async with asyncio.timeout(60):
        await writing
        await outlet.end()
    *pieces, end = line.sent
    assert msgspec.json.decode(end) == {"stream": 7, "end": True}
    assert all(piece.startswith(b"7\n") for piece in pieces)
    assert b"".join(piece[2:] for piece in pieces) == item * 200
    assert max(map(len, pieces)) <= PIECE + len(item) + 2


async def test_a_client_that_does_not_read_its_one_stream_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "Pump", partial(Pump, beat=0.05, stall=0.2))
    monkeypatch.setattr(writer, "LAST_WORDS", 0.2)
    async with served() as server, aiohttp.ClientSession(cookies={"argocd.token": TOKEN}) as http:
        server.say("1", *[b'"%s"' % (b"x" * PIECE)] * 1500)
        async with http.get(f"http://{LOOPBACK}:{server.port}/stream/1"):
            await until(lambda: bool(server.requests) and server.unread > PIECE)
            transport = server.requests[0].transport
            assert transport is not None
            await until(lambda: server.ended == ["1"])
            await until(lambda: not transport.get_write_buffer_size())
