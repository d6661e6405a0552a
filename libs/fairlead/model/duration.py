"""Reading durations as users write them: Go's (``1h30m``, ``5s``, ``100ms``), a bare whole number being
seconds.

Invariant: text that is no duration is an error, never zero.
"""

from __future__ import annotations

import re


class DurationError(ValueError):
    """Text that is no duration."""


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(ns|us|µs|μs|ms|s|m|h)")
_BARE = re.compile(r"-?\d{1,12}")
_WHOLE = re.compile(rf"([+-]?)((?:{_PART.pattern}){{1,16}})")


def parse_duration(text: str) -> float:
    """Seconds. Raises :class:`DurationError`."""
    text = text.strip()
    if _BARE.fullmatch(text):
        return float(text)
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise DurationError(f'time: invalid duration "{text}"')
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(found[2]))
    return -seconds if found[1] == "-" else seconds
