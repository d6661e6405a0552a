"""What can be wrong with a sync's own settings.

SyncError
└── DurationError    text that is no duration (*invalid*: the user must change it)
"""

from __future__ import annotations


class SyncError(ValueError):
    """A sync that cannot be planned."""


class DurationError(SyncError):
    """A duration (``5s``, ``1h30m``, ``10``) that cannot be read."""
