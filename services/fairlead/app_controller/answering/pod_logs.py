"""Logs of an application's pods, for readers that come back for the next piece.

Invariant: only pods below objects of the application are read; what nobody comes back for is closed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final
from urllib.parse import urlencode

from fairlead.app_controller.answering.log_feed import Feed, Stamped, merged, nanoseconds
from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.item import Comparison, Subject
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import maps_at, text_at
from fairlead.manifest.identity import GroupKind
from fairlead.rpc.logs import (
    ALL_CONTAINERS,
    WAIT_SECONDS,
    Closed,
    LogLine,
    LogLines,
    NextPodLogs,
    OpenedPodLogs,
    OpenPodLogs,
)

MAX_SESSIONS: Final = 256
"""Readers at once."""
IDLE_SECONDS: Final = 60.0
"""After which a reader that does not come back has left."""
MAX_LINES: Final = 1000
MAX_BYTES: Final = 512 << 10
"""Of one piece."""
SILENCE_SECONDS: Final = 30.0
"""How long the API server may say nothing of a log that is not followed."""
FOLLOW_SECONDS: Final = 6 * 3600.0
"""How long a pod that is followed may say nothing."""
POD: Final = GroupKind("", "Pod")
MAX_DEPTH: Final = 16
MAX_FEEDS: Final = 100
"""Containers that one reader reads."""

Compared = Callable[[Record], Awaitable[tuple[Subject, Comparison] | None]]


class PodLogs:
    """Answers `open-pod-logs`, `next-pod-logs` and `close-pod-logs`."""

    def __init__(self, named: Named, compared: Compared) -> None:
        self._named = named
        self._compared = compared
        self._sessions: dict[str, _Session] = {}

    async def open(self, _: str, payload: bytes) -> bytes:
        """OpenPodLogs -> OpenedPodLogs."""
        query = decode(OpenPodLogs, payload)
        record, cluster = self._named.place(query)
        until = nanoseconds(query.until_time) if query.until_time else None
        if query.until_time and until is None:
            raise RemoteError("InvalidArgument", f"invalid untilTime parameter value: {query.until_time}")
        pods = await self._pods(query, record, cluster)
        if not pods:
            return encode(OpenedPodLogs())
        containers = [(pod, name) for pod in pods for name in _containers(pod, query)]
        if len(pods) > query.max_pods or len(containers) > MAX_FEEDS:
            text = "max pods to view logs are reached. Please provide more granular query"
            raise RemoteError("InvalidArgument", text)
        if len(self._sessions) >= MAX_SESSIONS:
            raise RemoteError("FailedPrecondition", "too many logs are being read; close some")
        name = secrets.token_hex(16)
        feeds = [
            Feed(_told_of(pod, container, query), _chunks(cluster, pod, container, query))
            for pod, container in containers
        ]
        self._sessions[name] = _Session(
            (query.namespace, query.name), feeds, until, _kept(query), lambda: self._end(name)
        )
        return encode(OpenedPodLogs(session=name))

    async def next(self, _: str, payload: bytes) -> bytes:
        """NextPodLogs -> LogLines."""
        query = decode(NextPodLogs, payload)
        self._named.record(query.namespace, query.name)
        session = self._sessions.get(query.session)
        if session is None or session.owner != (query.namespace, query.name):
            raise RemoteError("Aborted", "these logs are not read any more; ask for them again")
        lines, is_last = await session.next()
        if is_last:
            self._end(query.session)
        return encode(LogLines(lines=tuple(lines), is_last=is_last))

    async def close(self, _: str, payload: bytes) -> bytes:
        """NextPodLogs -> Closed."""
        query = decode(NextPodLogs, payload)
        self._named.record(query.namespace, query.name)
        session = self._sessions.get(query.session)
        if session is not None and session.owner == (query.namespace, query.name):
            self._end(query.session)
        return encode(Closed())

    async def aclose(self) -> None:
        """Stop reading everything."""
        for name in list(self._sessions):
            self._end(name)

    def _end(self, name: str) -> None:
        session = self._sessions.pop(name, None)
        if session is not None:
            session.end()

    async def _pods(self, query: OpenPodLogs, record: Record, cluster: Cluster) -> list[LiveObject]:
        """The pods that are meant, each of which belongs to the application, by name."""
        compared = await self._compared(record)
        roots = [item.live for item in compared[1].items if item.live is not None] if compared else []
        is_narrowed = bool(query.kind or query.resource_name or query.group)
        found: dict[str, LiveObject] = {}
        seen: set[str] = set()
        level = [(root, not is_narrowed) for root in roots]
        for _ in range(MAX_DEPTH):
            below: list[tuple[LiveObject, bool]] = []
            for live, is_wanted in level:
                if live.uid in seen and not is_wanted:
                    continue
                seen.add(live.uid)
                wanted = is_wanted or _is_named(live, query)
                if wanted and live.group_kind == POD and _is_pod(live, query):
                    found[live.uid] = live
                below += [(child, wanted) for child in cluster.live.children_of(live.uid)]
            level = below
        return sorted(found.values(), key=lambda pod: (pod.key.namespace, pod.key.name))


class _Session:
    """What one reader reads. `ended` is called when nobody came back."""

    def __init__(
        self,
        owner: tuple[str, str],
        feeds: list[Feed],
        until: int | None,
        is_kept: Callable[[LogLine], bool],
        ended: Callable[[], None],
    ) -> None:
        self.owner = owner
        self._until = until
        self._is_kept = is_kept
        self._ended = ended
        self._lines = merged(feeds)
        self._reading = [asyncio.create_task(feed.run()) for feed in feeds]
        self._ahead: asyncio.Task[Stamped] | None = None
        self._turn = asyncio.Lock()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, ended)

    async def next(self) -> tuple[list[LogLine], bool]:
        """The lines there are, or the first that comes within WAIT_SECONDS; whether they are the last."""
        async with self._turn:
            self._timer.cancel()
            try:
                return await self._piece()
            finally:
                self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._ended)

    async def _piece(self) -> tuple[list[LogLine], bool]:
        found: list[LogLine] = []
        size = 0
        loop = asyncio.get_running_loop()
        due = loop.time() + WAIT_SECONDS
        while len(found) < MAX_LINES and size < MAX_BYTES:
            if self._ahead is None:
                self._ahead = asyncio.ensure_future(anext(self._lines))
            patience = 0.15 if found else due - loop.time()
            done, _ = await asyncio.wait({self._ahead}, timeout=max(0.0, patience))
            if not done:
                break
            task, self._ahead = self._ahead, None
            try:
                stamped = task.result()
            except StopAsyncIteration:
                return found, True
            if self._until is not None and stamped.at > self._until:
                return found, True
            if self._is_kept(stamped.line):
                found.append(stamped.line)
                size += len(stamped.line.content)
            elif loop.time() >= due:
                break
        return found, False

    def end(self) -> None:
        """Stop reading."""
        self._timer.cancel()
        for task in (*self._reading, *([self._ahead] if self._ahead else [])):
            task.cancel()


def _containers(pod: LiveObject, query: OpenPodLogs) -> list[str]:
    """The containers of a pod that are meant; "" leaves it to the API server."""
    if query.container != ALL_CONTAINERS:
        return [query.container]
    spec = [*maps_at(pod.brief(), "spec", "initContainers"), *maps_at(pod.brief(), "spec", "containers")]
    return [name for one in spec if (name := text_at(one, "name"))]


def _told_of(pod: LiveObject, container: str, query: OpenPodLogs) -> str:
    """What lines are told as of."""
    return f"{pod.key.name}/{container}" if query.container == ALL_CONTAINERS else pod.key.name


def _chunks(
    cluster: Cluster, pod: LiveObject, container: str, query: OpenPodLogs
) -> AsyncGenerator[bytes, None]:
    params: dict[str, str] = {"timestamps": "true"}
    if container:
        params["container"] = container
    if query.follow:
        params["follow"] = "true"
    if query.previous:
        params["previous"] = "true"
    if query.since_seconds > 0:
        params["sinceSeconds"] = str(query.since_seconds)
    elif query.since_time:
        params["sinceTime"] = query.since_time
    if query.tail_lines > 0:
        params["tailLines"] = str(query.tail_lines)
    silence = FOLLOW_SECONDS if query.follow else SILENCE_SECONDS
    return cluster.client.pod_log(pod.key.name, pod.key.namespace, urlencode(params), silence_seconds=silence)


def _is_named(live: LiveObject, query: OpenPodLogs) -> bool:
    return (
        query.group in ("", live.key.group)
        and query.kind in ("", live.key.kind)
        and query.resource_name in ("", live.key.name)
    )


def _is_pod(live: LiveObject, query: OpenPodLogs) -> bool:
    return query.pod in ("", live.key.name) and query.resource_namespace in ("", live.key.namespace)


def _kept(query: OpenPodLogs) -> Callable[[LogLine], bool]:
    """Whether a line holds what is looked for, or does not when that begins with `!`."""
    inverted = query.filter.startswith("!")
    wanted = query.filter[1:] if inverted else query.filter
    if not wanted:
        return lambda _: True
    if query.match_case:
        return lambda line: (wanted in line.content) is not inverted
    lowered = wanted.lower()
    return lambda line: (lowered in line.content.lower()) is not inverted
