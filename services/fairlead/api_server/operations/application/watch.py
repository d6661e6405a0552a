"""Following applications: what is there, or is newer than a version, then every change.

The invariant: a client that falls behind is cut off and reconnects; it is never shown a gap as none.
"""

from collections.abc import AsyncGenerator

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.mirror import Change
from fairlead.api_server.operations.application import lookup, resources, select
from fairlead.api_server.operations.application.requests import ApplicationQuery, ResourcesQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

BEAT = 5.0
"""Seconds after which a quiet stream says so, which is when a session is looked at again."""


async def watch(
    backend: Backend, caller: Caller, query: ApplicationQuery
) -> AsyncGenerator[msgspec.Raw | None, None]:
    """ApplicationWatchEvents as JSON; None first, and every BEAT seconds without one.

    With a resourceVersion and no name, what was written since that version comes first, as MODIFIED, so that
    nothing falls between a list and the stream that follows it.
    """
    lookup.require_namespace(backend, query.app_namespace)
    matches = select.matcher(query)
    last: dict[str, bytes] = {}

    def is_shown(document: ApplicationDocument) -> bool:
        return matches(document) and lookup.may(caller, "get", document)

    with backend.mirrors.applications.subscribed() as subscription:
        yield None
        kind, since = "ADDED", 0
        if query.resource_version and not query.name:
            kind, since = "MODIFIED", _version(query.resource_version)
        for document in filter(is_shown, backend.mirrors.applications.all()):
            if _version(document.resource_version) > since:
                last[document.name] = document.json
                yield await _event(backend, kind, document)
        while True:
            change = await subscription.next(seconds=BEAT)
            if subscription.overrun:
                raise RefusalError(Code.OUT_OF_RANGE, "the client was too slow; watch again")
            if change is None:
                yield None
            elif is_shown(change.value) and _is_news(change, last):
                yield await _event(backend, change.type, change.value)


async def watch_tree(
    backend: Backend, caller: Caller, query: ResourcesQuery
) -> AsyncGenerator[msgspec.Raw | None, None]:
    """The resource tree now, and again whenever it is another one; None first, and every BEAT seconds."""
    name = query.application_name
    with backend.mirrors.applications.subscribed() as subscription:
        shown = msgspec.json.encode(await resources.tree(backend, caller, query))
        yield None
        yield msgspec.Raw(shown)
        while True:
            change = await subscription.next(seconds=BEAT)
            if subscription.overrun:
                raise RefusalError(Code.OUT_OF_RANGE, "the client was too slow; watch again")
            if change is not None and change.value.name != name:
                continue
            tree = msgspec.json.encode(await resources.tree(backend, caller, query))
            yield None if tree == shown else msgspec.Raw(tree)
            shown = tree


def _version(text: str) -> int:
    """A resourceVersion as a number; what is none is older than everything."""
    return int(text) if text.isdecimal() else 0


def _is_news(change: Change[ApplicationDocument], last: dict[str, bytes]) -> bool:
    document = change.value
    if change.type == "DELETED":
        last.pop(document.name, None)
        return True
    if last.get(document.name) == document.json:
        return False
    last[document.name] = document.json
    return True


async def _event(backend: Backend, kind: str, document: ApplicationDocument) -> msgspec.Raw:
    shown = (
        document.json
        if kind == "DELETED"
        else await resources.with_tree_health(backend, backend.moved.shown(document))
    )
    return msgspec.Raw(b'{"type":"%b","application":%b}' % (kind.encode(), shown))
