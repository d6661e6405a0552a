"""A followed ref of a mirrored repository points at another commit."""

from fairlead.events.cause import Cause
from fairlead.events.envelope import Event


class CommitDetected(Event, frozen=True, kw_only=True):
    """The mirror of `repo_url` has `ref` at `new`; before it was at `old` ("" when it was not known).

    `generation` counts the fetches of the mirror, so that a ref that returns to an earlier commit is not
    taken for a duplicate. `new` is "" when the ref was deleted.
    """

    repo_url: str
    repository: str
    ref: str
    old: str
    new: str
    generation: int
    cause: Cause

    @property
    def message_id(self) -> str:
        """Identity for the stream's duplicate window."""
        return f"{self.repository}:{self.ref}:{self.generation}:{self.new}"
