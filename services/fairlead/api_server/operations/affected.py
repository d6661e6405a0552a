"""Which applications a change in a repository affects, and by which files: nothing is rendered for it.

The invariant: of applications that the caller may not see nothing is told, not even how many there are.
"""

from typing import Annotated

import msgspec

from fairlead.api_server.documents import ApplicationDocument, key_of
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import identity
from fairlead.rpc.affected import AffectedApplication


class AffectedQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A change in a repository, and whom it may concern."""

    repo: Annotated[str, msgspec.Meta(description="address of the repository, however it is written")]
    to: Annotated[str, msgspec.Meta(description="revision that may come: a branch, a tag or a commit")]
    from_: Annotated[
        str, msgspec.Meta(description="revision to compare with; what each application is at unless given")
    ] = msgspec.field(default="", name="from")
    target: Annotated[str, msgspec.Meta(description="only applications that follow this revision")] = ""


class AffectedItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One application; `files` are the first that it reads and that differ, `more` how many others do. When
    it is not known what it reads at the old revision, it is not `sure` to be affected."""

    name: str
    namespace: str
    project: str
    target_revision: str
    files: tuple[str, ...] = ()
    more: int = 0
    sure: bool = True


class AffectedAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Those affected, by name, of `followers` that the caller may see in all."""

    items: tuple[AffectedItem, ...]
    followers: int


async def affected(backend: Backend, caller: Caller, query: AffectedQuery) -> msgspec.Struct:
    """AffectedAnswer."""
    if not query.repo or not query.to:
        raise RefusalError(Code.INVALID_ARGUMENT, "a repository and the revision to look at are needed")
    repository = identity(query.repo)
    seen = {
        document.key: document
        for document in backend.mirrors.applications.all()
        if follows(document, repository) and lookup.may(caller, "get", document)
    }
    if not seen:
        return AffectedAnswer(items=(), followers=0)
    found = await backend.ask.affected(query.repo, old=query.from_, new=query.to, target=query.target)
    items = []
    for one in found.applications:
        document = seen.get(_key(backend, one))
        if document is not None:
            items.append(
                AffectedItem(
                    name=one.name,
                    namespace=one.namespace,
                    project=document.project,
                    target_revision=one.target_revision,
                    files=one.paths,
                    more=one.more,
                    sure=one.is_sure,
                )
            )
    ordered = sorted(items, key=lambda item: (item.namespace, item.name, item.target_revision))
    return AffectedAnswer(items=tuple(ordered), followers=len(seen))


def follows(document: ApplicationDocument, repository: str) -> bool:
    """Whether a source is of the repository, or is the chart that is named by its repository and its name."""
    return repository in document.repositories or any(one == repository for one, _ in document.follows)


def _key(backend: Backend, one: AffectedApplication) -> str:
    return key_of(lookup.outside(backend, one.namespace), one.name)
