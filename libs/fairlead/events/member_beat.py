"""A repo-server lives: the value of the `members` bucket, written again with each beat.

Who lives is told by the beats that come, not by what they say; two that beat under one name are told apart.
"""

from fairlead.events.envelope import Event


class MemberBeat(Event, frozen=True, kw_only=True):
    """One beat; `number` counts those of one `process`, so that a person who looks sees it live."""

    number: int
    process: str = ""
