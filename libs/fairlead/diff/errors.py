"""What can be wrong with a comparison.

DiffError
└── IgnoreRuleError    an ignore rule cannot be read (*invalid*: the user must change it)
"""

from __future__ import annotations


class DiffError(ValueError):
    """A comparison that cannot be made."""


class IgnoreRuleError(DiffError):
    """A rule of ``ignoreDifferences`` is malformed."""
