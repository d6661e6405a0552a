"""The sources of an application as the repo-server is asked to render them.

The invariant: none is named to it without the signatures that its project demands now, so nothing is made of
what a sync would refuse, and nobody is shown it as if it were fine.
"""

from collections.abc import Iterable, Sequence

from fairlead.api_server.operations.backend import Backend
from fairlead.events.sources import RepositorySource
from fairlead.events.wanted_source import repository_source
from fairlead.model.appproject import AppProject
from fairlead.model.source import Source


def wanted_sources(
    backend: Backend, project: AppProject | None, sources: Sequence[Source]
) -> tuple[RepositorySource, ...]:
    """The sources of an application of a project, with whose signatures they must have."""
    return tuple(map(repository_source, sources, backend.control.demanded(project, sources)))


def are_signed_for(sources: Iterable[RepositorySource]) -> bool:
    """Whether signatures are demanded of any of them."""
    return any(source.signatures is not None for source in sources)
