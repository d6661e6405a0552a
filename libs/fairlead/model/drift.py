"""One change of a managed object that did not come from Git: data for whoever shows it or keeps it.

Invariant: values are masked before they come here; what the API server does not say is empty, never guessed.
"""

from __future__ import annotations

from enum import StrEnum

from fairlead.model.metadata import Record


class DriftEnd(StrEnum):
    """What became of a change; empty while it stands."""

    OPEN = ""
    HEALED = "healed"
    REVERTED = "reverted"
    ACCEPTED = "accepted"
    OVERWRITTEN = "overwritten"
    GONE = "gone"


class DriftEntry(Record, frozen=True, kw_only=True):
    """A change of one field, or with an empty `field` of the whole object, which was deleted.

    `old` and `new` are JSON, cut where they are long, "" for what is not there. `manager` is who owns the
    field since, by `operation` (of a `subresource` maybe); "" when the API server does not say, as of
    deletions. `at` is when it was changed, `seen` when that was found, and `late` says that it was found at a
    look, not seen as it happened: then `old` is what Git says. The same change that comes again counts in
    `count`, the last time at `last`. `end` is what became of it, at `ended`: our sync put Git's value back
    (healed), somebody else did (reverted), Git says so too now (accepted), it was changed again
    (overwritten), or the object is the application's no more (gone).
    """

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    field: str = ""
    old: str = ""
    new: str = ""
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    at: str
    seen: str
    late: bool = False
    count: int = 1
    last: str = ""
    end: DriftEnd = DriftEnd.OPEN
    ended: str = ""
