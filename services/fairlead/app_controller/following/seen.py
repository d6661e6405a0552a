"""One Application as the watch has it, while we write to it ourselves.

Who writes: `applications`, which takes what the watch says, and `status`, which takes the answers to our own
writes. Invariant: what the watch says during a write is held until that has ended, so that nothing older
takes the place of the answer.
"""

from __future__ import annotations

from fairlead.model.application import Application


class Seen:
    """The version as a number; why it cannot be read, "" if it can; our writes under way, and what was held
    back for them.
    """

    def __init__(self, app: Application) -> None:
        self.version = version_of(app)
        self.unreadable = ""
        self.writes_in_flight = 0
        self.held: bytes | None = None


def version_of(app: Application) -> int:
    """The resourceVersion as a number, so that what is older can be told (0 when it is none)."""
    text = app.metadata.resource_version
    return int(text) if text.isdecimal() else 0
