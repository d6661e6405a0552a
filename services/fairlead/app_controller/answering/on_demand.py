"""What is answered on demand, beside what is shown from memory: by verb.

Invariant: every verb that writes, runs a script or goes on is named here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fairlead.app_controller.answering.actions import ResourceActions
from fairlead.app_controller.answering.foresee import Foresight
from fairlead.app_controller.answering.links import DeepLinks
from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.answering.own_object import OwnObject
from fairlead.app_controller.answering.pod_logs import Compared, PodLogs
from fairlead.app_controller.answering.predict import Predictions
from fairlead.app_controller.answering.terminals import Terminals
from fairlead.app_controller.answering.touch import Touch
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.kube.rest import KubeClient
from fairlead.render import Scripts
from fairlead.rpc import terminal
from fairlead.rpc.foreseen import FORESEE
from fairlead.rpc.logs import CLOSE, NEXT, OPEN
from fairlead.rpc.resource import ACTIONS, DELETE, EVENTS, LINKS, PATCH, PREDICT, RUN, TRY
from fairlead.settings import ControllerSettings

Handler = Callable[[str, bytes], Awaitable[bytes]]


class OnDemand:
    """All of them; to be closed at the end. `client` is the control plane's; `may_act` fences what is written
    there."""

    def __init__(
        self,
        client: KubeClient,
        named: Named,
        checks: Checks,
        scripts: Scripts,
        *,
        compared: Compared,
        settings: Callable[[], ControllerSettings],
        may_act: Callable[[Cluster], bool],
    ) -> None:
        def masked_annotations() -> tuple[str, ...]:
            return settings().masked_annotations

        touch = Touch(named, masked_annotations)
        actions = ResourceActions(named, OwnObject(client, named, may_act), checks, scripts, settings)
        self._logs = logs = PodLogs(named, compared)
        self._terminals = terminals = Terminals(named)
        self.handlers: dict[str, Handler] = {
            PATCH: touch.patch,
            TRY: touch.try_patch,
            DELETE: touch.delete,
            EVENTS: touch.events,
            ACTIONS: actions.list_all,
            RUN: actions.run,
            LINKS: DeepLinks(named, checks, scripts, settings).links,
            PREDICT: Predictions(named, checks, masked_annotations, compared).predict,
            FORESEE: Foresight(named, checks, compared).foresee,
            OPEN: logs.open,
            NEXT: logs.next,
            CLOSE: logs.close,
            terminal.OPEN: terminals.open,
            terminal.READ: terminals.read,
            terminal.WRITE: terminals.write,
            terminal.CLOSE: terminals.close,
        }

    async def aclose(self) -> None:
        """End what goes on."""
        await self._logs.aclose()
        await self._terminals.aclose()
