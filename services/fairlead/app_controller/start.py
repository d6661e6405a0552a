"""Starts an app-controller: reads its parameters, opens its connections, and closes them at its end.

Invariant: no part runs before the parameters were read, and no connection outlives the parts.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from fairlead.app_controller.config import SERVICE, Config
from fairlead.app_controller.counts import redis_requests
from fairlead.app_controller.several import become
from fairlead.app_controller.wiring import Controller
from fairlead.bus import Bus
from fairlead.cache import Cache
from fairlead.kube import fence
from fairlead.kube.counted import requested
from fairlead.kube.rest import KubeClient
from fairlead.kube.sent import told
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.settings import ControllerParameters, controller_parameters
from fairlead.settings.at_start import parameters_at_start, tell_problems
from fairlead.settings.effects import Surface, without_effect
from fairlead.settings.parameters import CONFIG_MAP as PARAMETERS

log = structlog.get_logger(__name__)


async def serve(config: Config, stop: Stop, listener: socket.socket | None = None) -> None:
    """Run until `stop`, or until a part fails; with the probes on `listener` where one is given.

    Where argocd-cmd-params-cm asks for several processes and the flags leave it to that, this one begins anew
    as several.
    """
    secrecy.hide()
    if config.observes:
        fence.observe()
    probes = Probes()
    with told(requested):
        processes = await _run(config, stop, probes, listener)
    if processes > 1 and not stop.is_set:
        become(processes)


async def _run(config: Config, stop: Stop, probes: Probes, listener: socket.socket | None) -> int:
    """The number of processes to be, if it is another than one; else when all is over."""
    async with (
        serve_probes(probes, address=config.probe_address, port=config.probe_port, listener=listener),
        connected(config, probes) as controller,
    ):
        if not config.processes and controller.processes > 1:
            return controller.processes
        run = asyncio.create_task(controller.run())
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait({run, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if run.done():
            await run
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    return 1


@asynccontextmanager
async def connected(config: Config, probes: Probes) -> AsyncIterator[Controller]:
    """A controller with its connections, which are closed at the end."""
    bus = await Bus.connect(config.bus(SERVICE))
    requests = redis_requests()
    probes.metrics.add(requests.written)
    cache = Cache(config.cache(), requests)
    try:
        async with KubeClient(config.connection()) as client:
            parameters = await read_parameters(client, config.namespace)
            yield Controller(config, client, bus, cache, parameters=parameters, probes=probes)
    finally:
        await cache.close()
        await bus.close()


async def read_parameters(client: KubeClient, namespace: str) -> ControllerParameters:
    """argocd-cmd-params-cm as it is at start; waits for the API server as long as it takes."""
    data = await parameters_at_start(client, namespace)
    for text in without_effect(Surface.PARAMETERS, data):
        log.info("settings.without_effect", source=PARAMETERS, detail=text)
    parameters = controller_parameters(data)
    tell_problems(parameters.problems)
    return parameters
