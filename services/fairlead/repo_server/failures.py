"""Renders that fail again and again are not tried for an hour (contract 6, failed-render pause).

Invariant: a pause is of one source at one commit; a new commit, other options or a hard refresh end it.
"""

import time
from collections import OrderedDict

import msgspec

FAILURES = 3
PAUSE = 3600.0
"""Seconds from the first failure."""
CAPACITY = 5_000
"""Failing renders that are remembered."""


class Failing(msgspec.Struct):
    """Failures in a row; `since` is a monotonic second."""

    since: float
    message: str
    count: int = 0


class Failures:
    """Failures by source and commit."""

    def __init__(self) -> None:
        self._failing: OrderedDict[str, Failing] = OrderedDict()

    def paused(self, key: str) -> str:
        """The message to answer instead of rendering; "" when it may be tried."""
        failing = self._failing.get(key)
        if failing is None or failing.count < FAILURES:
            return ""
        if time.monotonic() - failing.since > PAUSE:
            del self._failing[key]
            return ""
        return f"Manifest generation error (cached): {failing.message}"

    def failed(self, key: str, message: str) -> None:
        """One more failure."""
        failing = self._failing.setdefault(key, Failing(time.monotonic(), message))
        failing.count += 1
        failing.message = message
        while len(self._failing) > CAPACITY:
            self._failing.popitem(last=False)

    def forget(self, key: str) -> None:
        """It worked, or somebody insists."""
        self._failing.pop(key, None)
