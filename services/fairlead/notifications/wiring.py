"""Puts the notifications service together and runs it; the only place where its parts meet.

Invariant: a part that fails is started again by itself, and a restart of the process rebuilds everything from
the Applications, their memory of what was sent, and the configuration.
"""

from contextlib import AsyncExitStack
from functools import partial

from fairlead.bus import Bus
from fairlead.kube.rest import KubeClient
from fairlead.kube.sent import told
from fairlead.notices.senders import Senders, Surroundings
from fairlead.notifications.config import SERVICE, Config
from fairlead.notifications.counts import requested
from fairlead.notifications.delivering.service_senders import ServiceSenders
from fairlead.notifications.engines import Engines
from fairlead.notifications.service import Notifications
from fairlead.outbound import Outbound
from fairlead.outbound.slots import Slots
from fairlead.outbound.trust import Trust
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.process.parts import run_parts
from fairlead.settings.at_start import parameters_at_start, tell_problems
from fairlead.settings.notifications import notifications_parameters

PER_HOST, IN_ALL = 128, 1024
"""Requests at once, of one host and in all. They are small, and most may hang: the outbox bounds how many a
service or a namespace may have, and here they must not take each other's place."""


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
        parameters = notifications_parameters(data, config.environment)
        tell_problems(parameters.problems)
        trust = Trust()
        slots = Slots(per_host=PER_HOST, in_all=IN_ALL)
        outbound = Outbound(config.networks, trust=trust, proxies=config.proxies, slots=slots)
        stack.push_async_callback(outbound.close)
        senders = Senders(outbound, Surroundings.read(config.environment.get))
        stack.push_async_callback(senders.close)
        engines = Engines(config.render_engine)
        stack.push_async_callback(engines.aclose)
        service = Notifications(
            config,
            client,
            bus,
            parameters=parameters,
            senders=ServiceSenders(senders),
            trust=trust,
            engines=engines,
            probes=probes,
        )
        ending = Stop()
        await run_parts({**service.parts(), "end": partial(_end, service, stop, ending)}, ending)


async def _end(service: Notifications, stop: Stop, ending: Stop) -> None:
    """What is being sent arrives and is remembered before the parts end."""
    await stop.wait()
    try:
        await service.close()
    finally:
        ending.set()
