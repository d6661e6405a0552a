"""A terminal in a container of an application.

The invariant: nothing runs without `applications, get` and `exec, create`, which are asked for again all the
time; what was typed and shown is written down nowhere, only that it was, by whom and for how long.
"""

import codecs
import time
from collections.abc import AsyncGenerator
from contextlib import suppress

import msgspec
import structlog

from fairlead.api_server.audit.target import Target, of
from fairlead.api_server.documents import ApplicationDocument, key_of
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc.terminal import (
    CLOSE,
    MAX_INPUT,
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

log = structlog.get_logger(__name__)

IDLE_SECONDS = 900.0
"""Seconds after which a terminal in which nothing was typed and nothing shown is ended."""
OPENING, CLOSING = "TerminalService/Open", "TerminalService/Close"
VIA = "websocket"
MAX_SIDE = 1000
"""Rows, or columns."""


class TerminalQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose terminal, as the query of the contract names it."""

    pod: str = ""
    container: str = ""
    app_name: str = ""
    project_name: str = ""
    namespace: str = ""
    app_namespace: str = ""
    shell: str = ""


def authorised(backend: Backend, caller: Caller, query: TerminalQuery) -> ApplicationDocument:
    """The application, if the caller may open terminals in it. The right is asked for before the application
    is looked for, by the project that the caller names."""
    place = lookup.outside(backend, query.app_namespace)
    obj = authorize.application_object(query.project_name, query.app_name, place)
    authorize.require(caller, lookup.RESOURCE, "get", obj)
    authorize.require(caller, "exec", "create", obj)
    found = backend.mirrors.applications.get(key_of(place, query.app_name))
    if found is None:
        raise RefusalError(Code.NOT_FOUND, "App not found")
    if found.project != query.project_name:
        raise RefusalError(Code.INVALID_ARGUMENT, "The wrong project was specified for the app")
    return found


def let_in(backend: Backend, caller: Caller, query: TerminalQuery) -> None:
    """The same when one is asked for: somebody who may not leaves a record. Raises RefusalError."""
    try:
        authorised(backend, caller, query)
    except RefusalError as refusal:
        if refusal.code is Code.PERMISSION_DENIED:
            backend.auditor.tell(caller, OPENING, _target(query), via=VIA, code=refusal.code.title)
        raise


def _target(query: TerminalQuery) -> Target:
    resource = f"/Pod/{query.namespace}/{query.pod}"
    found = of(
        "Application",
        query.app_name,
        namespace=query.app_namespace,
        project=query.project_name,
        container=query.container,
    )
    return msgspec.structs.replace(found, resource=resource[:1024])


class Terminal:
    """One of them; to be closed. Made by `opened`."""

    def __init__(
        self,
        backend: Backend,
        caller: Caller,
        query: TerminalQuery,
        document: ApplicationDocument,
        *,
        shard: int,
        session: str,
    ) -> None:
        self._backend = backend
        self._caller = caller
        self._query = query
        self._document = document
        self._shard = shard
        self._ask = ReadTerminal(namespace=document.namespace, name=document.name, session=session)
        self._is_over = False
        self._opened = self._active = time.monotonic()
        self._typed = self._shown = 0
        self._record("TerminalOpened", "opened a terminal")
        backend.auditor.tell(caller, OPENING, _target(query), via=VIA)
        log.info("api.terminal.opened", **self._said(), security=3)

    def require(self) -> None:
        """Raises RefusalError unless it may go on: for the caller's rights, and while it is used."""
        authorised(self._backend, self._caller, self._query)
        if time.monotonic() - self._active >= IDLE_SECONDS:
            text = f"the terminal was not used for {IDLE_SECONDS / 60:g} minutes"
            raise RefusalError(Code.DEADLINE_EXCEEDED, text)

    async def output(self) -> AsyncGenerator[str | None, None]:
        """What is to be shown, until the shell ends; None when there was nothing for a while."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while not self._is_over:
            found = await self._backend.ask.act(self._shard, READ, self._ask, TerminalOutput)
            self._is_over = found.is_over
            self._shown += len(found.data)
            text = decoder.decode(found.data, final=found.is_over)
            if found.problem:
                text += f"\r\n{found.problem}\r\n"
            if text:
                self._active = time.monotonic()
            yield text or None

    async def write(self, text: str) -> None:
        """What was typed."""
        data = text.encode(errors="replace")
        self._typed += len(data)
        self._active = time.monotonic()
        for start in range(0, len(data), MAX_INPUT):
            await self._write(data=data[start : start + MAX_INPUT])

    async def resize(self, rows: int, columns: int) -> None:
        """The size that it is shown in; one that none can have is passed over."""
        if 0 < rows <= MAX_SIDE and 0 < columns <= MAX_SIDE:
            await self._write(rows=rows, columns=columns)

    async def close(self) -> None:
        """End it, telling the shell that its input has ended."""
        seconds = round(time.monotonic() - self._opened, 1)
        target = _target(self._query)
        self._backend.auditor.tell(self._caller, CLOSING, target, via=VIA, milliseconds=seconds * 1000)
        self._record("TerminalClosed", f"closed a terminal after {seconds:g} s")
        log.info(
            "api.terminal.closed",
            **self._said(),
            seconds=seconds,
            typed_bytes=self._typed,
            shown_bytes=self._shown,
            security=3,
        )
        if not self._is_over:
            self._is_over = True
            with suppress(RefusalError):
                await self._backend.ask.act(self._shard, CLOSE, self._ask, ClosedTerminal)

    async def _write(self, *, data: bytes = b"", rows: int = 0, columns: int = 0) -> None:
        ask = self._ask
        question = WriteTerminal(
            namespace=ask.namespace,
            name=ask.name,
            session=ask.session,
            data=data,
            rows=rows,
            columns=columns,
        )
        await self._backend.ask.act(self._shard, WRITE, question, WroteTerminal)

    def _record(self, reason: str, did: str) -> None:
        query = self._query
        action = f"{did} in container {query.container} of pod {query.namespace}/{query.pod}"
        subject = lookup.subject(lookup.application(self._document))
        self._backend.recorder.record(subject, reason, user=self._caller.known_as, action=action)

    def _said(self) -> dict[str, object]:
        return {
            "user": self._caller.username,
            "issuer": self._caller.issuer,
            "session": self._caller.token_id,
            "address": self._caller.address,
            "application": f"{self._document.namespace}/{self._document.name}",
            "project": self._document.project,
            "pod": f"{self._query.namespace}/{self._query.pod}",
            "container": self._query.container,
        }


async def opened(backend: Backend, caller: Caller, query: TerminalQuery) -> Terminal:
    """A shell that is allowed, in a container of the application. Raises RefusalError."""
    document = authorised(backend, caller, query)
    allowed = backend.control.presentation.exec_shells
    shard = await wish.shard(backend, document)
    question = OpenTerminal(
        namespace=document.namespace,
        name=document.name,
        resource_namespace=query.namespace,
        resource_name=query.pod,
        kind="Pod",
        container=query.container,
        shells=(query.shell,) if query.shell in allowed else allowed,
    )
    found = await backend.ask.act(shard, OPEN, question, OpenedTerminal)
    return Terminal(backend, caller, query, document, shard=shard, session=found.session)
