"""Five-field cron schedules, as sync windows use them.

Minute, hour, day of month, month, day of week; ``*``, ``?``, lists, ranges, steps, English three-letter
names, and ``@hourly`` and its like. When both days are restricted either is enough.

Invariant: a schedule fires at wall-clock times of its zone; a time that a clock change leaves out does
not fire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairlead.matching.errors import CronError

MAX_TEXT = 256
MAX_DAYS = 3660
"""Days searched for a fire; longer windows than ten years are cut to that."""

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_JANUARY_ON = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: at for at, name in enumerate(_JANUARY_ON, 1)}
_WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_NO_NAMES: Mapping[str, int] = {}


class Schedule(NamedTuple):
    """A parsed schedule. Sunday is 0; a star says that a day field was left open."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def is_on(self, day: date) -> bool:
        """Whether the schedule fires on a day at all."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_day and by_weekday) if self.any_day or self.any_weekday else (by_day or by_weekday)


@lru_cache(maxsize=1024)
def parse_cron(text: str) -> Schedule:
    """Read a schedule. Raises :class:`CronError`."""
    if len(text) > MAX_TEXT:
        raise CronError(f"schedule is longer than {MAX_TEXT} characters")
    fields = _NICKNAMES.get(text.strip(), text).split()
    if len(fields) != 5:
        raise CronError(f'expected exactly 5 fields, found {len(fields)}: "{text}"')
    minute, hour, day, month, weekday = fields
    return Schedule(
        minutes=tuple(sorted(_field(minute, 0, 59, _NO_NAMES))),
        hours=tuple(sorted(_field(hour, 0, 23, _NO_NAMES))),
        days=_field(day, 1, 31, _NO_NAMES),
        months=_field(month, 1, 12, _MONTHS),
        weekdays=frozenset(number % 7 for number in _field(weekday, 0, 7, _WEEKDAYS)),
        any_day=day[0] in "*?",
        any_weekday=weekday[0] in "*?",
    )


def fires_between(text: str, start: datetime, end: datetime, time_zone: str = "") -> bool:
    """Whether a schedule fires after ``start`` and before ``end`` (aware instants, neither included).

    Raises :class:`CronError`; an unknown time zone is UTC.
    """
    return next(_fires(parse_cron(text), start, end, zone(time_zone)), None) is not None


def zone(name: str) -> ZoneInfo:
    """A time zone by name; UTC when there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _fires(schedule: Schedule, start: datetime, end: datetime, tz: ZoneInfo) -> Iterator[datetime]:
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day = start.astimezone(tz).date()
    last = end.astimezone(tz).date()
    for _ in range(MAX_DAYS):
        if day > last:
            return
        if schedule.is_on(day):
            for hour in schedule.hours:
                for minute in schedule.minutes:
                    fire = _instant(day, hour, minute, tz)
                    if fire is not None and start < fire < end:
                        yield fire
        day += timedelta(days=1)


def _instant(day: date, hour: int, minute: int, tz: ZoneInfo) -> datetime | None:
    """The instant of a wall-clock time, or None when the clock jumps over it."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=tz)
    instant = local.astimezone(UTC)
    return instant if instant.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _field(text: str, low: int, high: int, names: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        found.update(_part(part, low, high, names))
    return frozenset(found)


def _part(text: str, low: int, high: int, names: Mapping[str, int]) -> range:
    span, slash, step_text = text.partition("/")
    step = _number(step_text, _NO_NAMES) if slash else 1
    first, dash, last = span.partition("-")
    if span in ("*", "?"):
        start, end = low, (6 if high == 7 else high)
    elif dash:
        start, end = _number(first, names), _number(last, names)
    else:
        start = _number(first, names)
        end = high if slash else start
    if not (low <= start <= end <= high) or step < 1:
        raise CronError(f'"{text}" is outside {low}-{high}')
    return range(start, end + 1, step)


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise CronError(f'"{text}" is no number')
    return int(text)
