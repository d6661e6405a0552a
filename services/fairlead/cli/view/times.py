"""Instants and spans as Go prints them, in the reader's own time zone."""

from datetime import datetime

DAY = 86400
YEAR = 365 * DAY


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
