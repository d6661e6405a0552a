"""What the last operation of an application deployed, or tried to: the digest of its manifests.

A revision does not say it: a commit may leave the manifests as they were, and an operation may fail before it
knows a revision. The digest is kept in an annotation, beside the start of the operation it belongs to, and
written with that operation's end.

Invariant: what is not known for certain counts as never attempted.
"""

from __future__ import annotations

from fairlead.model.application import Application
from fairlead.model.noted import ATTEMPTED
from fairlead.model.sync import OperationState


def attempt_text(state: OperationState, digest: str) -> str:
    """The annotation for an operation that ended; "" when it never had manifests."""
    return f"{state.started_at} {digest}" if digest else ""


def attempted_digest(app: Application) -> str:
    """The digest that the last operation was about, or "" when that is not known."""
    state = app.status.operation_state
    started, _, digest = app.metadata.annotations.get(ATTEMPTED, "").partition(" ")
    return digest if state is not None and started == state.started_at else ""
