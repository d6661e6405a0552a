"""Renders that fail again and again are not tried for an hour (contract 6, failed-render pause).

Invariant: a pause is of one render and all that it depends on; a new commit, other options, another version
of the cluster or a hard refresh end it.
"""

import time
from collections import OrderedDict

import msgspec

from fairlead.render import RenderInvalidError

FAILURES = 3
PAUSE = 3600.0
"""Seconds from the first failure."""
CAPACITY = 5_000
"""Failing renders that are remembered."""


class Failing(msgspec.Struct):
    """Failures in a row; `since` is a monotonic second."""

    since: float
    error: RenderInvalidError
    count: int = 0


class Failures:
    """Failures by source and commit."""

    def __init__(self) -> None:
        self._failing: OrderedDict[str, Failing] = OrderedDict()

    def paused(self, key: str) -> RenderInvalidError | None:
        """The failure to answer instead of rendering, with what it depends on; None when it may be tried."""
        failing = self._failing.get(key)
        if failing is None or failing.count < FAILURES:
            return None
        if time.monotonic() - failing.since > PAUSE:
            del self._failing[key]
            return None
        return _like(failing.error, f"Manifest generation error (cached): {failing.error}")

    def failed(self, key: str, error: RenderInvalidError) -> None:
        """One more failure."""
        error = _like(error, str(error))
        failing = self._failing.setdefault(key, Failing(time.monotonic(), error))
        failing.count += 1
        failing.error = error
        while len(self._failing) > CAPACITY:
            self._failing.popitem(last=False)

    def forget_elsewhere(self) -> None:
        """Other credentials are known: what could not be had from elsewhere may be had now."""
        for key in [key for key, failing in self._failing.items() if failing.error.code == "remote"]:
            del self._failing[key]

    def forget(self, key: str) -> None:
        """It worked, or somebody insists."""
        self._failing.pop(key, None)


def _like(error: RenderInvalidError, message: str) -> RenderInvalidError:
    """The same failure without the frames it was raised through."""
    return type(error)(message, code=error.code, file=error.file, reads=error.reads)
