"""Puts together what other processes' questions are answered by.

Invariant: who is asked answers for the clusters that are its own, and is silent of all others.
"""

from __future__ import annotations

from fairlead.app_controller.answering.answers import Answers
from fairlead.app_controller.answering.drift import DriftAnswers
from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.answering.on_demand import OnDemand
from fairlead.app_controller.answering.schemas import Schemas
from fairlead.app_controller.destination.cluster_answers import ClusterAnswers
from fairlead.app_controller.destination.clusters import Clusters
from fairlead.app_controller.footing import Footing
from fairlead.app_controller.looks import Looks
from fairlead.render import Scripts
from fairlead.rpc.drift import DRIFT
from fairlead.rpc.schema import SCHEMA


class Replies:
    """All answers, to be closed at the end."""

    def __init__(self, footing: Footing, *, clusters: Clusters, looks: Looks, scripts: Scripts) -> None:
        client, settings, membership = footing.client, footing.settings, footing.membership
        named = Named(
            footing.book,
            clusters,
            checks=looks.checks,
            owned=membership,
            is_alone=lambda: membership.is_alone,
        )
        self._on_demand = OnDemand(
            client,
            named,
            looks.checks,
            scripts,
            compared=looks.reconciler.compared,
            settings=settings,
            may_act=lambda cluster: membership.may_act(cluster.server),
        )
        self._answers = Answers(
            footing.bus,
            named,
            book=footing.book,
            checks=looks.checks,
            compared=looks.reconciler.compared,
            settings=settings,
            others={
                **self._on_demand.handlers,
                DRIFT: DriftAnswers(named, footing.drifting),
                SCHEMA: Schemas(named),
            },
        )
        self._cluster_answers = ClusterAnswers(
            footing.bus, client, clusters, owned=membership, seal=footing.config.access_seal()
        )
        self.watch = self._answers.watch
        """Who waits for a change of a tree."""

    async def serve(self) -> None:
        """Answer from now on."""
        await self._answers.serve()
        await self._cluster_answers.serve()

    async def aclose(self) -> None:
        """End what goes on."""
        await self._on_demand.aclose()
