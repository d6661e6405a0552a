"""What one application wants of the repo-servers, and how far that has come.

Who writes: `wants` stores and asks, and takes note of answers; anybody may `ask` for more, and `level` doubts
what is stored; a look begins by seeing what was answered, and `write_back` says when that has reached the
status. Invariant: asking never makes less of what was asked before and is not answered yet.
"""

from __future__ import annotations

from fairlead.events import Cause, RenderLevel, SourcesWanted
from fairlead.model.application import ApplicationSpec


class Wanted:
    """The wish as it is stored, or to be, with its digest and the spec that it was made of.

    `asked_at` is the `time.monotonic()` of the request that is under way, None for none; `level` what is
    still wanted, 0 for nothing, and `cause` why; `answered_level` the highest that was answered since a look
    began, `seen_level` the highest that looks have seen since the status was written last.
    """

    def __init__(self) -> None:
        self.wish: SourcesWanted | None = None
        self.digest = ""
        self.spec: ApplicationSpec | None = None
        self.is_stored = False
        self.asked_at: float | None = None
        self.level = 0
        self.cause = Cause.STARTUP
        self.answered_level = 0
        self.seen_level = 0

    def see(self) -> None:
        """A look begins, at what was answered until now; what is answered meanwhile is the next one's."""
        self.seen_level, self.answered_level = max(self.seen_level, self.answered_level), 0

    def take_seen(self) -> int:
        """The highest level that was seen, for who writes the status now."""
        level, self.seen_level = self.seen_level, 0
        return level

    def give_back(self, level: int) -> None:
        """What was taken was not written after all."""
        self.seen_level = max(self.seen_level, level)

    def ask(self, level: RenderLevel, cause: Cause) -> None:
        """Want a render of at least this level."""
        self.asked_at = None
        if level >= self.level:
            self.level = level
            self.cause = cause
