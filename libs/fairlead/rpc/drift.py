"""What was changed of an application outside Git, asked of its app-controller.

Invariant: values of Secrets are masked before they leave the controller.
"""

import msgspec

from fairlead.events.envelope import Event
from fairlead.model.drift import DriftEntry

DRIFT = "drift"


class DriftJournal(Event, frozen=True, kw_only=True):
    """The changes, oldest first. `since` is when the journal began to be kept; `problem` says what of it
    could not be read."""

    since: str
    entries: tuple[DriftEntry, ...] = ()
    problem: str = ""


class KeptLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry as it is kept: where its field is, and the digest of what Git said as it was changed."""

    entry: DriftEntry
    place: tuple[str | int | dict[str, object], ...] = ()
    wanted: str = ""


class KeptJournal(Event, frozen=True, kw_only=True):
    """All that is kept of one application, that of this uid; "" for what was kept before that was said."""

    uid: str = ""
    lines: tuple[KeptLine, ...] = ()
