"""What differs between two states that were deployed, or one of them and what the spec says.

The invariant: both are rendered of what the history says they were made of, as far as the project permits
that today; Secrets are masked, equal values equally.
"""

import asyncio
from typing import Annotated

import msgspec

from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.application.pairs import Pair, paired
from fairlead.api_server.operations.application.validate import require_permitted
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.model.application import Application
from fairlead.rpc import repo
from fairlead.rpc.rendered import RenderedSet

SPEC = "spec"
"""The name of what the spec says now, at the revisions that it leads to."""
MAX_ID = 18
"""Digits of an id of the history."""


class RevisionDiffQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"left": "from", "right": "to"}):
    """Which application, and which two of its states."""

    application: Annotated[str, msgspec.Meta(description="the name of the application")]
    appNamespace: Annotated[str, msgspec.Meta(description="the namespace that it is in")] = ""  # noqa: N815
    project: Annotated[str, msgspec.Meta(description="its project")] = ""
    left: Annotated[str, msgspec.Meta(description="an id of its history, or spec for what the spec says now")]
    right: Annotated[str, msgspec.Meta(description="another one")] = SPEC


class DeployedState(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two, and the revisions that it is made of."""

    id: str
    revisions: tuple[str, ...]


class RevisionDiffAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"left": "from", "right": "to"}):
    """The objects that differ, `left` and `right` as JSON and "" where there is none; how many are the same,
    and how many of those that differ are not told."""

    left: DeployedState
    right: DeployedState
    items: tuple[Pair, ...]
    same: int
    more: int = 0


class _State(msgspec.Struct, frozen=True):
    """An application as it was, and the revisions it is to be rendered at; of the spec its own."""

    name: str
    app: Application
    revisions: tuple[str, ...] = ()


async def revision_diff(backend: Backend, caller: Caller, query: RevisionDiffQuery) -> msgspec.Struct:
    """RevisionDiffAnswer."""
    document = lookup.find(
        backend, caller, query.application, namespace=query.appNamespace, project=query.project
    )
    app = lookup.application(document)
    states = [_state(app, name) for name in (query.left, query.right)]
    for state in states:
        require_permitted(backend, state.app, state.app.spec.effective_sources())
    (left, before), (right, after) = await asyncio.gather(*(_rendered(backend, state) for state in states))
    hidden = backend.control.settings.masked_annotations
    found = await asyncio.to_thread(paired, before.objects(), after.objects(), hidden=hidden)
    return RevisionDiffAnswer(left=left, right=right, items=found.items, same=found.same, more=found.more)


def _state(app: Application, name: str) -> _State:
    if name == SPEC:
        return _State(name, app)
    number = int(name) if name.isdecimal() and len(name) <= MAX_ID else -1
    entry = next((entry for entry in app.status.history if entry.id == number), None)
    if entry is None:
        text = f"application {app.id.qualified} does not have deployment with id {name[:40]}"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    sources = entry.sources or ((entry.source,) if entry.source is not None else ())
    if not sources:
        text = f"deployment {entry.id} does not say what it was made of"
        raise RefusalError(Code.FAILED_PRECONDITION, text)
    spec = msgspec.structs.replace(app.spec, source=entry.source, sources=entry.sources, source_hydrator=None)
    revisions = entry.revisions or (entry.revision,)
    return _State(name, msgspec.structs.replace(app, spec=spec), revisions)


async def _rendered(backend: Backend, state: _State) -> tuple[DeployedState, RenderedSet]:
    wanted = await wish.of_application(backend, state.app)
    question = repo.GenerateManifests(wanted=wanted, revisions=state.revisions)
    answer, rendered = await backend.ask.generate(question)
    revisions = tuple(source.revision for source in answer.sources) or state.revisions
    return DeployedState(id=state.name, revisions=revisions), rendered
