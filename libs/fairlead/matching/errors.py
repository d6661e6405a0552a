"""What can be wrong with a pattern or a schedule. All of it is *invalid*: the user must change it.

MatchingError
├── GlobError     a glob that cannot be read
└── CronError     a schedule that cannot be read
"""

from __future__ import annotations


class MatchingError(ValueError):
    """Something people wrote to be compared with cannot be read."""


class GlobError(MatchingError):
    """A glob that cannot be read."""


class CronError(MatchingError):
    """A schedule that cannot be read."""
