"""A dry run writes nothing, whatever wakes a set."""

from __future__ import annotations

from typing import cast

from fairlead.applicationset_controller.applying.ignoring import Jq
from fairlead.applicationset_controller.applying.plan import Plan
from fairlead.applicationset_controller.applying.rollout import Rollout
from fairlead.applicationset_controller.drawing import Draftsman, Drawing, Generate
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.concerns import Concerns
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.generating.generate import Generated
from fairlead.applicationset_controller.leaving import Leaving
from fairlead.applicationset_controller.reconcile import Reconciler
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.applicationset_controller.writers import Writers
from fairlead.kube.connection import Connection
from fairlead.kube.rest import KubeClient
from fairlead.model.applicationset import ApplicationSet
from fairlead.settings.application_sets import ApplicationSetParameters
from tests.unit.applicationset_controller.made import a_set


class Draws:
    """A set that is updated in steps, and how often it was drawn."""

    def __init__(self) -> None:
        self.times = 0

    async def draw(self, _: ApplicationSet, _generate: Generate | None = None) -> Drawing:
        self.times += 1
        return Drawing(generated=Generated(made=()), wanted=(), plan=Plan(), rollout=Rollout())


class Ready:
    """Nothing is to be held back."""

    async def prepare(self, _: KnownSet) -> None:
        return None


async def test_a_move_of_an_application_of_a_rollout_carries_out_nothing_in_a_dry_run() -> None:
    draws = Draws()
    reconciler = Reconciler(
        cast(Draftsman, draws),
        client=KubeClient(Connection(server="https://127.0.0.1:1")),
        writers=cast(Writers, None),
        sets=cast(Sets, None),
        children=cast(Children, None),
        clusters=cast(Clusters, None),
        concerns=Concerns(),
        leaving=cast(Leaving, Ready()),
        events=cast(Events, None),
        jq=cast(Jq, None),
        parameters=ApplicationSetParameters(dry_run=True, progressive_syncs=True),
    )
    known = KnownSet(a_set())
    assert await reconciler.look(known) is None
    assert await reconciler.step(known) is None
    assert draws.times == 1
