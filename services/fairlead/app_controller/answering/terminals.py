"""Terminals in containers of applications, for api-servers that come back for the next piece.

Invariant: a shell runs only in a pod below an object of its application, as whom the application's objects
are written, under the fence of its cluster; what nobody comes back for is ended. No byte of one is logged.
"""

from __future__ import annotations

import secrets
from itertools import chain
from typing import Any, Final

import msgspec
import structlog

from fairlead.app_controller.answering.named import Found, Named
from fairlead.app_controller.answering.shell import Shell
from fairlead.app_controller.answering.touch import told
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import POD
from fairlead.rpc.controller import ApplicationQuery
from fairlead.rpc.terminal import (
    MAX_INPUT,
    ClosedTerminal,
    OpenedTerminal,
    OpenTerminal,
    ReadTerminal,
    TerminalOutput,
    WriteTerminal,
    WroteTerminal,
)

log = structlog.get_logger(__name__)

MAX_TERMINALS: Final = 128
"""Terminals at once, of all applications."""
NOT_PART = "Pod doesn't belong to specified app"
NO_POD = "Cannot find pod"
NOT_RUNNING = "container find running"
"""The contract's words for a container that does not run, or is none of the pod's."""


class Terminals:
    """Answers `open-terminal`, `read-terminal`, `write-terminal` and `close-terminal`."""

    def __init__(self, named: Named) -> None:
        self._named = named
        self._open: dict[str, tuple[tuple[str, str], Shell]] = {}

    async def open(self, _: str, payload: bytes) -> bytes:
        """OpenTerminal -> OpenedTerminal."""
        query = decode(OpenTerminal, payload)
        found = self._found(query)
        pod, namespace = found.live.key.name, found.live.key.namespace
        raw = await told(found.writer.client.find(POD, pod, namespace))
        if raw is None:
            raise RemoteError("InvalidArgument", NO_POD)
        if not is_running(raw, query.container):
            raise RemoteError("InvalidArgument", NOT_RUNNING)
        if len(self._open) >= MAX_TERMINALS:
            raise RemoteError("FailedPrecondition", "too many terminals are open; close some")
        session = secrets.token_hex(16)
        shell = Shell(found, query.container, query.shells, ended=lambda: self._drop(session))
        self._open[session] = ((query.namespace, query.name), shell)
        log.info(
            "terminal.opened",
            app=f"{query.namespace}/{query.name}",
            cluster=found.cluster.server,
            pod=f"{namespace}/{pod}",
            container=query.container,
        )
        return encode(OpenedTerminal(session=session))

    async def read(self, _: str, payload: bytes) -> bytes:
        """ReadTerminal -> TerminalOutput."""
        query = decode(ReadTerminal, payload)
        data, is_over, problem = await self._shell(query).read()
        if is_over:
            self._drop(query.session)
        return encode(TerminalOutput(data=data, is_over=is_over, problem=problem))

    async def write(self, _: str, payload: bytes) -> bytes:
        """WriteTerminal -> WroteTerminal."""
        query = decode(WriteTerminal, payload)
        if len(query.data) > MAX_INPUT:
            raise RemoteError("InvalidArgument", f"input of more than {MAX_INPUT >> 10} KiB at once")
        shell = self._shell(query)
        if query.rows and query.columns:
            await told(shell.resize(query.rows, query.columns))
        if query.data:
            await told(shell.write(query.data))
        return encode(WroteTerminal())

    async def close(self, _: str, payload: bytes) -> bytes:
        """ReadTerminal -> ClosedTerminal."""
        query = decode(ReadTerminal, payload)
        self._named.record(query.namespace, query.name)
        owner, shell = self._open.get(query.session, (None, None))
        if shell is not None and owner == (query.namespace, query.name):
            self._drop(query.session)
            await shell.leave()
        return encode(ClosedTerminal())

    async def aclose(self) -> None:
        """End all of them."""
        for session in list(self._open):
            _, shell = self._open.pop(session)
            await shell.leave()

    def _found(self, query: OpenTerminal) -> Found:
        named = ApplicationQuery(
            namespace=query.namespace,
            name=query.name,
            resource_namespace=query.resource_namespace,
            resource_name=query.resource_name,
            kind="Pod",
        )
        try:
            return self._named.writable(named)
        except RemoteError as error:
            if error.code != "NotFound":
                raise
            raise RemoteError("InvalidArgument", NOT_PART) from error

    def _shell(self, query: ReadTerminal) -> Shell:
        self._named.record(query.namespace, query.name)
        owner, shell = self._open.get(query.session, (None, None))
        if shell is None or owner != (query.namespace, query.name):
            raise RemoteError("Aborted", "the terminal is not there any more; open it again")
        return shell

    def _drop(self, session: str) -> None:
        _, shell = self._open.pop(session, (None, None))
        if shell is not None:
            shell.end()


class _State(msgspec.Struct, frozen=True):
    running: dict[str, Any] | None = None


class _Container(msgspec.Struct, frozen=True):
    name: str = ""
    state: _State = _State()


class _PodStatus(msgspec.Struct, frozen=True, rename="camel"):
    phase: str = ""
    container_statuses: list[_Container] | None = None
    init_container_statuses: list[_Container] | None = None
    ephemeral_container_statuses: list[_Container] | None = None


class _Pod(msgspec.Struct, frozen=True):
    status: _PodStatus = _PodStatus()


def is_running(pod: bytes, container: str) -> bool:
    """Whether a container of that name runs in the pod: its own, a sidecar's or one added to look into it."""
    status = msgspec.json.decode(pod, type=_Pod).status
    kinds = (status.container_statuses, status.init_container_statuses, status.ephemeral_container_statuses)
    return status.phase == "Running" and any(
        each.name == container and each.state.running is not None
        for each in chain(*(kind or () for kind in kinds))
    )
