"""A plain sync: one wave of ordinary objects, applied at once.

Written: nothing before it is over, then all of it in one patch, by who evaluates; only one that takes longer
says meanwhile that it runs. Applying twice is applying once, so a crash before the patch heals: the next look
compares, and records what was deployed.
"""

from __future__ import annotations

import asyncio

from fairlead.app_controller.syncing.operation import Progress
from fairlead.app_controller.syncing.progress import Chronicle
from fairlead.app_controller.syncing.run import Run
from fairlead.app_controller.syncing.trial import refused_by_trial
from fairlead.sync.advance import begin

START_SHOWN_AFTER = 3.0
"""Seconds a plain sync may take before the status says that it runs; most are over by then, in one patch."""


async def applied_at_once(run: Run, chronicle: Chronicle, revisions: tuple[str, ...]) -> Progress:
    """The whole sync, or what is still waited for of it (a deletion, say)."""
    attempt = run.attempt
    beginning = begin(run.plan, attempt.results)
    if beginning is None:
        return await run.carry(await run.next_step(attempt.results))
    await chronicle.foretell(attempt.record, attempt.status)
    await chronicle.announce(attempt.record, attempt.state, revisions)
    refused = await refused_by_trial(run, beginning)
    if refused is not None:
        return refused
    async with asyncio.TaskGroup() as group:
        carried = group.create_task(run.carry(await run.next_step(attempt.results)))
        done, _ = await asyncio.wait({carried}, timeout=START_SHOWN_AFTER)
        if not done:
            await chronicle.write_start(attempt.record, attempt.status, attempt.state, revisions)
    return carried.result()
