"""What saving a set would make, change and take away.

Invariant: it takes the rights of the write that it stands for, and nothing is written.
"""

from typing import Annotated, Any

import msgspec

from fairlead.api_server.documents import key_of
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application.lookup import outside
from fairlead.api_server.operations.applicationset import lookup
from fairlead.api_server.operations.applicationset.generate import (
    generated,
    require_named_project,
    require_project,
)
from fairlead.api_server.operations.applicationset.write import permitted, read
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller

Problems = Annotated[dict[str, str], msgspec.Meta(description="by Application: why nothing is done to it")]


class PreviewSetRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The set as it is to be, whether one of that name exists or not."""

    application_set: Annotated[
        dict[str, Any], msgspec.Meta(description="an ApplicationSet: metadata and spec")
    ]


class PreviewSetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The Applications that the set would come to, `total` of them, and what it would do, by their names.

    `exists` says whether there is a set of that name; `words` what is accepted and has no effect.
    """

    exists: bool
    total: int
    creates: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    problems: Problems = {}
    words: tuple[str, ...] = ()


async def preview(backend: Backend, caller: Caller, request: PreviewSetRequest) -> PreviewSetAnswer:
    """Drawn now, by the controller. Raises RefusalError with what is wrong with the set."""
    metadata = read(request.application_set).metadata
    before = lookup.mirror(backend).get(key_of(outside(backend, metadata.namespace), metadata.name))
    if before is not None:
        if not lookup.may(caller, "get", before):
            raise authorize.hidden()
        lookup.require(caller, "update", before)
    wanted = permitted(backend, caller, request.application_set, "create" if before is None else "update")
    require_named_project(wanted)
    require_project(backend, wanted)
    applications, answer = await generated(backend, caller, wanted)
    return PreviewSetAnswer(
        exists=before is not None,
        total=len(applications),
        creates=answer.creates,
        updates=answer.updates,
        deletes=answer.deletes,
        problems=answer.problems,
        words=answer.words,
    )
