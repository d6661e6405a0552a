"""`/terminal`: a terminal in a browser, over a WebSocket (contract 14).

The invariant: a terminal lives no longer than the session and the rights it was opened with, which are looked
at before each message of the client and every five seconds; pages of others open none.
"""

import asyncio
import re
from contextlib import suppress

import msgspec
from aiohttp import WSMsgType, web

from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.places import Places
from fairlead.api_server.calls.pump import SLOW, Pump
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.terminal import Terminal, TerminalQuery, let_in, opened
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest import origin
from fairlead.api_server.rest.connection import is_known
from fairlead.api_server.rest.errors import status_of
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.pace import last_words
from fairlead.api_server.rest.served import Served
from fairlead.auth import cookies

METHOD = "/fairlead.TerminalService/Open"
"""What records and counts call it."""
MAX_TERMINALS = 64
"""Terminals open at once."""
MAX_TERMINALS_OF_ONE = 8
"""Terminals one account may have open."""
MAX_FRAME = 256 << 10
"""Bytes of one message of a client."""
CLOSE_SECONDS = 2.0
WORDS = "words.fairlead.dev"
"""The subprotocol of pages that want to be told why a terminal is refused: browsers show no answer to a
handshake but the one that begins. The line is closed at once, its code `CLOSED` and the HTTP status."""
CLOSED = 4000
MAX_REASON = 120
"""Bytes of the reason of a close."""
DENIED = "Permission denied"
RECONNECT = "\nReconnect because the token was refreshed...\n"
RECONNECT_FRAME = '{"Code":1}'
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAMED = (
    ("pod", "Pod", _SUBDOMAIN),
    ("container", "Container", _SUBDOMAIN),
    ("app_name", "App", _SUBDOMAIN),
    ("project_name", "Project", _SUBDOMAIN),
    ("namespace", "Namespace", _LABEL),
    ("app_namespace", "App namespace", _LABEL),
)


class _RefusedError(Exception):
    """A handshake that is answered otherwise."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.response = web.Response(status=status, text=text)
        self.refusal = RefusalError(_CODES.get(status, Code.INVALID_ARGUMENT), text)


_CODES = {401: Code.UNAUTHENTICATED, 403: Code.PERMISSION_DENIED, 404: Code.NOT_FOUND}


class _Frame(msgspec.Struct, frozen=True):
    operation: str = ""
    data: str = ""
    rows: int = 0
    cols: int = 0


_FRAME = msgspec.json.Decoder(_Frame)


def handler_of(backend: Backend, served: Served) -> Handler:
    """The handler."""
    places = Places(MAX_TERMINALS, MAX_TERMINALS_OF_ONE, what="terminals")

    async def handle(request: web.Request) -> web.StreamResponse:
        call = Call(METHOD, "websocket")
        caller: Caller | None = None
        try:
            caller, renewed = await _caller(backend, request)
            call.of(caller)
            query = _query(backend, request)
            _require(backend, caller, query)
            line = _line(request)
            with places.taken(caller):
                terminal = await opened(backend, caller, query)
                try:
                    path, secure = served.path, served.secure
                    for value in cookies.cut(renewed, path=path, secure=secure) if renewed else ():
                        line.headers.add("Set-Cookie", value)
                    await line.prepare(request)
                    call.started()
                    await _Conversation(backend, caller, terminal, line, request).run()
                finally:
                    await asyncio.shield(terminal.close())
        except _RefusedError as error:
            call.refused(error.refusal)
            return await _refuse(backend, request, caller, error.response)
        except ConnectionError:
            call.dropped()
            return web.Response()
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            status = 401 if refusal.code is Code.PERMISSION_DENIED else status_of(refusal)
            response = web.Response(status=status, text=refusal.message)
            return await _refuse(backend, request, caller, response)
        call.answered()
        return line

    return handle


async def _refuse(
    backend: Backend, request: web.Request, caller: Caller | None, response: web.Response
) -> web.StreamResponse:
    """The answer, or its words on a line for somebody whose page asked for them."""
    line = _line_of()
    wants = WORDS in request.headers.get("Sec-WebSocket-Protocol", "")
    if caller is None or not wants or not _is_our_page(backend, request) or not line.can_prepare(request):
        return response
    reason = (response.text or "").encode()[:MAX_REASON].decode(errors="ignore").encode()
    with suppress(ConnectionError):
        await line.prepare(request)
        await line.close(code=CLOSED + response.status, message=reason)
    return line


async def _caller(backend: Backend, request: web.Request) -> tuple[Caller, str]:
    """Who asks, by the cookie alone, and a session to go on with when the cookie's is near its end."""
    token = cookies.joined(request.cookies)
    try:
        found = await backend.identities.identify(token, request.remote or "")
        if found.renewed:
            renewed = await backend.identities.identify(found.renewed, request.remote or "")
            is_known(request)
            return renewed.caller, found.renewed
    except RefusalError:
        raise _RefusedError(*((401, "Invalid token") if token else (400, "Auth cookie not found"))) from None
    if not found.caller.is_trusted:
        raise _RefusedError(*((401, "Invalid token") if token else (400, "Auth cookie not found")))
    is_known(request)
    return found.caller, ""


def _query(backend: Backend, request: web.Request) -> TerminalQuery:
    """What is asked for. Raises _RefusedError in the contract's words and order."""
    if not _is_our_page(backend, request):
        raise _RefusedError(403, origin.REFUSED)
    if not backend.control.presentation.exec_enabled:
        raise _RefusedError(404)
    query = msgspec.convert(dict(request.query), TerminalQuery)
    if not all((query.pod, query.container, query.app_name, query.project_name, query.namespace)):
        raise _RefusedError(400, "Missing required parameters")
    for field, shown, pattern in _NAMED:
        value = getattr(query, field)
        if value and not pattern.fullmatch(value):
            raise _RefusedError(400, f"{shown} name is not valid")
    return query


def _require(backend: Backend, caller: Caller, query: TerminalQuery) -> None:
    try:
        lookup.require_namespace(backend, query.app_namespace)
    except RefusalError as error:
        raise _RefusedError(403, error.message) from None
    let_in(backend, caller, query)


def _is_our_page(backend: Backend, request: web.Request) -> bool:
    return origin.is_our_page(request, backend.control.settings.login.urls)


def _line_of() -> web.WebSocketResponse:
    return web.WebSocketResponse(
        timeout=CLOSE_SECONDS, max_msg_size=MAX_FRAME, compress=False, protocols=(WORDS,)
    )


def _line(request: web.Request) -> web.WebSocketResponse:
    line = _line_of()
    if not line.can_prepare(request):
        raise _RefusedError(400, "Failed to start terminal session")
    return line


class _Conversation:
    """Carries what is typed and what is shown, until either side or the caller's right ends."""

    def __init__(
        self,
        backend: Backend,
        caller: Caller,
        terminal: Terminal,
        line: web.WebSocketResponse,
        request: web.Request,
    ) -> None:
        self._backend = backend
        self._caller = caller
        self._terminal = terminal
        self._line = line
        self._request = request

    async def run(self) -> None:
        """Return when it has ended."""
        showing = asyncio.create_task(Pump(self, self._look).run(self._terminal.output()))
        typing = asyncio.create_task(self._listen())
        both = {showing, typing}
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        error = next((task.exception() for task in done if task.exception()), None)
        await self._end(refusal_of(error) if isinstance(error, Exception) else None)

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        transport = self._request.transport
        return self._line.closed or transport is None or transport.is_closing()

    async def result(self, item: str) -> None:
        """Show it."""
        with suppress(ConnectionError):
            await self._line.send_str(_shown(item))

    async def beat(self) -> None:
        """Keep the connection open."""
        with suppress(ConnectionError):
            await self._line.ping()

    async def _look(self) -> None:
        """Whether there are terminals, the session holds and is not about to be replaced, and what it may."""
        if not self._backend.control.presentation.exec_enabled:
            raise RefusalError(Code.PERMISSION_DENIED, "terminals are switched off")
        found = await self._backend.identities.identify(self._caller.token, self._caller.address)
        if found.renewed:
            raise RefusalError(Code.UNAUTHENTICATED, "the session was renewed")
        self._terminal.require()

    async def _listen(self) -> None:
        """Take what the client sends; what cannot be read ends the terminal."""
        async for message in self._line:
            await self._look()
            frame = _read(message.data) if message.type is WSMsgType.TEXT else None
            if frame is None:
                return
            if frame.operation == "stdin":
                await self._terminal.write(frame.data)
            elif frame.operation == "resize":
                await self._terminal.resize(frame.rows, frame.cols)
            else:
                return

    async def _end(self, refusal: RefusalError | None) -> None:
        """Say why, unless the client does not read."""
        transport = self._request.transport

        def cut() -> None:
            if transport is not None:
                transport.abort()

        try:
            await last_words(self._say(refusal), cut, seconds=CLOSE_SECONDS)
        except ConnectionError:
            cut()

    async def _say(self, refusal: RefusalError | None) -> None:
        for frame in _last_words(refusal):
            await self._line.send_str(frame)
        await self._line.close()


def _last_words(refusal: RefusalError | None) -> list[str]:
    if refusal is None or refusal.message == SLOW:
        return []
    if refusal.code is Code.UNAUTHENTICATED:
        return [_shown(RECONNECT), RECONNECT_FRAME]
    if refusal.code is Code.PERMISSION_DENIED:
        return [_shown(DENIED)]
    return [_shown(f"\r\n{refusal.message}\r\n")]


def _read(text: str) -> _Frame | None:
    try:
        return _FRAME.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _shown(text: str) -> str:
    return msgspec.json.encode({"operation": "stdout", "data": text}).decode()
