"""Instants and spans as Go prints them, in the reader's own time zone."""

import re
from datetime import UTC, datetime

from fairlead.cli.errors import UsageError

DAY = 86400
YEAR = 365 * DAY


def now() -> datetime:
    """The present; every age that is shown is counted from it."""
    return datetime.now(UTC)


def parsed(text: str) -> datetime:
    """An RFC 3339 instant with its zone."""
    return datetime.fromisoformat(text)


def local(text: str | None) -> str:
    """`2026-11-23 01:32:40 +0000 UTC`."""
    if not text:
        return "<nil>"
    return parsed(text).astimezone().strftime("%Y-%m-%d %H:%M:%S %z %Z")


def stamp(moment: datetime) -> str:
    """`2026-11-23T01:32:40+00:00`."""
    return moment.astimezone().isoformat(timespec="seconds")


def span(seconds: int) -> str:
    """Whole seconds as `4s`, `1m4s`, `2h0m0s`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def age(seconds: int) -> str:
    """How long ago, in the two or fewer units that `kubectl` shows."""
    for limit, shown in (
        (120, _units(seconds, ("s", 1))),
        (600, _units(seconds, ("m", 60), ("s", 1))),
        (3 * 3600, _units(seconds, ("m", 60))),
        (8 * 3600, _units(seconds, ("h", 3600), ("m", 60))),
        (2 * DAY, _units(seconds, ("h", 3600))),
        (8 * DAY, _units(seconds, ("d", DAY), ("h", 3600))),
        (2 * YEAR, _units(seconds, ("d", DAY))),
        (8 * YEAR, _units(seconds, ("y", YEAR), ("d", DAY))),
    ):
        if seconds < limit:
            return shown
    return _units(seconds, ("y", YEAR))


def _units(seconds: int, *units: tuple[str, int]) -> str:
    rest, parts = max(seconds, 0), []
    for letter, size in units:
        count, rest = divmod(rest, size)
        parts.append(f"{count}{letter}")
    shown = [part for part in parts[1:] if part[0] != "0"]
    return "".join([*parts[:1], *shown])


def rfc3339(moment: datetime) -> str:
    """`2026-11-23T01:32:40Z`, or with the reader's zone when it is another."""
    text = moment.astimezone().isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


_RELATIVE = (
    (1, "now", 1),
    (2, "1 second", 1),
    (60, "{} seconds", 1),
    (120, "1 minute", 1),
    (3600, "{} minutes", 60),
    (7200, "1 hour", 1),
    (DAY, "{} hours", 3600),
    (2 * DAY, "1 day", 1),
    (7 * DAY, "{} days", DAY),
    (14 * DAY, "1 week", 1),
    (30 * DAY, "{} weeks", 7 * DAY),
    (60 * DAY, "1 month", 1),
    (360 * DAY, "{} months", 30 * DAY),
    (540 * DAY, "1 year", 1),
    (720 * DAY, "2 years", 1),
)


def relative(seconds: int) -> str:
    """`1 second ago`, `59 minutes from now`."""
    size = abs(seconds)
    words = next((text.format(size // unit) for limit, text, unit in _RELATIVE if size < limit), "")
    words = words or f"{size // (360 * DAY)} years"
    return words if words == "now" else f"{words} {'ago' if seconds < 0 else 'from now'}"


_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)")
_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": DAY,
    "w": 7 * DAY,
}


def seconds(text: str, flag: str) -> int:
    """The whole seconds of `1h30m`, `7d`, `0`. Raises UsageError with the flag's name."""
    parts = _SPAN.findall(text)
    if text not in ("", "0") and "".join(f"{size}{unit}" for size, unit in parts) != text:
        raise UsageError(
            f'invalid argument "{text}" for "{flag}" flag: must be a time span as 30d, 12h or 90m'
        )
    return int(sum(float(size) * _SECONDS[unit] for size, unit in parts))
