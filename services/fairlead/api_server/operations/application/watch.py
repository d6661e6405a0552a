"""Following applications: what is there, or is newer than a version, then every change.

The invariant: a client that falls behind is cut off and reconnects; it is never shown a gap as none. What
its reader may no longer see, it is told to be gone; what they now may, to be new.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence

import msgspec

from fairlead.api_server.crowds import Crowd, Told
from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.encoded import ApplicationEvent, ApplicationEvents
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
TOGETHER = 50
"""Events that are encoded at once, in some milliseconds."""


async def watch(
    backend: Backend, caller: Caller, query: ApplicationQuery
) -> AsyncGenerator[Told | None, None]:
    """ApplicationWatchEvents; None first, and every BEAT seconds without one.

    With a resourceVersion and no name, what was written since that version comes first, as MODIFIED, so that
    nothing falls between a list and the stream that follows it.
    """
    lookup.require_namespace(backend, query.app_namespace)
    asked = msgspec.structs.replace(query, resource_version="")
    key = (caller.rights.of_whom(), msgspec.json.encode(asked))

    def begin() -> Crowd[_Shown]:
        mirror = backend.mirrors.applications
        return Crowd(mirror, select.named(query), lambda: _Shown(backend, caller, asked))

    with backend.crowds.joined(key, begin) as (teller, member):
        first = teller.newer_than(query)
        yield None
        for some in _divided(first):
            yield await _encoded(backend, some)
        while True:
            yield await member.next(seconds=BEAT)


Event = tuple[str, ApplicationDocument]


class _Shown:
    """What some streams were told of, by name."""

    def __init__(self, backend: Backend, caller: Caller, query: ApplicationQuery) -> None:
        self._backend = backend
        self._caller = caller
        self._matches = select.matcher(query)
        self._stamp = caller.rights.stamp()
        shown = filter(self._is_shown, backend.mirrors.applications.all())
        self._documents = {document.key: document for document in shown}

    @property
    def is_current(self) -> bool:
        """Whether the rights are those that it was told under."""
        return self._caller.rights.stamp() == self._stamp

    def newer_than(self, query: ApplicationQuery) -> list[Event]:
        """Events for what is there, or is newer than the version asked for."""
        is_later = bool(query.resource_version) and not query.name
        since = _version(query.resource_version) if is_later else 0
        kind = "MODIFIED" if is_later else "ADDED"
        return [
            (kind, document)
            for _, document in sorted(self._documents.items())
            if _version(document.resource_version) > since
        ]

    async def after(self, changes: Sequence[Change[ApplicationDocument]]) -> list[ApplicationEvents]:
        """Events for changes, and for rights that are others by now."""
        events = [event for change in changes for event in self._after(change)]
        events += self._after_rights()
        return [await _encoded(self._backend, some) for some in _divided(events)]

    def _after(self, change: Change[ApplicationDocument]) -> Iterator[Event]:
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

    def _after_rights(self) -> Iterator[Event]:
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


def _divided(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    return (events[at : at + TOGETHER] for at in range(0, len(events), TOGETHER))


async def _encoded(backend: Backend, events: Sequence[Event]) -> ApplicationEvents:
    return ApplicationEvents([await _event(backend, kind, document) for kind, document in events])


async def _event(backend: Backend, kind: str, document: ApplicationDocument) -> ApplicationEvent:
    if kind == "DELETED":
        return ApplicationEvent(kind, document)
    return ApplicationEvent(kind, await resources.told_to_all(backend, backend.moved.shown(document)))
