"""What the renderer asks of those who render by plugins.

Why a protocol: plugins stand on what renders here, and are handed to it when all is put together.
"""

from typing import Protocol

import msgspec

from fairlead.git import Mirror
from fairlead.git.credentials import Credential
from fairlead.render import Lane, ReadEntry, RenderRequest, RenderResult
from fairlead.repo_server.supplying.provider import Asker


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A source, as it is to be rendered. `annotation` is the application's manifest-generate-paths; with
    `is_fresh` somebody insists that what plugins answered before is asked again. On behalf of `asker`
    submodules are fetched, and files of Git LFS."""

    request: RenderRequest
    mirror: Mirror
    instance: str
    url: str
    credential: Credential
    annotation: str = ""
    is_fresh: bool = False
    asker: Asker | None = None


class ByPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a plugin; without one the source is for somebody else, and `reads` is what was read to
    know that. `opened` are addresses that were opened for it with credentials."""

    result: RenderResult | None = None
    opened: tuple[str, ...] = ()
    reads: tuple[ReadEntry, ...] = ()


class Sidecars(Protocol):
    """Renders the sources that are for plugins."""

    async def rendered(self, asking: Asking, lane: Lane) -> ByPlugin:
        """The manifests of a source, or that it is not for a plugin. Raises RenderError, GitError."""
