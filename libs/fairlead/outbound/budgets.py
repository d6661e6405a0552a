"""What a host lets us ask of it: one budget for all that is asked of it, whoever asks.

Invariant: a host that asks to wait is not asked before, however many repositories it has.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Protocol

from fairlead.outbound.errors import AskedTooOftenError

UNTOLD_WAIT = 60.0
"""Seconds that a host is left alone which says that it was asked too often, and not for how long."""
LONGEST_WAIT = 3600.0
"""Seconds that a host is left alone at most, whatever it says: GitHub's budgets are for an hour."""
MOST_HOSTS = 1024
"""Hosts that are remembered; the one heard of longest ago goes first."""

_TOO_MANY = 429
_LIMITED = frozenset({403, _TOO_MANY, 503})
"""Statuses that, with a header that says so, ask to wait."""


class Heard(Protocol):
    """Told what is left of a host's budget, and for how many seconds it is left alone."""

    def __call__(self, host: str, remaining: float | None, waits: float) -> None: ...


def _nobody(host: str, remaining: float | None, waits: float) -> None:
    """Nobody counts."""


class Budgets:
    """By host. `heard` is told of each change."""

    def __init__(self, heard: Heard = _nobody) -> None:
        self._until: dict[str, float] = {}
        self._heard = heard

    def admit(self, host: str) -> None:
        """Raises AskedTooOftenError while a host is to be left alone."""
        left = self.waits(host)
        if left > 0:
            text = f"{host} has been asked too often and wants to be left alone; it is asked again in"
            raise AskedTooOftenError(f"{text} {math.ceil(left)} s", _TOO_MANY)

    def waits(self, host: str) -> float:
        """Seconds for which a host is left alone."""
        return max(0.0, self._until.get(host, 0.0) - time.monotonic())

    def hold(self, host: str, seconds: float = UNTOLD_WAIT) -> None:
        """Leave a host alone; never for less than it asked for before."""
        until = time.monotonic() + min(max(seconds, 1.0), LONGEST_WAIT)
        until = max(until, self._until.pop(host, 0.0))
        self._until[host] = until
        while len(self._until) > MOST_HOSTS:
            self._until.pop(next(iter(self._until)))
        self._heard(host, None, self.waits(host))

    def heed(self, host: str, status: int, headers: Mapping[str, str]) -> None:
        """Take what an answer says of the budget."""
        remaining = _number(headers.get("X-RateLimit-Remaining", headers.get("RateLimit-Remaining")))
        wait = _wait(status, headers, remaining)
        if wait is not None:
            self.hold(host, wait)
        if remaining is not None or wait is not None:
            self._heard(host, remaining, self.waits(host))


def wait_of(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait, at most `LONGEST_WAIT`; None for none.

    For who keeps the wish by itself, as it is one account's on a host that others ask too.
    """
    remaining = _number(headers.get("X-RateLimit-Remaining", headers.get("RateLimit-Remaining")))
    wait = _wait(status, headers, remaining)
    return None if wait is None else min(max(wait, 1.0), LONGEST_WAIT)


def _wait(status: int, headers: Mapping[str, str], remaining: float | None) -> float | None:
    """Seconds to wait that an answer asks for, None for none."""
    if status not in _LIMITED:
        return None
    told = _seconds(headers.get("Retry-After"))
    if told is not None:
        return told
    if remaining == 0 and status != 503:
        return _until_reset(headers)
    return UNTOLD_WAIT if status == _TOO_MANY else None


def _until_reset(headers: Mapping[str, str]) -> float:
    """`X-RateLimit-Reset` is a time in seconds since 1970 with most hosts, `RateLimit-Reset` a span."""
    reset = _number(headers.get("X-RateLimit-Reset", headers.get("RateLimit-Reset")))
    if reset is None:
        return UNTOLD_WAIT
    return reset - time.time() if reset > 1e9 else reset


def _seconds(text: str | None) -> float | None:
    """`Retry-After`: seconds, or a date."""
    number = _number(text)
    if number is not None or not text:
        return number
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None
