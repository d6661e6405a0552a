"""What an application would deploy if it were as somebody is about to write it.

The invariant: it takes the rights of the write that it stands for, and checks the same of project and
destination; nothing is written, and no repository is looked at that the project does not permit.
"""

from typing import Annotated, Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument, key_of
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.application.pairs import Pair, paired
from fairlead.api_server.operations.application.validate import require_permitted, require_sound
from fairlead.api_server.operations.application.write import read_application
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.model.application import DEFAULT_PROJECT, Application
from fairlead.rpc import repo
from fairlead.rpc.rendered import RenderedSet


class PreviewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The application as it is to be, whether one of that name exists or not."""

    application: Annotated[dict[str, Any], msgspec.Meta(description="an Application: metadata and spec")]


class PreviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The objects that would be other ones: `left` by the spec that is there, `right` by the one given.

    `exists` says whether there is an application of that name, `problem` why its own manifests cannot be
    shown.
    """

    exists: bool
    items: tuple[Pair, ...]
    same: int = 0
    more: int = 0
    problem: str = ""


async def preview(backend: Backend, caller: Caller, request: PreviewRequest) -> PreviewAnswer:
    """Both sides rendered now. Raises RefusalError with what is wrong with the application."""
    app = read_application(backend, request.application)
    before = _before(backend, caller, app)
    await require_sound(backend, app, validate=False)
    right, hidden = await _rendered(backend, app), backend.control.settings.masked_annotations
    if before is None:
        found = paired((), right.objects(), hidden=hidden)
        return PreviewAnswer(exists=False, items=found.items, more=found.more)
    present, problem = lookup.application(before), ""
    try:
        require_permitted(backend, present, present.spec.effective_sources())
        left = await _rendered(backend, present)
    except RefusalError as error:
        left, problem = None, error.message
    found = paired(left.objects() if left is not None else (), right.objects(), hidden=hidden)
    return PreviewAnswer(exists=True, items=found.items, same=found.same, more=found.more, problem=problem)


def _before(backend: Backend, caller: Caller, app: Application) -> ApplicationDocument | None:
    """The application that is there. Raises PERMISSION_DENIED for who might not write what is given."""
    name, place = app.metadata.name, lookup.outside(backend, app.metadata.namespace)
    project = app.spec.project or DEFAULT_PROJECT
    found = backend.mirrors.applications.get(key_of(place, name))
    if found is None or not lookup.may(caller, "get", found):
        _require(caller, "create", project, name, place)
        return None
    _require(caller, "update", found.project, name, place)
    if project != found.project:
        _require(caller, "create", project, name, place)
        _require(caller, "update", project, name, place)
    return found


async def _rendered(backend: Backend, app: Application) -> RenderedSet:
    wanted = await wish.of_application(backend, app)
    try:
        _, rendered = await backend.ask.generate(repo.GenerateManifests(wanted=wanted))
    except RefusalError as error:
        if error.code in (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED):
            raise
        raise RefusalError(Code.INVALID_ARGUMENT, f"the manifests cannot be made: {error.message}") from None
    return rendered


def _require(caller: Caller, action: str, project: str, name: str, outside: str) -> None:
    obj = authorize.application_object(project, name, outside)
    authorize.require(caller, lookup.RESOURCE, action, obj)
