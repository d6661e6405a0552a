"""What somebody asks of an application by what they write into it: a refresh, an operation, its end.

Invariant: pure; the Application says all of it.
"""

from __future__ import annotations

from fairlead.model.application import Application
from fairlead.model.noted import NOTED
from fairlead.model.sync import OperationPhase

REFRESH = "argocd.argoproj.io/refresh"
REFRESH_TIMESTAMP = "argocd.argoproj.io/refresh-timestamp"
HYDRATE = "argocd.argoproj.io/hydrate"
HYDRATE_TIMESTAMP = "argocd.argoproj.io/hydrate-timestamp"
HARD = "hard"

OWN = "fairlead.dev/"
"""What annotations begin with that act here, beside those in which we note something."""


def acting(app: Application) -> dict[str, str]:
    """What people say of an application in annotations of ours."""
    annotations = app.metadata.annotations
    return {name: text for name, text in annotations.items() if name.startswith(OWN) and name not in NOTED}


def refresh_of(app: Application) -> tuple[str, str] | None:
    """The refresh annotation and its timestamp, or None when no refresh is asked for."""
    annotations = app.metadata.annotations
    value = annotations.get(REFRESH)
    return None if not value else (value, annotations.get(REFRESH_TIMESTAMP, ""))


def hydration_of(app: Application) -> tuple[str, str] | None:
    """The same of the annotation that asks for a hydration."""
    annotations = app.metadata.annotations
    value = annotations.get(HYDRATE)
    return None if not value else (value, annotations.get(HYDRATE_TIMESTAMP, ""))


def wants_look(app: Application) -> bool:
    """Whether an operation that a person asked for is to begin: with what the remote holds at that moment."""
    operation, state = app.operation, app.status.operation_state
    if operation is None or operation.sync is None or operation.sync.manifests:
        return False
    has_begun = state is not None and not state.phase.is_final and state.sync_result is not None
    by_itself = operation.initiated_by is not None and operation.initiated_by.automated
    return not has_begun and not by_itself and not is_terminating(app)


def is_terminating(app: Application) -> bool:
    """Whether somebody asked for the end of the operation that is under way."""
    state = app.status.operation_state
    return app.operation is not None and state is not None and state.phase is OperationPhase.TERMINATING
