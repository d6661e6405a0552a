"""The latest answer of a repo-server about an application.

Invariant: it names manifests by their digest and never holds them.
"""

from __future__ import annotations

import msgspec

from fairlead.events import Cause, ManifestsRendered, RenderFailure, RenderLevel


class Render(msgspec.Struct, frozen=True, kw_only=True):
    """The latest answer of a repo-server about an application: `revisions` is what people are told of the
    sources, `commits` what was rendered of them. One that `is_remembered` was told to a process before.
    """

    digest: str = ""
    revisions: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    sources_digest: str = ""
    failure: RenderFailure | None = None
    cause: Cause = Cause.SPEC_CHANGED
    level: int = RenderLevel.RESOLVE
    is_remembered: bool = False

    @classmethod
    def of(cls, event: ManifestsRendered) -> Render:
        """What an event says."""
        return cls(
            digest=event.digest,
            revisions=event.revisions,
            commits=event.rendered,
            source_types=event.source_types,
            sources_digest=event.sources_digest,
            failure=event.failure,
            cause=event.cause,
            level=event.level,
        )
