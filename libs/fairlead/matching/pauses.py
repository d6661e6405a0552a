"""Pauses and freezes: what people write of them in annotations and in argocd-cm, and whether they hold now.

Invariant: a pause ends at the moment that it names, whoever sees to it; one that nobody understands holds,
and says so, until somebody writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from fairlead.matching import pins
from fairlead.model.times import parsed, stamp
from fairlead.rpc.waiting import Paused

PREFIX = "fairlead.dev/paused-"
"""Of annotations of an Application, an AppProject or the Secret of a cluster."""
MAP_PREFIX = "fairlead.paused."
"""Of keys of argocd-cm, for everything."""
UNTIL, SINCE, BY, REASON, SYNCS = FIELDS = ("until", "since", "by", "reason", "syncs")
AUTOMATED, ALL = "automated", "all"
"""What does not happen: syncs and heals that nobody asked for, or all of them."""
MOST_TEXT = 500
"""Characters of a reason or a name that are shown."""

Scope = Literal["application", "project", "cluster", "instance"]


def pause_of(
    texts: Mapping[str, str], scope: Scope, name: str = "", *, prefix: str = PREFIX
) -> Paused | None:
    """The pause that annotations or settings tell of, over or not; None for none."""
    said = {field: texts.get(f"{prefix}{field}", "").strip() for field in FIELDS}
    if not said[UNTIL]:
        return None
    problem, until = "", parsed(said[UNTIL])
    if until is None:
        problem = f"{prefix}{UNTIL} is no time (RFC 3339): {said[UNTIL][:50]!r}"
    elif said[SYNCS] not in ("", AUTOMATED, ALL):
        problem = f"{prefix}{SYNCS} is neither {AUTOMATED} nor {ALL}: {said[SYNCS][:50]!r}"
    since = parsed(said[SINCE])
    return Paused(
        scope=scope,
        name=name,
        until="" if until is None else stamp(until.astimezone(UTC)),
        since="" if since is None else stamp(since.astimezone(UTC)),
        by=said[BY][:MOST_TEXT],
        reason=said[REASON][:MOST_TEXT],
        frozen=said[SYNCS] == ALL,
        problem=problem,
    )


def active(pauses: Iterable[Paused | None], now: datetime) -> tuple[Paused, ...]:
    """Those that hold now."""
    return tuple(one for one in pauses if one is not None and _holds(one, now))


def seconds_left(pauses: Iterable[Paused], now: datetime) -> float | None:
    """Seconds until the next of some that hold ends; None when none does by itself."""
    ends = (parsed(one.until) for one in pauses if not one.problem)
    return min((max(0.0, (end - now).total_seconds()) for end in ends if end is not None), default=None)


def last_end(pauses: Iterable[Paused]) -> str:
    """When all have ended, "" when one has no end."""
    pauses = tuple(pauses)
    return "" if any(one.problem for one in pauses) else max((one.until for one in pauses), default="")


def words(pauses: Iterable[Paused]) -> str:
    """What is paused, as people read it; "" for nothing."""
    return "; ".join(_words(one) for one in pauses)


def texts_of(pause: Paused, *, prefix: str = PREFIX) -> dict[str, str]:
    """A pause as annotations or settings say it."""
    said = {UNTIL: pause.until, SINCE: pause.since, BY: pause.by, REASON: pause.reason}
    said[SYNCS] = ALL if pause.frozen else AUTOMATED
    return {f"{prefix}{field}": text for field, text in said.items() if text}


def none_of(*, prefix: str = PREFIX) -> dict[str, None]:
    """What takes a pause away, as a merge patch says it."""
    return dict.fromkeys(f"{prefix}{field}" for field in FIELDS)


def attributed(before: Mapping[str, str], after: Mapping[str, str], who: str) -> Mapping[str, str]:
    """Annotations after a change by `who`: a pause or pin that is another is theirs, whomever they name."""
    paused = _signed(before, after, who, [f"{PREFIX}{field}" for field in (UNTIL, *FIELDS)])
    return _signed(before, paused, who, [f"{pins.PREFIX}{field}" for field in pins.FIELDS])


def _signed(
    before: Mapping[str, str], after: Mapping[str, str], who: str, fields: Sequence[str]
) -> Mapping[str, str]:
    """With the owner of what these annotations say; without the first of them they say nothing."""
    names = [name for name in fields if not name.endswith(BY)]
    by, is_there = f"{fields[0].rpartition('-')[0]}-{BY}", bool(after.get(fields[0]))
    is_same = all(before.get(name) == after.get(name) for name in names)
    wanted = before.get(by) if is_same else who
    if not is_there or after.get(by) == wanted:
        return after
    others = {name: text for name, text in after.items() if name != by}
    return others if wanted is None else {**others, by: wanted}


def _holds(pause: Paused, now: datetime) -> bool:
    until = parsed(pause.until)
    return bool(pause.problem) or (until is not None and until > now)


def _words(pause: Paused) -> str:
    whose = {"application": "", "instance": "everything"}.get(pause.scope, f"{pause.scope} {pause.name}")
    parts: Iterator[str] = filter(
        None,
        (
            "frozen" if pause.frozen else "paused",
            f"with {whose}" if whose else "",
            f"until {pause.until}" if not pause.problem else "",
            f"by {pause.by}" if pause.by else "",
        ),
    )
    text = " ".join(parts)
    text += f": {pause.reason}" if pause.reason else ""
    return f"{text} ({pause.problem}; it holds until that is mended)" if pause.problem else text
