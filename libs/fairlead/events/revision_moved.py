"""A commit left the manifests of some applications as they were; only their revision moves."""

from fairlead.events.envelope import Event


class RevisionMoved(Event, frozen=True, kw_only=True):
    """Applications following `ref` (as written in targetRevision) of the repository that are still at
    `old` and not affected render the same at `new`, of which people are told `shown`, "" being `new` itself.
    `parts` are the partitions of whose applications it speaks, by their first sources; "" speaks of all.

    The controller moves `status.sync.revision` in the background, behind all affected work.
    """

    repository: str
    ref: str
    old: str
    new: str
    shown: str = ""
    affected: tuple[tuple[str, str], ...] = ()
    parts: str = ""
