"""What can be wrong with a sync's own settings. All of it is *invalid*: the user must change it.

ValueError
└── DurationError    text that is no duration (from the model)
"""

from __future__ import annotations

from fairlead.model.duration import DurationError

__all__ = ["DurationError"]
