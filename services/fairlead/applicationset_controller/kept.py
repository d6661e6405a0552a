"""What of an Application is not its set's to say, and stays when the set is applied (contract 4).

Invariant: what is kept here is also no change that wakes the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fairlead.matching import pauses, pins
from fairlead.model.noted import NOTED
from fairlead.sync.let_go import APPROVED, APPROVED_LIST

REFRESH: Final = "argocd.argoproj.io/refresh"
"""Asks for one comparison of an Application."""
ANNOTATIONS: Final = frozenset(
    {
        "notified.notifications.argoproj.io",
        REFRESH,
        "argocd.argoproj.io/refresh-timestamp",
        "argocd.argoproj.io/hydrate",
        "argocd.argoproj.io/hydrate-timestamp",
        APPROVED,
        APPROVED_LIST,
        *NOTED,
    }
)
"""What somebody asks of an Application once, and what is noted of it; beyond Argo CD's three, a prune that
was confirmed, and our own notes."""
HELD: Final = tuple(
    frozenset(f"{prefix}{field}" for field in fields)
    for prefix, fields in ((pauses.PREFIX, pauses.FIELDS), (pins.PREFIX, pins.FIELDS))
)
"""Pauses and pins, which people set on an Application whatever made it. What a set's template says of one
stands in place of that."""
CASCADE: Final = "resources-finalizer.argocd.argoproj.io"
"""Deletes what an Application deployed along with it; with `/foreground` or `/background` behind it too."""
HOOKS: Final = ("pre-delete-finalizer.argocd.argoproj.io", "post-delete-finalizer.argocd.argoproj.io")
"""The app-controller's, for hooks of deletions."""


def merged(wanted: Mapping[str, str], there: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """The wanted labels or annotations, with what is there of these keys."""
    return {**wanted, **{key: there[key] for key in keys if key in there}}


def annotated(wanted: Mapping[str, str], there: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """The wanted annotations, with what is not the set's to say, and what is there of these keys."""
    held = (group for group in HELD if not group & wanted.keys())
    return merged(wanted, there, (*ANNOTATIONS, *keys, *(key for group in held for key in group)))


def without(annotations: Mapping[str, str]) -> dict[str, str]:
    """The annotations that are a set's to say."""
    left = ANNOTATIONS.union(*HELD)
    return {key: text for key, text in annotations.items() if key not in left}


def is_cascade(finalizer: str) -> bool:
    """Whether a finalizer deletes what the Application deployed."""
    return finalizer == CASCADE or finalizer.startswith(f"{CASCADE}/")


def is_of_hooks(finalizer: str) -> bool:
    """Whether a finalizer is one of the app-controller's own."""
    return finalizer.startswith(HOOKS)
