"""Logs of an application's pods.

The invariant: nothing is read without `logs, get`, which is asked for again with every piece; the last entry
says that it is the last, and a reader that leaves is told to the controller.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.application.requests import PodLogsQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc.logs import (
    CLOSE,
    NEXT,
    OPEN,
    Closed,
    LogLine,
    LogLines,
    NextPodLogs,
    OpenedPodLogs,
    OpenPodLogs,
)

NEVER = "0001-01-01T00:00:00Z"
"""The time of what is told in a pod's stead."""
LEAVE_SECONDS = 2.0
MAX_FILTER = 1024
"""Characters of a filter."""


async def pod_logs(
    backend: Backend, caller: Caller, query: PodLogsQuery
) -> AsyncGenerator[msgspec.Raw | None, None]:
    """LogEntries as JSON; None first, and whenever none came for a while."""
    document = _authorised(backend, caller, query)
    if len(query.filter) > MAX_FILTER:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the filter is longer than {MAX_FILTER} characters")
    shard = await wish.shard(backend, document)
    opened = await backend.ask.act(shard, OPEN, _question(backend, document, query), OpenedPodLogs)
    yield None
    if not opened.session:
        return
    ask = NextPodLogs(namespace=document.namespace, name=document.name, session=opened.session)
    is_last = False
    try:
        while not is_last:
            found = await backend.ask.act(shard, NEXT, ask, LogLines)
            is_last = found.is_last
            for line in found.lines:
                yield _entry(line)
            if not found.lines:
                yield None
            _authorised(backend, caller, query)
        yield _last()
    finally:
        if not is_last:
            with suppress(RefusalError, TimeoutError):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await backend.ask.act(shard, CLOSE, ask, Closed)


def _authorised(backend: Backend, caller: Caller, query: PodLogsQuery) -> ApplicationDocument:
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    authorize.require(caller, "logs", "get", lookup.object_of(document))
    return document


def _question(backend: Backend, document: ApplicationDocument, query: PodLogsQuery) -> OpenPodLogs:
    return OpenPodLogs(
        namespace=document.namespace,
        name=document.name,
        resource_namespace=query.namespace,
        resource_name=query.resource_name,
        group=query.group,
        kind=query.kind,
        pod=query.pod_name,
        container=query.container,
        since_seconds=query.since_seconds,
        since_time=_time(query.since_time),
        until_time=query.until_time,
        tail_lines=query.tail_lines,
        follow=query.follow,
        previous=query.previous,
        filter=query.filter,
        match_case=query.match_case,
        max_pods=backend.control.settings.max_pod_logs,
    )


def _time(value: object) -> str:
    """A time as protobuf's JSON or as a query writes it: text, or seconds in a map."""
    if isinstance(value, dict):
        seconds = value.get("seconds", 0)
        moment = datetime.fromtimestamp(int(seconds), UTC) if str(seconds).isdecimal() else None
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None and int(seconds) > 0 else ""
    return value if isinstance(value, str) else ""


def _entry(line: LogLine) -> msgspec.Raw:
    return _encoded(line.content, line.at or NEVER, line.pod)


def _last() -> msgspec.Raw:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return _encoded("", now, "", is_last=True)


def _encoded(content: str, at: str, pod: str, *, is_last: bool = False) -> msgspec.Raw:
    """One entry; the time of nothing is null in JSON, as a zero time is for the Go clients."""
    entry = {
        "content": content,
        "timeStamp": None if at == NEVER else _whole_seconds(at),
        "last": is_last,
        "timeStampStr": at,
        "podName": pod,
    }
    return msgspec.Raw(msgspec.json.encode(entry))


def _whole_seconds(at: str) -> str:
    """A time of any fraction and zone, to the second."""
    zone = at[19:].lstrip(".0123456789") or "Z"
    return datetime.fromisoformat(at[:19] + zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
