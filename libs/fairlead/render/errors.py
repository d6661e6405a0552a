"""What may go wrong while rendering, by what a caller should do about it.

    RenderError
    ├── RenderTransientError      try again later
    │   ├── EngineFailureError    the engine could not read the mirror
    │   ├── EngineStarvedError    the node had no time, memory or process left for it
    │   ├── EngineDiedError       the child died twice on one request, or broke the protocol
    │   └── EngineBusyError       too many requests wait already
    └── RenderInvalidError        wait for a change in Git or in the Application
        ├── RenderNeedsError      something is needed that is not in the repository
        └── RenderKilledError     ran too long or took too much memory

Invariant: `str(error)` is the sentence a person reads; `file` is where the engine was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairlead.render.request import ReadEntry, Want


class RenderError(Exception):
    """A render gave no manifests.

    `code` is "path", "dependencies", "remote", "unsupported", "limit", "panic", "deadline", "memory",
    "program", "needs" or "". `reads` is what was read until then: while none of it changes, neither does the
    outcome.
    """

    def __init__(
        self, message: str, *, code: str = "", file: str = "", reads: tuple[ReadEntry, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.file = file
        self.reads = reads


class RenderTransientError(RenderError):
    """Another attempt may succeed."""


class EngineFailureError(RenderTransientError):
    """The engine is well, but the mirror or the commit could not be read."""


class EngineStarvedError(RenderTransientError):
    """The node kept the engine, or the git that it needs, from its work; what it reads may be in order."""


class EngineDiedError(RenderTransientError):
    """The child died by itself or by somebody else's hand, or answered out of turn."""


class EngineBusyError(RenderTransientError):
    """The queue for a child is full, or the pool is closed."""


class RenderInvalidError(RenderError):
    """What Git or the Application says cannot be rendered."""


class RenderNeedsError(RenderInvalidError):
    """The render can go on once `wants` are supplied; its text says why it fails where nobody can."""

    def __init__(
        self,
        message: str,
        *,
        wants: tuple[Want, ...],
        code: str = "needs",
        file: str = "",
        reads: tuple[ReadEntry, ...] = (),
    ) -> None:
        super().__init__(message, code=code, file=file, reads=reads)
        self.wants = wants


class RenderKilledError(RenderInvalidError):
    """The child was killed because the request exceeded its deadline or its memory."""
