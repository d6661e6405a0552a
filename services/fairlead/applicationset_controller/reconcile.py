"""One look at one set: drawn, carried out, reported.

Invariant: a set that cannot be generated whole is written nothing for but words; Applications are deleted
only where `applying/doubt.py` says so, and only after everything else was written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import structlog

from fairlead.applicationset_controller.applying import doubt
from fairlead.applicationset_controller.applying.carry_out import CarryOut
from fairlead.applicationset_controller.applying.doubt import Held, Verdict
from fairlead.applicationset_controller.applying.ignoring import Jq
from fairlead.applicationset_controller.applying.rollout import Rollout
from fairlead.applicationset_controller.applying.validate import summed_up
from fairlead.applicationset_controller.deletions import Deletions, own
from fairlead.applicationset_controller.drawing import Draftsman, Drawing
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.concerns import Concerns
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.generating.errors import GenerationError
from fairlead.applicationset_controller.generating.generate import Generated
from fairlead.applicationset_controller.leaving import Leaving
from fairlead.applicationset_controller.marks import Marks
from fairlead.applicationset_controller.needs import blind, needs
from fairlead.applicationset_controller.patience import Patience
from fairlead.applicationset_controller.reporting import conditions
from fairlead.applicationset_controller.reporting.conditions import Failure
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.applicationset_controller.reporting.resources import resources
from fairlead.applicationset_controller.reporting.status import Report, write_status
from fairlead.applicationset_controller.rolling import measuring as rolling
from fairlead.applicationset_controller.rolling import progressive
from fairlead.applicationset_controller.writers import Writers
from fairlead.kube.collection import Name
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.model.applicationset import (
    ApplicationSet,
    ApplicationSetApplicationStatus,
    ApplicationSetCondition,
)
from fairlead.settings.application_sets import ApplicationSetParameters

log = structlog.get_logger(__name__)

AFTER_PROBLEM: Final = 180.0
"""Seconds until a set with something wrong is looked at again (contract 4, requeue)."""
TOLD_AFTER: Final = 2
"""Looks in a row that Kubernetes did not let end after which a set says so: one conflict is no news."""
FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 300.0
"""Seconds until writes that failed are tried again: doubling between these."""


class Reconciler:
    """Looks at sets. Nothing is remembered of one but what its last generations lacked, and its failures."""

    def __init__(
        self,
        draftsman: Draftsman,
        *,
        client: KubeClient,
        writers: Writers,
        sets: Sets,
        children: Children,
        clusters: Clusters,
        concerns: Concerns,
        leaving: Leaving,
        events: Events,
        jq: Jq,
        parameters: ApplicationSetParameters,
    ) -> None:
        self._draftsman = draftsman
        self._client = client
        self._writers = writers
        self._sets = sets
        self._children = children
        self._concerns = concerns
        self._leaving = leaving
        self._events = events
        self._jq = jq
        self._parameters = parameters
        self._marks = Marks(sets, writers)
        self._deletions = Deletions(client, self._marks, children=children, clusters=clusters, events=events)
        self._failures: dict[Name, int] = {}
        self._troubles: dict[Name, int] = {}
        self._patience = Patience()
        self._words: dict[Name, tuple[str, ...]] = {}
        self._generated: dict[Name, _Last] = {}

    def forget(self, key: Name) -> None:
        """The set is gone, or another replica's."""
        self._deletions.forget(key)
        self._failures.pop(key, None)
        self._troubles.pop(key, None)
        self._patience.forget(key)
        self._words.pop(key, None)
        self._concerns.forget(key)
        self._generated.pop(key, None)

    async def look(self, known: KnownSet) -> float | None:
        """Bring the Applications of a set to what it wants; seconds until the next look, None for none.

        Raises KubeError; whoever calls looks again soon, and from the second time in a row the set says why.
        """
        try:
            again = await self._looked(known)
        except KubeError as error:
            troubles = self._troubles[known.key] = self._troubles.get(known.key, 0) + 1
            if troubles >= TOLD_AFTER:
                await self._tell_trouble(known, error)
            raise
        self._troubles.pop(known.key, None)
        return again

    async def _looked(self, known: KnownSet) -> float | None:
        if known.unreadable:
            await self._failed(known, Failure(reason=conditions.ERROR, message=known.unreadable))
            return None
        if known.is_deleting:
            return await self._leaving.look(known)
        if waits := self._patience.left(known) or await self._leaving.prepare(known):
            return waits
        await self._refreshed(known)
        self._concerns.widen(known.key, blind(known.set))
        try:
            self._generated.pop(known.key, None)
            drawing, verdict = await self._drawn(known)
        except GenerationError as error:
            self._deletions.failed(known)
            self._concerns.note(known.key, blind(known.set))
            await self._failed(known, Failure(reason=error.reason, message=error.message))
            return self._patience.rest(known) if error.took_too_long else AFTER_PROBLEM
        self._patience.forget(known.key)
        self._concerns.note(known.key, needs(known.set, drawing))
        if drawing.rollout is not None:
            self._generated[known.key] = _Last(_version(known), drawing.generated)
        self._tell_words(known, drawing.generated.words)
        if self._parameters.dry_run:
            self._tell_dry_run(known, drawing)
            return drawing.generated.requeue_after
        return await self._applied(known, drawing, verdict)

    async def step(self, known: KnownSet) -> float | None:
        """Applications of a set that is updated in steps fare otherwise: it goes on with what was generated
        last, as hosts are not asked again for each move of each Application. Nothing is deleted."""
        if known.is_deleting:
            return await self._leaving.look(known)
        if self._parameters.dry_run:
            return None
        last = self._generated.get(known.key)
        if last is None or last.of != _version(known):
            await self.glance(known)
            return None
        drawing = await self._draftsman.draw(known.set, last.again)
        return await self._applied(known, drawing, Verdict())

    async def glance(self, known: KnownSet) -> None:
        """Applications fare otherwise than before: only that is reported."""
        if not known.is_deleting and not self._parameters.dry_run:
            await self._report(known, None)

    async def _drawn(self, known: KnownSet) -> tuple[Drawing, Verdict]:
        """A complete generation; what lacks Applications is drawn again at once."""
        drawing = await self._draftsman.draw(known.set)
        verdict = self._deletions.judge(known, drawing)
        if verdict.again == 0.0:
            drawing = await self._draftsman.draw(known.set)
            verdict = self._deletions.judge(known, drawing)
        if verdict.again == 0.0:  # two looks that disagree: a third at once would tell no more
            verdict = Verdict(again=doubt.APART)
        return drawing, verdict

    async def _applied(self, known: KnownSet, drawing: Drawing, verdict: Verdict) -> float | None:
        writes = CarryOut(
            known.set,
            self._client,
            self._writers.applications(known.key),
            children=self._children,
            events=self._events,
            jq=self._jq,
            preserved=self._draftsman.preserved.with_own(known.set),
            updates=self._draftsman.policy(known.set).updates,
        )
        for name in drawing.plan.awaited:
            self._children.expect_end((known.key[0], name), expected=False)
        rollout = drawing.rollout
        if rollout is not None and rollout.is_new:
            await self._report(known, None, statuses=rollout.without(rollout.operations))
        failure, unbegun = await self._written(known, writes, drawing)
        held = self._deletions.still_held(known, drawing)
        if failure is None:
            held, failure = await self._deletions.carry_out(known, writes, drawing, verdict)
        problem = _invalid(drawing.plan.problems)
        found = [
            *conditions.outcome(failure or problem, generated=True),
            *_of_rollout(known.set, rollout),
            *([_held(held)] if held is not None else []),
        ]
        await self._report(known, found, statuses=rollout.without(unbegun) if rollout is not None else ())
        return self._next(known.key, drawing, verdict, failure=failure, problem=problem)

    async def _written(
        self, known: KnownSet, writes: CarryOut, drawing: Drawing
    ) -> tuple[Failure | None, Collection[str]]:
        """Create and update; what failed first, and the names of those whose operations are not written. One
        that cannot be made costs no other its change."""
        rollout, plan = drawing.rollout, drawing.plan
        operations = rollout.operations if rollout is not None else {}
        failed = await writes.create(plan.creates, operations)
        planned = {app.name for app in (*plan.creates, *plan.updates)}
        begun = [app for app in drawing.wanted if app.name in operations and app.name not in planned]
        unchanged = await writes.update((*plan.updates, *begun), operations)
        unbegun = {**unchanged, **failed}
        if rollout is not None:
            waited = (it for name, it in rollout.unbegun.items() if name not in unbegun)
            rolling.begun(known.key, waited, datetime.now(UTC))
        if failed:
            return Failure(reason=conditions.CREATING, message=summed_up(failed)), unbegun
        if unchanged:
            return Failure(reason=conditions.UPDATING, message=summed_up(unchanged)), unbegun
        if rollout is not None and rollout.refreshes:
            failed = await writes.refresh(rollout.refreshes)
        return Failure(reason=conditions.REFRESHING, message=summed_up(failed)) if failed else None, ()

    async def _tell_trouble(self, known: KnownSet, error: KubeError) -> None:
        """Kubernetes refused something without which the look could not go on."""
        failure = Failure(reason=conditions.KUBERNETES, message=f"Kubernetes: {error.message}")
        now = self._sets.get(known.key)
        with contextlib.suppress(KubeError):
            await self._report(known, conditions.troubled((now or known).set.status.conditions, failure))

    async def _failed(self, known: KnownSet, failure: Failure) -> None:
        """Nothing was generated."""
        log.info("application_set.not_generated", set="/".join(known.key), detail=failure.message[:200])
        kept = [item for item in known.set.status.conditions if item.type == conditions.HELD]
        await self._report(known, [*conditions.outcome(failure, generated=False), *kept])

    async def _report(
        self,
        known: KnownSet,
        found: list[ApplicationSetCondition] | None,
        *,
        statuses: tuple[ApplicationSetApplicationStatus, ...] | None = None,
    ) -> None:
        now = self._sets.get(known.key)
        if now is None or now.set.metadata.uid != known.set.metadata.uid:
            return
        listed, count = resources(own(self._children, known), self._parameters.most_resources)
        report = Report(
            conditions=None if found is None else conditions.refreshed(now.set.status.conditions, found),
            resources=listed,
            resources_count=count,
            application_status=statuses,
        )
        await write_status(self._writers.sets(known.key), self._sets, now, report)

    async def _refreshed(self, known: KnownSet) -> None:
        """Before the look: who asks while it is under way may have seen what it has not."""
        if known.wants_refresh and not self._parameters.dry_run:
            await self._marks.clear_refresh(known)

    def _next(
        self,
        key: Name,
        drawing: Drawing,
        verdict: Verdict,
        *,
        failure: Failure | None,
        problem: Failure | None,
    ) -> float | None:
        waits = [drawing.generated.requeue_after, verdict.again]
        if drawing.rollout is not None:
            waits.append(drawing.rollout.again)
        if problem is not None:
            waits.append(AFTER_PROBLEM)
        if failure is not None:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            waits.append(min(FIRST_RETRY * 2 ** min(failures - 1, 16), LONGEST_RETRY))
        else:
            self._failures.pop(key, None)
        return min((wait for wait in waits if wait is not None), default=None)

    def _tell_words(self, known: KnownSet, words: tuple[str, ...]) -> None:
        """What is accepted and has no effect, each time it is something else."""
        if self._words.get(known.key, ()) == words:
            return
        self._words[known.key] = words
        for text in words:
            log.warning("application_set.without_effect", set="/".join(known.key), detail=text)
            self._events.note(known.set, "WithoutEffect", text, warning=True)

    def _tell_dry_run(self, known: KnownSet, drawing: Drawing) -> None:
        plan = drawing.plan
        log.info(
            "application_set.dry_run",
            set="/".join(known.key),
            creates=[app.name for app in plan.creates],
            updates=[app.name for app in plan.updates],
            absent=[child.name for child in plan.absent],
            problems=dict(plan.problems),
        )


class _Last(NamedTuple):
    """What a set came to last, and of which version of it."""

    of: tuple[str, int]
    generated: Generated

    async def again(self, _: ApplicationSet) -> Generated:
        return self.generated


def _version(known: KnownSet) -> tuple[str, int]:
    return known.set.metadata.uid, known.set.metadata.generation


def _of_rollout(aset: ApplicationSet, rollout: Rollout | None) -> tuple[ApplicationSetCondition, ...]:
    if rollout is not None:
        return rollout.conditions
    return progressive.not_in_force(aset)


def _invalid(problems: Mapping[str, str]) -> Failure | None:
    if not problems:
        return None
    return Failure(reason=conditions.VALIDATION, message=summed_up(problems))


def _held(held: Held) -> ApplicationSetCondition:
    return conditions.condition(conditions.HELD, conditions.TRUE, conditions.HELD, held.message)
