"""What a change in a repository would do to the applications that follow the branch it is for.

The invariant: of applications that the caller may not see nothing is asked and nothing told, not even how
many there are; the repository is opened as their projects open it; nothing is written.
"""

import asyncio
from typing import Annotated

import msgspec

from fairlead.api_server.documents import key_of
from fairlead.api_server.operations.affected import follows
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import identity
from fairlead.previews.errors import PreviewError
from fairlead.previews.preview import AT_ONCE, Change, preview
from fairlead.previews.report import Report

_GATE = asyncio.Semaphore(AT_ONCE)
"""Of all who ask this process together: each application is two renders and a round of tries."""
SECONDS = 200.0
"""For all that is rendered of one change, so that there is an answer before the caller goes."""
MOST_PROJECTS = 4
"""Projects in whose names the repository is opened, one after the other, until one may."""


class ChangeQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A change in a repository."""

    repo: Annotated[str, msgspec.Meta(description="address of the repository, however it is written")]
    revision: Annotated[str, msgspec.Meta(description="what may come: a branch, a ref or a commit")]
    target: Annotated[
        str, msgspec.Meta(description="branch it is for; the repository's default one unless given")
    ] = ""


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The report, its line of summary, and whether nothing would fail."""

    report: Report
    summary: str
    fine: bool


async def change(backend: Backend, caller: Caller, query: ChangeQuery) -> ChangeAnswer:
    """Both sides of each affected application rendered, and its cluster asked."""
    if not query.repo or not query.revision:
        raise RefusalError(Code.INVALID_ARGUMENT, "a repository and the revision to look at are needed")
    repository = identity(query.repo)
    seen = {
        document.key: document.project
        for document in backend.mirrors.applications.all()
        if follows(document, repository) and lookup.may(caller, "get", document)
    }
    if not seen:
        raise RefusalError(Code.NOT_FOUND, "no application that you may see follows this repository")

    def may_show(namespace: str, name: str, _: str) -> bool:
        return key_of(lookup.outside(backend, namespace), name) in seen

    hidden = backend.control.settings.masked_annotations
    refusal: PreviewError | None = None
    for project in sorted(set(seen.values()))[:MOST_PROJECTS]:
        asked = Change(url=query.repo, head=query.revision, target=query.target, project=project)
        try:
            found = await preview(
                backend.ask.previews, asked, may_show, hidden=hidden, gate=_GATE, seconds=SECONDS
            )
        except PreviewError as error:
            refusal = refusal or error
            continue
        report = msgspec.structs.replace(found, followers=len(seen))
        return ChangeAnswer(report=report, summary=report.summary, fine=report.is_fine)
    words = refusal or PreviewError("nobody may open it")
    raise RefusalError(Code.titled(words.code), str(words)) from refusal
