"""What follows from the facts: the comparison, and what the status says of it.

Invariant: what is desired being unknown, everything is in doubt, nothing is asked and nothing looks as if it
were to be pruned.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from fairlead.app_controller.comparing.comparison import compare_application, without_prunes
from fairlead.app_controller.comparing.item import Comparison, Remark
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.looking.facts import Facts
from fairlead.app_controller.looking.kept import Stated
from fairlead.app_controller.reporting.report import compared_status, failed_status
from fairlead.model.application import Application
from fairlead.model.status import ApplicationStatus, ConditionType, SyncCode


class Verdict(NamedTuple):
    """A comparison and the status it makes."""

    comparison: Comparison
    status: ApplicationStatus


async def judge(
    facts: Facts,
    app: Application,
    ledger: Ledger,
    *,
    control_namespace: str,
    refreshed_now: bool,
    stated: Stated | None = None,
) -> Verdict:
    """Compare, and say what is so; `refreshed_now` moves the time of the last refresh.

    Of what is so as it was `stated` no status is made: it is the Application's.
    """
    if facts.problem:
        return await _in_doubt(facts, app, ledger, control_namespace, refreshed_now=refreshed_now)
    comparison = await compare_application(facts.subject, ledger)
    if facts.beside:
        remarks = (*comparison.remarks, *facts.beside)
        comparison = msgspec.structs.replace(comparison, remarks=remarks)
    if comparison.code is SyncCode.SYNCED and _wants_other_metadata(app):
        comparison = msgspec.structs.replace(comparison, code=SyncCode.OUT_OF_SYNC, namespace_differs=True)
    if stated is not None and not refreshed_now and stated.holds(app, facts.render, comparison, facts.beside):
        return Verdict(comparison, app.status)
    status = compared_status(
        app,
        comparison,
        facts.render,
        control_namespace=control_namespace,
        refreshed_now=refreshed_now,
    )
    return Verdict(comparison, status)


def _wants_other_metadata(app: Application) -> bool:
    """Whether its namespace is to have other metadata than the last sync gave it (contract 8.2)."""
    policy, state = app.spec.sync_policy, app.status.operation_state
    wanted = policy.managed_namespace_metadata if policy is not None else None
    if wanted is None or state is None or state.sync_result is None:
        return False
    return wanted != state.sync_result.managed_namespace_metadata


async def _in_doubt(
    facts: Facts, app: Application, ledger: Ledger, control_namespace: str, *, refreshed_now: bool
) -> Verdict:
    """What is live against the last known state, from what is known."""
    comparison = await compare_application(msgspec.structs.replace(facts.subject, may_ask=False), ledger)
    if not facts.is_known:
        comparison = without_prunes(comparison)
    status = failed_status(
        app,
        [Remark(ConditionType.COMPARISON_ERROR, facts.problem)],
        comparison,
        control_namespace=control_namespace,
        refreshed_now=refreshed_now,
    )
    return Verdict(comparison, status)
