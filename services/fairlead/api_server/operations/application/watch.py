"""Following applications: what is there, or is newer than a version, then every change.

The invariant: a client that falls behind is cut off and reconnects; it is never shown a gap as none. What
its reader may no longer see, it is told to be gone; what they now may, to be new.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.encoded import ApplicationEvent
from fairlead.api_server.mirror import Change
from fairlead.api_server.operations.application import lookup, resources, select, wish
from fairlead.api_server.operations.application.requests import ApplicationQuery, ResourcesQuery
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc import controller

PASSING = frozenset({Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.UNKNOWN})
"""How a controller that is being replaced refuses: a stream that has begun outlives that."""
AGAIN = 1.0
"""Seconds until such a controller is asked again."""
BEAT = 5.0
"""Seconds after which a quiet stream says so, which is when a session is looked at again."""


async def watch(
    backend: Backend, caller: Caller, query: ApplicationQuery
) -> AsyncGenerator[ApplicationEvent | None, None]:
    """ApplicationWatchEvents; None first, and every BEAT seconds without one.

    With a resourceVersion and no name, what was written since that version comes first, as MODIFIED, so that
    nothing falls between a list and the stream that follows it.
    """
    lookup.require_namespace(backend, query.app_namespace)
    shown = _Shown(backend, caller, query)
    with backend.mirrors.applications.subscribed(select.named(query)) as subscription:
        yield None
        for kind, document in shown.at_first():
            yield await _event(backend, kind, document)
        while True:
            change = await subscription.next(seconds=BEAT)
            if subscription.overrun:
                raise RefusalError(Code.OUT_OF_RANGE, "the client was too slow; watch again")
            events = [*shown.after(change), *shown.after_rights()]
            for kind, document in events:
                yield await _event(backend, kind, document)
            if not events and change is None:
                yield None


Event = tuple[str, ApplicationDocument]


class _Shown:
    """What one stream has told of, by name."""

    def __init__(self, backend: Backend, caller: Caller, query: ApplicationQuery) -> None:
        self._backend = backend
        self._caller = caller
        self._matches = select.matcher(query)
        is_later = bool(query.resource_version) and not query.name
        self._since = _version(query.resource_version) if is_later else 0
        self._kind = "MODIFIED" if is_later else "ADDED"
        self._documents: dict[str, ApplicationDocument] = {}
        self._stamp = caller.rights.stamp()

    def at_first(self) -> Iterator[Event]:
        """Events for what is there, or is newer than the version asked for."""
        for document in filter(self._is_shown, self._backend.mirrors.applications.all()):
            self._documents[document.key] = document
            if _version(document.resource_version) > self._since:
                yield (self._kind, document)

    def after(self, change: Change[ApplicationDocument] | None) -> Iterator[Event]:
        """Events for a change."""
        if change is None:
            return
        document, former = change.value, self._documents.get(change.value.key)
        if change.type == "DELETED":
            self._documents.pop(document.key, None)
            if former is not None or self._is_shown(document):
                yield ("DELETED", document)
        elif self._is_shown(document):
            if former is None or former.json != document.json:
                self._documents[document.key] = document
                yield (change.type, document)
        elif former is not None and not lookup.may(self._caller, "get", document):
            del self._documents[document.key]
            yield ("DELETED", former)

    def after_rights(self) -> Iterator[Event]:
        """Events for what became visible or invisible since the last look, the rights having changed."""
        stamp = self._caller.rights.stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        for document in list(self._documents.values()):
            if not lookup.may(self._caller, "get", document):
                del self._documents[document.key]
                yield ("DELETED", document)
        for document in filter(self._is_shown, self._backend.mirrors.applications.all()):
            if document.key not in self._documents:
                self._documents[document.key] = document
                yield ("ADDED", document)

    def _is_shown(self, document: ApplicationDocument) -> bool:
        return self._matches(document) and lookup.may(self._caller, "get", document)


async def watch_tree(
    backend: Backend, caller: Caller, query: ResourcesQuery
) -> AsyncGenerator[msgspec.Raw | None, None]:
    """The resource tree now, and again as soon as it is another one; None first, and when none came.

    The right to see the application is asked for again with every tree.
    """
    seen, is_begun = "", False
    while True:
        document = lookup.find(
            backend,
            caller,
            query.application_name,
            namespace=query.app_namespace,
            project=query.project,
        )
        question = controller.AwaitTree(namespace=document.namespace, name=document.name, seen=seen)
        try:
            tree = await backend.ask.other_tree(await wish.shard(backend, document), question)
        except RefusalError as error:
            if not is_begun or error.code not in PASSING:
                raise
            yield None
            await asyncio.sleep(AGAIN)
            continue
        if not is_begun:
            yield None
        is_begun = True
        if tree.is_same:
            yield None
        else:
            seen = tree.digest
            yield msgspec.Raw(msgspec.json.encode(resources.shown_tree(tree)))


def _version(text: str) -> int:
    """A resourceVersion as a number; what is none is older than everything."""
    return int(text) if text.isdecimal() else 0


async def _event(backend: Backend, kind: str, document: ApplicationDocument) -> ApplicationEvent:
    if kind == "DELETED":
        return ApplicationEvent(kind, document)
    return ApplicationEvent(kind, await resources.told_to_all(backend, backend.moved.shown(document)))
