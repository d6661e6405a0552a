"""A sync with hooks, waves or a namespace to be made: one step an evaluation.

Written: its start, before anything is tried; the results so far, before a step changes something or lets go
of a hook, which is what its result was read from; what came of the step, by who evaluates. So a restart at
any point finds what was begun and goes on after it.
"""

from __future__ import annotations

from fairlead.app_controller.syncing.operation import Progress
from fairlead.app_controller.syncing.progress import Chronicle
from fairlead.app_controller.syncing.run import Run
from fairlead.app_controller.syncing.trial import refused_by_trial
from fairlead.sync.advance import begin, begun
from fairlead.sync.step import Begin
from fairlead.sync.task import Results


async def step_taken(run: Run, chronicle: Chronicle, revisions: tuple[str, ...]) -> Progress:
    """The next step, carried out."""
    attempt = run.attempt
    results = attempt.results
    beginning = begin(run.plan, results)
    if beginning is not None:
        await chronicle.write_start(attempt.record, attempt.status, attempt.state, revisions)
        results, refused = await _begun(run, beginning)
        if refused is not None:
            return refused
    step = await run.next_step(results)
    if step.changes_objects or step.touches_hooks:
        await chronicle.write_progress(attempt.record, attempt.running(step.message, step.results))
    return await run.carry(step)


async def _begun(run: Run, beginning: Begin) -> tuple[Results, Progress | None]:
    """Everything tried, then the namespace made: the results, and the end that a refusal is."""
    attempt = run.attempt
    refused = await refused_by_trial(run, beginning)
    if refused is not None or beginning.namespace is None:
        return attempt.results, refused
    made = await run.carrier.ensure_namespace(beginning.namespace)
    stopped = begun(run.plan, namespace=made, dry_run=())
    if stopped is not None:
        return attempt.results, await attempt.end(stopped.phase, stopped.message, stopped.results)
    return attempt.results.plus([made]), None
