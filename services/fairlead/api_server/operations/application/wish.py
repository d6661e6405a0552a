"""What an application wants rendered, as the repo-server is asked.

The invariant: for an application the controller knows, the wish is the controller's own, so that what is
shown is what would be deployed; only the sources are read anew from the spec, with the signatures that are
demanded of them, and what is lent to one project is used for no other.
"""

from collections.abc import Sequence

import msgspec

from fairlead.api_server.ask import SHARD
from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application.requests import source_at
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.sources import wanted_sources
from fairlead.events.sources import SignaturesDemanded, SourcesWanted
from fairlead.events.wanted_source import generate_paths
from fairlead.matching.pins import followed_sources
from fairlead.model.application import DEFAULT_PROJECT, Application
from fairlead.model.source import Source


async def of_application(
    backend: Backend, app: Application, sources: Sequence[Source] | None = None
) -> SourcesWanted:
    """The wish of an application that exists or is about to; `sources` stand for its own."""
    chosen = followed_sources(app) if sources is None else tuple(sources)
    namespace = app.metadata.namespace or backend.namespace
    known = await backend.ask.wanted(namespace, app.metadata.name)
    project = find_project(backend, app.spec.project)
    fresh = SourcesWanted(
        namespace=namespace,
        name=app.metadata.name,
        instance=app.id.instance(backend.namespace),
        project=app.spec.project or DEFAULT_PROJECT,
        sources=wanted_sources(backend, project, chosen),
        source_repos=project.spec.source_repos if project is not None else (),
        destination_namespace=app.spec.destination.namespace,
        kube_version=await _kube_version(backend),
        manifest_generate_paths=generate_paths(app),
    )
    if known is None:
        return fresh
    return msgspec.structs.replace(
        fresh,
        kube_version="",
        capabilities=known.capabilities,
        shard=known.shard,
        after_build=known.after_build if known.project == fresh.project else None,
    )


async def demanded(backend: Backend, document: ApplicationDocument, place: int) -> SignaturesDemanded | None:
    """Whose signatures the controller's wish demands of a source, None for nobody's."""
    known = await backend.ask.wanted(document.namespace, document.name)
    return known.sources[place].signatures if known is not None and place < len(known.sources) else None


async def shard(backend: Backend, document: ApplicationDocument) -> int:
    """The controller shard that owns an application."""
    known = await backend.ask.wanted(document.namespace, document.name)
    return known.shard if known is not None else SHARD


def revisions(
    app: Application, revision: str, chosen: tuple[str, ...], positions: tuple[int, ...]
) -> tuple[str, ...]:
    """The revision of each source in order: the one that is followed, by a pin or else by the spec, unless
    the request names another.

    Raises RefusalError for positions that are out of range or do not fit the revisions.
    """
    sources = followed_sources(app)
    found = [source.target_revision for source in sources]
    if positions:
        if len(positions) != len(chosen) or any(source_at(sources, at) is None for at in positions):
            raise RefusalError(Code.UNKNOWN, "source position is out of range")
        for position, wanted in zip(positions, chosen, strict=True):
            found[position - 1] = wanted
    elif chosen:
        if len(chosen) != len(sources):
            raise RefusalError(Code.UNKNOWN, "source position is out of range")
        found = list(chosen)
    elif revision and sources:
        found[0] = revision
    return tuple(found)


async def _kube_version(backend: Backend) -> str:
    answer = await backend.kube.get_path("/version")
    return str(msgspec.json.decode(answer.body).get("gitVersion", ""))
