"""What an observing controller says of applications that somebody else's controller manages, as data.

Invariant: `theirs` is what the Application says, `ours` what would be written in its place; neither is a
guess, and where there is no verdict the outcome says so and `reason` why.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import field

from fairlead.model.explanation import Explanation
from fairlead.model.metadata import Record


class Outcome(StrEnum):
    """How two verdicts stand to each other."""

    SAME = "same"
    DIFFERS = "differs"
    MOVED = "other commit"
    """Each is about a commit of its own, which says nothing of how they compare."""
    UNASKED = "not asked"
    """Only the API server could tell, and it was not to be asked."""
    UNKNOWN = "no verdict"
    """Here."""
    UNCOMPARED = "no verdict there"


class ObservedObject(Record, frozen=True, kw_only=True):
    """One object of which both do not say the same. `reason` and `fields` are why it is out of sync here."""

    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    ours: str = ""
    theirs: str = ""
    reason: str = ""
    fields: tuple[Explanation, ...] = ()


class ObservedApplication(Record, frozen=True, kw_only=True):
    """One application; `more` counts objects beyond those that are named."""

    namespace: str
    name: str
    project: str = ""
    outcome: Outcome = field(default_factory=lambda: Outcome.UNKNOWN)
    ours: str = ""
    theirs: str = ""
    our_health: str = ""
    their_health: str = ""
    our_revisions: tuple[str, ...] = ()
    their_revisions: tuple[str, ...] = ()
    reason: str = ""
    objects: tuple[ObservedObject, ...] = ()
    more: int = 0


class Observed(Record, frozen=True, kw_only=True):
    """All applications; of `awaited` nothing can be said yet, which may change by waiting."""

    applications: tuple[ObservedApplication, ...] = ()
    awaited: int = 0
