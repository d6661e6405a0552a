"""How declared repositories were found when they were last tried, and trying them again.

Invariant: a state belongs to the credentials it was found with; when these change it is forgotten.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import structlog

from fairlead.api_server.ask import Ask
from fairlead.api_server.kinds import SECRETS
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.rpc.access import TriedAccess

log = structlog.get_logger(__name__)

HOLDS = 180.0
"""Seconds for which a repository that could be read is believed to be readable."""
FAILURE_HOLDS = 20.0
"""Seconds for which one that could not is not tried again."""
AT_ONCE = 8
"""Repositories tried at the same time."""
PATIENCE = 12.0
"""Seconds that an answer waits for repositories that are being tried; they are tried to the end."""
MAX_KNOWN = 10_000
TRYING = {"status": "Unknown", "message": "the repository is being tried"}


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A declared repository: its Secrets (its own first, then its template's) by name and version."""

    url: str
    project: str
    kind: str
    secrets: tuple[tuple[str, str], ...]


class Connections:
    """The states, by what they were found with."""

    def __init__(self, client: KubeClient, namespace: str, ask: Ask) -> None:
        self._client = client
        self._namespace = namespace
        self._ask = ask
        self._known: dict[Tried, tuple[float, dict[str, Any]]] = {}
        self._running: dict[tuple[Tried, bool], asyncio.Task[None]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def states(self, wanted: Iterable[Tried], *, force: bool = False) -> list[Mapping[str, Any]]:
        """The state of each, tried now where none is known, or with `force` in any case."""
        wanted = list(wanted)
        tasks = [self._trying(each, force=force) for each in wanted if force or not self._is_known(each)]
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE)
        return [self._known[each][1] if each in self._known else TRYING for each in wanted]

    def _is_known(self, wanted: Tried) -> bool:
        if wanted not in self._known:
            return False
        until, _ = self._known[wanted]
        return time.monotonic() < until

    def _trying(self, wanted: Tried, *, force: bool) -> "asyncio.Task[None]":
        """Who insists does not share the answer of who is content with an older look."""
        key = (wanted, force)
        task = self._running.get(key) or self._running.get((wanted, True))
        if task is None:
            task = self._running[key] = asyncio.create_task(self._try(wanted, force=force))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return task

    async def _try(self, wanted: Tried, *, force: bool) -> None:
        async with self._gate:
            tried = await self._tried(wanted, 0.0 if force else HOLDS)
        problem = tried.problem
        state: dict[str, Any] = {"status": "Successful", "attemptedAt": _ago(tried.age)}
        if problem:
            state |= {"status": "Failed", "message": f"Unable to connect to repository: {problem}"}
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        holds = FAILURE_HOLDS if problem else HOLDS
        self._known[wanted] = (time.monotonic() + holds, state)

    async def _tried(self, wanted: Tried, max_age: float) -> TriedAccess:
        """The owner's own look when it is young enough, so that a list of all costs no host anything."""
        try:
            data: dict[str, str] = {}
            for name, _ in reversed(wanted.secrets):
                raw = await self._client.get(SECRETS, name, self._namespace)
                data |= _values(raw)
            return await self._ask.try_access(wanted.url, wanted.project, wanted.kind, data, max_age=max_age)
        except KubeError as error:
            return TriedAccess(problem=f"its Secret could not be read (status {error.status})")
        except RefusalError as error:
            return TriedAccess(problem=error.message)
        except Exception as error:
            log.exception("api.repository.not_tried", error=type(error).__name__)
            return TriedAccess(problem="it could not be tried; the log of the api-server says more")


def _values(raw: bytes) -> dict[str, str]:
    found: dict[str, bytes] = msgspec.json.decode(raw, type=_Secret).data
    return {key: value.decode(errors="replace") for key, value in found.items() if value}


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, bytes] = {}


def _ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
