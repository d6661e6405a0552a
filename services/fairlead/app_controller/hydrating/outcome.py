"""What status.sourceHydrator says of a hydration that runs, that is done, and that failed.

Invariant: pure; a failure leaves what succeeded last as it is.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.following.asked import hydration_of
from fairlead.model.application import Application
from fairlead.model.metadata import Time
from fairlead.model.status import (
    HydrateOperation,
    HydratePhase,
    SourceHydratorStatus,
    SuccessfulHydrateOperation,
)
from fairlead.model.times import stamp

MOST_WORDS = 4096
"""Characters of a message."""


def hydrating(app: Application, dry: str, started_at: Time) -> SourceHydratorStatus:
    """A hydration of a dry commit begins."""
    return _with(app, HydratePhase.HYDRATING, "Hydration started", started_at, dry_sha=dry)


def hydrated(app: Application, dry: str, commit: str, started_at: Time) -> SourceHydratorStatus:
    """A dry commit is what the branch says, at a commit of it. Who did not ask, and says so already, keeps
    its times."""
    before = app.status.source_hydrator
    now = _with(app, HydratePhase.HYDRATED, "Hydrated", started_at, dry_sha=dry, hydrated_sha=commit)
    done = SuccessfulHydrateOperation(
        dry_sha=dry, hydrated_sha=commit, source_hydrator=app.spec.source_hydrator
    )
    said = msgspec.structs.replace(
        now,
        last_successful_operation=done,
        last_compared_dry_revision=dry or before.last_compared_dry_revision,
    )
    is_news = hydration_of(app) is not None or _timeless(said) != _timeless(before)
    return said if is_news else before


def failed(app: Application, dry: str, words: str, started_at: Time) -> SourceHydratorStatus:
    """A hydration failed; the same failure at the same commit keeps its times."""
    now = _with(app, HydratePhase.FAILED, words[:MOST_WORDS], started_at, dry_sha=dry)
    known, new = app.status.source_hydrator.current_operation, now.current_operation
    if known is None or new is None or known.finished_at is None:
        return now
    as_before = msgspec.structs.replace(new, started_at=known.started_at, finished_at=known.finished_at)
    return app.status.source_hydrator if as_before == known else now


def _timeless(status: SourceHydratorStatus) -> SourceHydratorStatus:
    current = status.current_operation
    if current is None:
        return status
    without = msgspec.structs.replace(current, started_at=None, finished_at=None)
    return msgspec.structs.replace(status, current_operation=without)


def _with(
    app: Application, phase: HydratePhase, words: str, started_at: Time, **commits: str
) -> SourceHydratorStatus:
    operation = HydrateOperation(
        phase=phase,
        message=words,
        started_at=started_at,
        finished_at=None if phase is HydratePhase.HYDRATING else stamp(),
        source_hydrator=app.spec.source_hydrator,
        **commits,
    )
    return msgspec.structs.replace(app.status.source_hydrator, current_operation=operation)
