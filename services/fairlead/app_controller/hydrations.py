"""Puts together what hydrates dry sources; nothing of it runs while hydrator.enabled is false.

Invariant: what is written here is fenced by the branch, whichever cluster an application is on.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.footing import Footing
from fairlead.app_controller.hydrating.commit import CommitServer
from fairlead.app_controller.hydrating.dry import DrySources
from fairlead.app_controller.hydrating.heard import DryCommits
from fairlead.app_controller.hydrating.hydrate import Hydration
from fairlead.app_controller.hydrating.hydrator import Hydrator
from fairlead.app_controller.hydrating.rendered import DryRenders
from fairlead.app_controller.hydrating.tell import HydrationTeller
from fairlead.app_controller.hydrating.write import HydrationStatus
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.fence import held
from fairlead.kube.gate import Only
from fairlead.kube.writer import ClusterWriter
from fairlead.rpc.hydration import Authoring


class Hydrations:
    """The hydrator, and what it hears of commits by."""

    def __init__(self, footing: Footing, *, checks: Checks, authoring: Callable[[], Authoring]) -> None:
        self._is_enabled = footing.parameters.hydrates
        status = HydrationStatus(ClusterWriter(footing.client, fence=held, gate=Only(APPLICATIONS)))
        self.hydrator = Hydrator(
            footing.book,
            footing.membership,
            Hydration(
                dry=DrySources(footing.bus),
                renders=DryRenders(footing.bus, checks.demanded),
                commits=CommitServer(footing.bus, authoring),
                status=status,
                teller=HydrationTeller(footing.bus),
                now=time.monotonic,
            ),
            status,
            forbidden=checks.unhydratable,
            period=lambda: footing.settings().reconciliation,
            at_once=footing.parameters.hydration_processors,
        )
        self._heard = DryCommits(footing.bus, self.hydrator.committed)

    def parts(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """What runs beside the looks, each until cancelled."""
        if not self._is_enabled:
            return {}
        return {"dry commits": self._heard.run, "hydrations": self.hydrator.run}
