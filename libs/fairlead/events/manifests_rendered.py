"""The manifests of an application at a commit are in the cache, or could not be made."""

from fairlead.events.cause import Cause
from fairlead.events.envelope import Event
from fairlead.events.look import Look


class RenderFailure(Event, frozen=True, kw_only=True):
    """Why there are no manifests. `transient` means it is tried again without a change of anybody's."""

    message: str
    transient: bool = False


class ManifestsRendered(Event, frozen=True, kw_only=True):
    """Identity of a rendered set: the documents are at `digest` in the cache.

    `revisions` has what people are told per source, in the order of the sources; empty when not even that
    could be resolved. `commits` has what was rendered, where that is something else (a chart's version may be
    published anew with other content); empty when it is the same everywhere.

    `sources_digest` names the wish that was answered, so that an answer to an older wish is seen as such.
    With `failure`, `digest` is "".

    `looks` has one look per source, so that an answer can be told older or newer than another. `question` is
    the last request whose level this answer, or one before it, satisfied; 0 for none.
    """

    namespace: str
    name: str
    digest: str = ""
    revisions: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    sources_digest: str = ""
    failure: RenderFailure | None = None
    cause: Cause = Cause.SPEC_CHANGED
    level: int = 2
    looks: tuple[Look, ...] = ()
    question: int = 0

    @property
    def rendered(self) -> tuple[str, ...]:
        """The commits that the sources mean, one for each."""
        return self.commits or self.revisions
