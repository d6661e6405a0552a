"""Rendering files that a client sends instead of those of a repository. Any repo-server answers."""

from fairlead.events.envelope import Event
from fairlead.events.sources import SourcesWanted

RENDER_FILES = "render-files"


class RenderFiles(Event, frozen=True, kw_only=True):
    """Render the one source of a wish from a gzipped tar of its repository's files. Answered by
    GeneratedManifests, with the documents."""

    wanted: SourcesWanted
    archive: bytes
