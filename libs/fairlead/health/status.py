"""The six health codes and their order.

Invariant: the order of :class:`Code` is from best to worst, as users know it from Argo CD; its unset
member means "never assessed" and is no answer of this library.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fairlead.model.status import HealthCode as Code

__all__ = [
    "Code",
    "Health",
    "degraded",
    "healthy",
    "is_worse",
    "progressing",
    "suspended",
    "unknown",
    "worst",
]


_RANK = {code: rank for rank, code in enumerate(Code)}


class Health(NamedTuple):
    """A code and the reason a person reads; the message is empty when there is nothing to say."""

    status: Code
    message: str = ""


def healthy(message: str = "") -> Health:
    """All is well."""
    return Health(Code.HEALTHY, message)


def progressing(message: str = "") -> Health:
    """Not there yet, and not known to fail."""
    return Health(Code.PROGRESSING, message)


def suspended(message: str = "") -> Health:
    """Held on purpose."""
    return Health(Code.SUSPENDED, message)


def degraded(message: str = "") -> Health:
    """Failed, or failing."""
    return Health(Code.DEGRADED, message)


def unknown(message: str = "") -> Health:
    """Cannot be told."""
    return Health(Code.UNKNOWN, message)


def is_worse(code: Code, than: Code) -> bool:
    """Whether ``code`` is strictly worse than another."""
    return _RANK[code] > _RANK[than]


def worst(codes: Iterable[Code]) -> Code:
    """The worst of the codes; Healthy when there are none."""
    return max(codes, key=_RANK.__getitem__, default=Code.HEALTHY)
