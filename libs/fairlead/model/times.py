"""Instants as Kubernetes writes them.

Invariant: what is written is UTC in whole seconds, so equal moments are equal texts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from fairlead.model.metadata import Time

_FRACTION = re.compile(r"\.\d+")


def stamp(moment: datetime | None = None) -> Time:
    """RFC 3339 of a moment, or of now."""
    return Time((moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"))


def parsed(text: str | None) -> datetime | None:
    """The moment a stamp names, in UTC; None for none, and for one that UTC has no year for."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub("", text).replace("Z", "+00:00"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def seconds_since(text: str | None, at: datetime | None = None) -> float | None:
    """Seconds from a stamp to now, or None when there is no stamp."""
    moment = parsed(text)
    return None if moment is None else ((at or datetime.now(UTC)) - moment).total_seconds()


def seconds_until(text: str | None, after: float) -> float:
    """Seconds until `after` seconds past a stamp; zero when that is over or there is no stamp."""
    passed = seconds_since(text)
    return 0.0 if passed is None else max(0.0, after - passed)


def later(seconds: float) -> Time:
    """The stamp of a moment to come."""
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))
