"""Puts the applicationset-controller together and runs it; the only place where its parts meet.

Invariant: a part that fails is started again by itself, and a restart of the process rebuilds everything from
the sets, their Applications and what their generators find.
"""

from contextlib import AsyncExitStack

import structlog

from fairlead.applicationset_controller.config import SERVICE, Config
from fairlead.applicationset_controller.counts import requested
from fairlead.bus import Bus
from fairlead.kube.rest import KubeClient
from fairlead.kube.sent import told
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.process.membership import Membership
from fairlead.process.parts import Part, run_parts
from fairlead.settings.application_sets import ApplicationSetParameters, application_set_parameters
from fairlead.settings.at_start import parameters_at_start, tell_problems

log = structlog.get_logger(__name__)


async def serve(config: Config, stop: Stop) -> None:
    """Run until `stop`."""
    secrecy.hide()
    probes = Probes()
    async with AsyncExitStack() as stack:
        stack.enter_context(told(requested))
        await stack.enter_async_context(
            serve_probes(probes, address=config.probe_address, port=config.probe_port)
        )
        bus = await Bus.connect(config.bus(SERVICE))
        stack.push_async_callback(bus.close)
        client = await stack.enter_async_context(KubeClient(config.connection()))
        data = await parameters_at_start(client, config.namespace)
        parameters = application_set_parameters(data, config.environment)
        tell_problems(parameters.problems)
        controller = SetController(config, client, bus, parameters=parameters, probes=probes)
        await run_parts(controller.parts(), stop)


class SetController:
    """The parts, joined."""

    def __init__(
        self,
        config: Config,
        client: KubeClient,
        bus: Bus,
        *,
        parameters: ApplicationSetParameters,
        probes: Probes,
    ) -> None:
        self.config = config
        self.parameters = parameters
        self.membership = Membership(
            client.urgent(), config.namespace, SERVICE, on_change=self._owners_changed
        )
        probes.add("nats", lambda: bus.is_connected)
        probes.add("lease", lambda: self.membership.is_valid)

    def parts(self) -> dict[str, Part]:
        """What runs side by side."""
        log.info("sets.started", detail="this version generates no Applications")
        if self.config.webhook_port:
            log.warning("sets.webhook.not_served", port=self.config.webhook_port)
        return {"membership": self.membership.run}

    def _owners_changed(self) -> None:
        """Replicas came or went."""
        log.debug("sets.owners_changed", is_alone=self.membership.is_alone)
