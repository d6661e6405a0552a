"""Decides what should happen to an application, from facts and verdict: an operation, later, or nothing.

Invariant: pure. What is to be remembered of a decision is part of it; who carries it out remembers it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from fairlead.app_controller.comparing.item import Comparison
from fairlead.app_controller.looking.automated import Decision, automated_operation
from fairlead.app_controller.looking.facts import Facts
from fairlead.app_controller.looking.kept import Kept
from fairlead.app_controller.reporting.drift import has_drifted
from fairlead.model.application import Application
from fairlead.model.status import SyncCode

REPEATED = "Automated sync is backing off: the same state was begun to be synced just before."


class Decided(NamedTuple):
    """The decision, whether somebody was found to have changed the cluster, and what to remember of both."""

    decision: Decision
    has_drifted: bool
    kept: Kept


def decided(
    app: Application,
    facts: Facts,
    comparison: Comparison,
    kept: Kept,
    *,
    moment: float,
    may_sync: bool,
    heal_wait: Callable[[int], float],
    is_ready: bool = True,
) -> Decided:
    """Whether the application is synced without being asked; `may_sync` says that no window forbids it,
    `is_ready` that what it depends on is ready, which a heal does not ask for.

    `moment` is monotonic; ``heal_wait`` gives the seconds that must pass after so many heals in a row.
    """
    if facts.problem:
        return Decided(Decision(keeps_error=True), has_drifted=False, kept=kept)
    decision = Decision(keeps_error=True)
    if may_sync:
        decision = automated_operation(
            app, comparison, facts.render, heal_wait=heal_wait, is_first_look=not kept.was_compared
        )
    is_begun = decision.operation is not None and not decision.is_heal
    if is_begun and not is_ready and comparison.code is not SyncCode.SYNCED:
        decision = Decision(is_waiting=True)
    kept = msgspec.structs.replace(kept, was_compared=True)
    decision, kept = _paced(app, facts, decision, kept, moment)
    is_drift = kept.drifted_at is None and has_drifted(
        app, facts.render, comparison, is_heal=decision.is_heal
    )
    if is_drift:
        kept = msgspec.structs.replace(kept, drifted_at=moment)
    return Decided(decision, is_drift, kept)


def _paced(
    app: Application, facts: Facts, decision: Decision, kept: Kept, moment: float
) -> tuple[Decision, Kept]:
    """The decision, put off when it begins again what was begun a moment ago."""
    if decision.operation is None or decision.is_heal:
        return decision, kept
    what = (facts.render.digest, facts.render.revisions, app.spec.effective_sources())
    wait = kept.pace.wait(what, moment)
    if wait > 0:
        return Decision(error=REPEATED, again_after=wait), kept
    return decision, msgspec.structs.replace(kept, pace=kept.pace.begun(what, moment))
