"""What a set comes to at one moment: generated, read, checked, and compared with what is there.

Invariant: nothing is written here, and a set that cannot be generated whole raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec
import structlog

from fairlead.applicationset_controller.applying.change import Preserved, current
from fairlead.applicationset_controller.applying.ignoring import Jq, rules_for, unless_ignored
from fairlead.applicationset_controller.applying.ownership import refusal
from fairlead.applicationset_controller.applying.plan import Plan, changed, plan
from fairlead.applicationset_controller.applying.policy import Policy, policy_of
from fairlead.applicationset_controller.applying.rollout import Rollout
from fairlead.applicationset_controller.applying.validate import problems
from fairlead.applicationset_controller.applying.wanted import UnreadableError, Wanted, wanted
from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.leaves import leaves
from fairlead.applicationset_controller.following.projects import Projects
from fairlead.applicationset_controller.generating.errors import PARAMETERS, TEMPLATE, GenerationError
from fairlead.applicationset_controller.generating.generate import Generated
from fairlead.applicationset_controller.rolling import progressive
from fairlead.diff.errors import IgnoreRuleError
from fairlead.model.applicationset import ApplicationSet
from fairlead.settings.application_sets import ApplicationSetParameters

log = structlog.get_logger(__name__)

T = TypeVar("T")
Generate = Callable[[ApplicationSet], Awaitable[Generated]]
WITHIN: Final = 85.0
"""Seconds that one generation may take."""
WITHIN_OF_HOSTS: Final = 430.0
"""The same where hosts of source code are asked: once for each repository of thousands, often. Two fit into a
look (`work.py`)."""
MANY: Final = 50
"""From so many Applications on they are worked on beside the loop; each takes a tenth of a millisecond."""


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """One complete generation; `blocked` are names that another controller has."""

    generated: Generated
    wanted: tuple[Wanted, ...]
    plan: Plan
    rollout: Rollout | None = None
    blocked: tuple[str, ...] = ()


class Draftsman:
    """Draws sets from what generators, clusters, projects and Applications are at the moment."""

    def __init__(
        self,
        generate: Generate,
        *,
        children: Children,
        clusters: Clusters,
        projects: Projects,
        parameters: ApplicationSetParameters,
        jq: Jq,
    ) -> None:
        self._generate = generate
        self._children = children
        self._clusters = clusters
        self._projects = projects
        self._parameters = parameters
        self._jq = jq
        self.preserved = Preserved(
            labels=parameters.preserved_labels, annotations=parameters.preserved_annotations
        )

    def policy(self, aset: ApplicationSet) -> Policy:
        """What the set may do."""
        parameters = self._parameters
        return policy_of(aset.spec, parameters.policy, overrides=parameters.allows_policy_override)

    async def draw(self, aset: ApplicationSet, generate: Generate | None = None) -> Drawing:
        """One complete generation, by other generators where they are given. Raises GenerationError."""
        rolls = self.rolls(aset)
        if rolls and not progressive.steps_of(aset):
            raise GenerationError(progressive.NO_STEPS_REASON, progressive.NO_STEPS)
        generated = await _within(generate or self._generate, aset)
        found = await _aside(generated, lambda: _read(aset, generated))
        metadata = aset.metadata
        children = self._children.of((metadata.namespace, metadata.name))
        wrong = problems(aset, found, has_project=self._projects.has, destination=self._clusters.problem)
        blocked = self._blocked(metadata.namespace, found, children)
        if rolls:
            found = progressive.switched_off(found)
        planned = await _aside(
            generated,
            lambda: plan(
                aset,
                found,
                children,
                problems={**blocked, **wrong},
                preserved=self.preserved.with_own(aset),
                policy=self.policy(aset),
            ),
        )
        rollout = await self._rollout(aset, found, children, planned) if rolls else None
        return Drawing(
            generated=generated, wanted=found, plan=planned, rollout=rollout, blocked=tuple(blocked)
        )

    def rolls(self, aset: ApplicationSet) -> bool:
        """Whether the set is updated in steps."""
        return self._parameters.progressive_syncs and progressive.asks_for_steps(aset)

    async def _rollout(
        self, aset: ApplicationSet, found: tuple[Wanted, ...], children: Mapping[str, Child], planned: Plan
    ) -> Rollout:
        """The next moves of a set that is updated in steps."""
        updates = self.policy(aset).updates
        return progressive.rollout(
            aset,
            found,
            children,
            datetime.now(UTC),
            differing=await self._differing(aset, children, planned) if updates else (),
            held=planned.problems if updates else {app.name for app in found},
        )

    async def _differing(
        self, aset: ApplicationSet, children: Mapping[str, Child], planned: Plan
    ) -> frozenset[str]:
        """The Applications whose specs are about to be written, fields that are ignored left aside."""
        result = set()
        preserved = self.preserved.with_own(aset)
        for app in planned.updates:
            there = current(children[app.name])
            to_be = changed(aset, app, children[app.name], preserved)
            if to_be is None or to_be.spec == there.spec:
                continue
            try:
                kept = await unless_ignored(to_be, there, rules_for(aset.spec, app.name), self._jq)
            except IgnoreRuleError:
                continue
            if kept is not None and kept.spec != there.spec:
                result.add(app.name)
        return frozenset(result)

    def _blocked(
        self, namespace: str, found: tuple[Wanted, ...], children: Mapping[str, Child]
    ) -> dict[str, str]:
        result = {}
        for app in found:
            controller = self._children.controller_of((namespace, app.name))
            if app.name not in children and controller:
                result[app.name] = refusal(app.name, controller)
        return result


def _read(aset: ApplicationSet, generated: Generated) -> tuple[Wanted, ...]:
    try:
        return tuple(wanted(aset, made.application) for made in generated.made)
    except UnreadableError as error:
        raise GenerationError(TEMPLATE, str(error)) from error


def limit_of(aset: ApplicationSet) -> float:
    """Seconds that one generation of a set may take."""
    asks_hosts = any(
        it.scm_provider is not None or it.pull_request is not None for it in leaves(aset.spec.generators)
    )
    return WITHIN_OF_HOSTS if asks_hosts else WITHIN


async def _within(generate: Generate, aset: ApplicationSet) -> Generated:
    """What generators come to; what goes wrong with them is words on their set. Raises GenerationError."""
    seconds = limit_of(aset)
    try:
        async with asyncio.timeout(seconds):
            return await generate(aset)
    except GenerationError:
        raise
    except TimeoutError as error:
        raise GenerationError(PARAMETERS, f"generating took longer than {seconds:.0f} s") from error
    except Exception as error:
        log.exception("application_set.generation_broken", set=aset.metadata.name)
        text = f"generating failed in the controller itself, whose log says more: {type(error).__name__}"
        raise GenerationError(PARAMETERS, text) from error


async def _aside(generated: Generated, work: Callable[[], T]) -> T:
    """Pure work, beside the loop where there is much of it."""
    return work() if len(generated.made) < MANY else await asyncio.to_thread(work)
