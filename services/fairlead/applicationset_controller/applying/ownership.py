"""Whose an Application is: the set's, somebody else's, or nobody's.

Invariant: a set changes and deletes what is its own, by the uid and the name in the controlling owner
reference. What nobody controls it takes over, as Argo CD does, and says so, but out of no other project; what
another controls, never.
"""

from __future__ import annotations

from enum import Enum

from fairlead.applicationset_controller.following.child import Child, is_set
from fairlead.model.metadata import ObjectMeta


class Whose(Enum):
    """Whose an Application is, as one set sees it."""

    OURS = "ours"
    FORMER = "former"
    """Of an earlier set of that name, which is gone: names are unique."""
    NOBODYS = "nobody's"
    ANOTHERS = "another's"


def whose(child: Child, metadata: ObjectMeta) -> Whose:
    """Whose an Application is, for the set with this metadata."""
    owner = child.controller
    if owner is None:
        return Whose.NOBODYS
    if not is_set(owner) or owner.name != metadata.name or child.namespace != metadata.namespace:
        return Whose.ANOTHERS
    return Whose.OURS if owner.uid == metadata.uid else Whose.FORMER


def refusal(name: str, controller: str) -> str:
    """Why an Application that another controls is left alone."""
    return (
        f"Application {name} is there already and controlled by {controller}; it is neither changed nor "
        "deleted by this ApplicationSet"
    )
