"""Pins: an application stays at revisions, whatever its branches come to, until a time or until it is let go.

Invariant: a pin changes which revision is followed and nothing else of the spec; one that nobody understands,
or that is for another number of sources, is followed nowhere, and holds what is automated.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from fairlead.model.application import Application
from fairlead.model.source import Source
from fairlead.model.times import parsed, stamp
from fairlead.rpc.waiting import Pinned

PREFIX = "fairlead.dev/pinned-"
REVISIONS, UNTIL, SINCE, BY, REASON, NEWER = FIELDS = (
    "revisions",
    "until",
    "since",
    "by",
    "reason",
    "newer-than",
)
MOST_TEXT = 500
"""Characters of a reason or a name that are shown."""


def pin_of(app: Application, now: datetime | None = None) -> Pinned | None:
    """The pin that holds now, None for none."""
    said = {field: app.metadata.annotations.get(f"{PREFIX}{field}", "").strip() for field in FIELDS}
    if not said[REVISIONS]:
        return None
    until = parsed(said[UNTIL])
    if until is not None and until <= (now or datetime.now(UTC)):
        return None
    revisions, newer = _listed(said[REVISIONS]), _listed(said[NEWER])
    count, problem = len(app.spec.effective_sources()), ""
    if said[UNTIL] and until is None:
        problem = f"{PREFIX}{UNTIL} is no time (RFC 3339): {said[UNTIL][:50]!r}"
    elif len(revisions) != count or not all(revisions):
        problem = f"{PREFIX}{REVISIONS} names {len(revisions)} revisions, of {count} sources"
    elif newer and len(newer) != count:
        problem = f"{PREFIX}{NEWER} names {len(newer)} revisions, of {count} sources"
    return Pinned(
        revisions=revisions,
        until="" if until is None else stamp(until.astimezone(UTC)),
        since=said[SINCE][:MOST_TEXT],
        by=said[BY][:MOST_TEXT],
        reason=said[REASON][:MOST_TEXT],
        newer_than=newer,
        problem=problem,
    )


def followed_sources(app: Application, now: datetime | None = None) -> tuple[Source, ...]:
    """The application's sources, at the revisions that are followed now."""
    sources = app.spec.effective_sources()
    if f"{PREFIX}{REVISIONS}" not in app.metadata.annotations:
        return sources
    pin = pin_of(app, now)
    if pin is None or pin.problem:
        return sources
    pairs = zip(sources, pin.revisions, strict=True)
    return tuple(msgspec.structs.replace(source, target_revision=revision) for source, revision in pairs)


def words(pin: Pinned) -> str:
    """What is pinned, as people read it."""
    ends = f"until {pin.until}" if pin.until else ""
    if pin.newer_than:
        ends = f"{ends} or until a newer commit" if ends else "until a newer commit"
    revisions = ", ".join(one[:12] for one in pin.revisions)
    parts = ("pinned to", revisions, ends or "until it is let go", f"by {pin.by}" if pin.by else "")
    text = " ".join(filter(None, parts))
    return f"{text}: {pin.reason}" if pin.reason else text


def texts_of(pin: Pinned) -> dict[str, str]:
    """A pin as annotations say it."""
    said = {
        REVISIONS: ",".join(pin.revisions),
        UNTIL: pin.until,
        SINCE: pin.since,
        BY: pin.by,
        REASON: pin.reason,
        NEWER: ",".join(pin.newer_than),
    }
    return {f"{PREFIX}{field}": text for field, text in said.items() if text}


def none_of() -> dict[str, None]:
    """What takes a pin away, as a merge patch says it."""
    return dict.fromkeys(f"{PREFIX}{field}" for field in FIELDS)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text else ()
