"""What a set would come to, asked of an applicationset-controller: subject `rpc.sets.generate`.

Invariant: nothing is written for a question, and an answer is complete or a refusal.
"""

import msgspec

from fairlead.events.envelope import Event

GENERATE = "generate"
TIMEOUT = 60.0
"""Seconds: generators ask repositories and hosts."""
MOST_BYTES = 6 << 20
"""Bytes of the Applications of one answer."""


class GenerateApplications(Event, frozen=True, kw_only=True):
    """Ask what a set comes to now; `application_set` is its JSON, with the namespace it is or would be in."""

    application_set: bytes


class GeneratedApplications(Event, frozen=True, kw_only=True):
    """`applications` is a JSON list, in the order of the generators.

    `creates`, `updates` and `deletes` are the names of what the set would make, change and take away, where
    its policy lets it; `problems` say by name what nothing would be done to and why, `words` what has no
    effect.
    """

    applications: bytes
    creates: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    problems: dict[str, str] = msgspec.field(default_factory=dict)
    words: tuple[str, ...] = ()
