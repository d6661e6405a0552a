"""What an application waits for, as its app-controller knows it: data for whoever shows it.

Invariant: it says no more than the operation's message and the application's conditions do, but in fields;
what is not known is empty, never guessed.
"""

from typing import Literal

import msgspec

MAX_AWAITED = 20
"""Objects that are named of those that are waited for."""
MAX_HELD = 500
"""Objects that are named of those that a person is asked about."""


class Hindrance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What keeps an object from getting on: another one, most often a pod, and its reason in its words."""

    kind: str = ""
    name: str = ""
    container: str = ""
    reason: str = ""
    message: str = ""


class Awaited(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One object that is waited for.

    `what` is waited for of it since `since`, and given up at `until` ("" never; RFC 3339).
    """

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    what: Literal["health", "completion", "deletion", "confirmation", "readiness"]
    hook: bool = False
    phase: str = ""
    wave: int = 0
    since: str = ""
    until: str = ""
    by: Hindrance | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What an operation, or a deletion, waits for.

    `reason`: for `objects`, a `person`, the next attempt (`retry`), a sync `window`, the applications that it
    depends on (`dependencies`) or the end of a `pause`; a `deletion` for what it deletes. `started_at` names
    the operation; it is "" for a deletion, and before an automated sync. `attempt` is that under way, or the
    next one, which begins at `until`; 0 is the first. `message` says of a deletion what else is waited for.
    `more` objects are not named.
    """

    reason: Literal["objects", "person", "retry", "window", "deletion", "dependencies", "pause"]
    started_at: str = ""
    phase: str = ""
    wave: int = 0
    attempt: int = 0
    until: str = ""
    message: str = ""
    objects: tuple[Awaited, ...] = ()
    more: int = 0


class HeldObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One object that is deleted only when a person confirms it; `takes` is what goes with it, and `along` is
    how many objects an Application takes along."""

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    takes: Literal["", "contents", "instances", "data"] = ""
    along: int = 0


class HeldBack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What is not deleted before a person confirms it.

    It waits `by` its `share` of the application's objects (`going` of `living` would go, more than `share`
    percent), by its `kinds`, or by an `option` of the objects. It is confirmed by the annotation
    `argocd.argoproj.io/deletion-approved` with a time from `since` on, and beside it of which `list`;
    `refused` is the time of one that did not count, and `why`. `more` objects are not named.
    """

    what: Literal["prune", "deletion"]
    by: Literal["share", "kinds", "option"]
    started_at: str = ""
    objects: tuple[HeldObject, ...] = ()
    more: int = 0
    going: int = 0
    living: int = 0
    share: float = 0.0
    since: str = ""
    list: str = ""
    refused: str = ""
    why: str = ""


class Paused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A pause that somebody set, of an application, of its project or cluster, or of everything, until a time
    (RFC 3339). One that is `frozen` keeps people from syncing, too. One that nobody understands has no end:
    its `problem` says why.
    """

    scope: Literal["application", "project", "cluster", "instance"]
    name: str = ""
    until: str = ""
    since: str = ""
    by: str = ""
    reason: str = ""
    frozen: bool = False
    problem: str = ""


class Pinned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An application that stays at `revisions`, one of each source, until a time (RFC 3339), until a source
    is at another commit than that it was `newer_than`, or until somebody lets it go. `problem` says why one
    cannot be.
    """

    revisions: tuple[str, ...]
    until: str = ""
    since: str = ""
    by: str = ""
    reason: str = ""
    newer_than: tuple[str, ...] = ()
    problem: str = ""


class Outlook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What an application waits for, and what a person is asked; nothing when it gets on by itself. `paused`
    keeps it from that."""

    waiting: Waiting | None = None
    held: HeldBack | None = None
    paused: tuple[Paused, ...] = ()
    pinned: Pinned | None = None


NOTHING_AWAITED = Outlook()
