"""Following sets: what is there, or is newer than a version, then every change.

The invariant: a client that falls behind is cut off and reconnects; what its reader may not see, it is not
told of, and what the reader may no longer see, it is told to be gone.
"""

from collections.abc import AsyncGenerator

import msgspec

from fairlead.api_server.operations.application.lookup import require_namespace
from fairlead.api_server.operations.application.watch import BEAT
from fairlead.api_server.operations.applicationset import lookup, read
from fairlead.api_server.operations.applicationset.requests import SetWatch
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.set_documents import SetDocument


async def watch(
    backend: Backend, caller: Caller, query: SetWatch
) -> AsyncGenerator[msgspec.Raw | None, None]:
    """ApplicationSetWatchEvents as JSON; None first, and every BEAT seconds without one."""
    require_namespace(backend, query.app_set_namespace)
    matches = read.matcher(query.projects, query.selector, query.app_set_namespace)
    sets = lookup.mirror(backend)
    told: dict[str, SetDocument] = {}
    is_later = bool(query.resource_version) and not query.name
    since = _version(query.resource_version) if is_later else 0

    def is_shown(document: SetDocument) -> bool:
        is_meant = query.name in ("", document.name) and matches(document)
        return is_meant and lookup.may(caller, "get", document)

    with sets.subscribed() as subscription:
        yield None
        for document in filter(is_shown, sets.all()):
            told[document.key] = document
            if _version(document.resource_version) > since:
                yield _event("MODIFIED" if is_later else "ADDED", document)
        while True:
            change = await subscription.next(seconds=BEAT)
            if subscription.overrun:
                raise RefusalError(Code.OUT_OF_RANGE, "the client was too slow; watch again")
            for document in [known for known in told.values() if not is_shown(known)]:
                yield _event("DELETED", told.pop(document.key))
            if change is None:
                yield None
                continue
            document, former = change.value, told.pop(change.value.key, None)
            if change.type == "DELETED":
                if former is not None:
                    yield _event("DELETED", document)
            elif is_shown(document):
                told[document.key] = document
                yield _event(change.type if former is not None else "ADDED", document)
            elif former is not None:
                yield _event("DELETED", former)


def _version(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _event(kind: str, document: SetDocument) -> msgspec.Raw:
    return msgspec.Raw(b'{"type":"%b","applicationSet":%b}' % (kind.encode(), document.json))
