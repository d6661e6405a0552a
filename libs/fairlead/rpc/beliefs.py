"""What a controller takes for rendered, beside what the owner of a repository stands behind.

Events are edges and may be lost; this is the level behind them. The first question has a number per
repository; what each application is believed to be at is sent for those repositories alone that differ.

Invariant: both sides make a fingerprint here, of what both know: after a move no manifests are told anew, so
it names commits and not manifests.
"""

import hashlib
from collections.abc import Iterable

from fairlead.events.envelope import Event

COMPARE = "compare-beliefs"
SIZE = 8
"""Bytes of a fingerprint."""
MOST_BYTES = 400_000
"""Fingerprints in one question, far below what a message holds."""


class Believed(Event, frozen=True, kw_only=True):
    """What is believed of the applications whose first repository has this token.

    `digest` is the exclusive or of their fingerprints, which `beliefs` has one after the other, if any.
    """

    repository: str
    digest: int
    beliefs: bytes = b""


class CompareBeliefs(Event, frozen=True, kw_only=True):
    """Ask whether the owner of a partition stands behind all of this."""

    repositories: tuple[Believed, ...]


class ComparedBeliefs(Event, frozen=True, kw_only=True):
    """`differing` are the repositories of another digest; `unknown` the fingerprints that were sent of those
    and are not the owner's. `unsaid` are those of which nothing is said, as of what was only just taken over.
    """

    differing: tuple[str, ...] = ()
    unknown: bytes = b""
    unsaid: tuple[str, ...] = ()


def fingerprint(namespace: str, name: str, wish: str, revisions: tuple[str, ...], failure: str) -> int:
    """One belief: that an application's wish of this digest led to these commits, or to a failure there."""
    text = "\0".join((namespace, name, wish, failure, *revisions))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=SIZE).digest())


def packed(fingerprints: Iterable[int]) -> bytes:
    """Fingerprints one after the other."""
    return b"".join(one.to_bytes(SIZE) for one in fingerprints)


def pages(fingerprints: Iterable[int]) -> list[bytes]:
    """Fingerprints as so many questions as they need."""
    text = packed(fingerprints)
    return [text[start : start + MOST_BYTES] for start in range(0, len(text), MOST_BYTES)]


def unpacked(text: bytes) -> list[int]:
    """What `packed` was given; an incomplete one at the end is left out."""
    whole = range(0, len(text) - SIZE + 1, SIZE)
    return [int.from_bytes(text[start : start + SIZE]) for start in whole]
