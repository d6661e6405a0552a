"""What makes one wish another: where it goes, what it follows, and what of it a spec decides.

Invariant: pure.
"""

from __future__ import annotations

from fairlead.events import SourcesWanted
from fairlead.matching.pins import followed_sources
from fairlead.model.application import Application, ApplicationSpec


def follows(wish: SourcesWanted, app: Application) -> bool:
    """Whether a wish is for the revisions that the application follows now."""
    return revisions_of(wish) == tuple(source.target_revision for source in followed_sources(app))


def revisions_of(wish: SourcesWanted) -> tuple[str, ...]:
    """The revision that is wanted of each source."""
    return tuple(source.target_revision for source in wish.sources)


def wants_the_same(one: ApplicationSpec, other: ApplicationSpec) -> bool:
    """Whether two specs want the same rendered."""
    return (
        one.effective_sources() == other.effective_sources()
        and one.destination == other.destination
        and (one.project or "default") == (other.project or "default")
    )
