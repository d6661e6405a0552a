"""What would become of doing one thing to many applications, before it is done.

The invariant: it asks for the same rights and looks at the same obstacles as the thing itself does, which
asks again; an application that may not be seen is answered like one that is not there.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from fairlead.api_server.documents import ApplicationDocument, key_of
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.freezes import Freezes
from fairlead.api_server.operations.application.windows import BLOCKED, Windows
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.search.asked import SearchQuery, require_sound
from fairlead.api_server.operations.search.chosen import chosen, names_of
from fairlead.api_server.operations.search.visible import visible
from fairlead.api_server.operations.search.words import meaning

MAX_APPLICATIONS = 10_000
"""Applications of one preview."""
TOGETHER = 200
"""Applications that are judged in one go, in some milliseconds."""

Action = Literal["sync", "refresh", "pause", "resume", "delete"]
RIGHTS = {"sync": "sync", "refresh": "get", "pause": "update", "resume": "update", "delete": "delete"}


class BulkQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, and to which applications: those of the keys, or else all that the query means."""

    action: Annotated[Action, msgspec.Meta(description="what is to be done")]
    keys: Annotated[tuple[str, ...], msgspec.Meta(description="applications, each as namespace/name")] = ()
    query: Annotated[
        SearchQuery, msgspec.Meta(description="as of a search; its page and facets say nothing here")
    ] = SearchQuery()


class BulkItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One application, whether it may be done to it now, and if not why."""

    key: str
    name: str
    namespace: str
    project: str = ""
    allowed: bool = msgspec.field(default_factory=bool)
    reason: str = ""
    auto_sync: bool = False


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`total` applications are meant, of which the first are told, by name; `allowed` of those may be."""

    total: int
    allowed: int
    items: tuple[BulkItem, ...]


async def preview(backend: Backend, caller: Caller, query: BulkQuery) -> msgspec.Struct:
    """BulkAnswer."""
    if len(query.keys) > MAX_APPLICATIONS:
        raise RefusalError(Code.INVALID_ARGUMENT, f"there are more than {MAX_APPLICATIONS} keys")
    if query.keys:
        keys = tuple(dict.fromkeys(query.keys))
        meant, total = [(key, _seen(backend, caller, key)) for key in keys], len(keys)
    else:
        documents, total = _meant(backend, caller, query.query)
        meant = [(f"{one.namespace}/{one.name}", one) for one in documents]
    judge = _judge(backend, caller, query.action)
    items = []
    for number, (key, document) in enumerate(meant):
        if number % TOGETHER == TOGETHER - 1:
            await asyncio.sleep(0)
        items.append(_item(key, document, judge))
    return BulkAnswer(total=total, allowed=sum(item.allowed for item in items), items=tuple(items))


def _seen(backend: Backend, caller: Caller, key: str) -> ApplicationDocument | None:
    namespace, _, name = key.rpartition("/")
    found = backend.mirrors.applications.get(key_of(lookup.outside(backend, namespace), name))
    return found if found is not None and lookup.may(caller, "get", found) else None


def _meant(backend: Backend, caller: Caller, query: SearchQuery) -> tuple[list[ApplicationDocument], int]:
    lookup.require_namespace(backend, query.app_namespace)
    require_sound(query)
    index, names = backend.mirrors.index, names_of(backend, caller, query)
    saying = meaning(backend) if query.search else None
    found = chosen(index, query, visible(backend, caller), names, saying).whole
    return index.page("name", found, offset=0, limit=MAX_APPLICATIONS), found.bit_count()


def _item(
    key: str, document: ApplicationDocument | None, judge: Callable[[ApplicationDocument], str]
) -> BulkItem:
    namespace, _, name = key.rpartition("/")
    if document is None:
        return BulkItem(key=key, name=name, namespace=namespace, allowed=False, reason="permission denied")
    reason = judge(document)
    return BulkItem(
        key=key,
        name=name,
        namespace=namespace,
        project=document.project,
        allowed=not reason,
        reason=reason,
        auto_sync=document.is_automated,
    )


def _judge(backend: Backend, caller: Caller, action: Action) -> Callable[[ApplicationDocument], str]:
    """Tells why it may not be done to an application now; "" when it may."""
    moment, right = datetime.now(UTC), RIGHTS[action]
    windows, freezes = Windows(backend, moment), Freezes(backend, moment)

    def obstacles(document: ApplicationDocument) -> Iterator[str]:
        if not lookup.may(caller, right, document):
            yield f"permission denied: applications, {right}"
        if document.is_leaving and action != "refresh":
            yield "the application is being deleted"
        if action == "sync" and document.is_operating:
            yield "another operation is already in progress"
        if action == "sync" and not windows.allow(document):
            yield BLOCKED
        if action == "sync" and (frozen := freezes.of(document)):
            yield frozen
        if action == "pause" and not document.is_automated:
            yield "it has no auto-sync"
        if action == "resume" and document.is_automated:
            yield "its auto-sync is on already"

    return lambda document: next(obstacles(document), "")
