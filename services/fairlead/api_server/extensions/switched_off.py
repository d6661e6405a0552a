"""While `server.enable.proxy.extension` is not set: what is configured is said, and nothing served."""

import structlog
from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.settings.proxy_extensions import KEY

log = structlog.get_logger(__name__)

SWITCH = "server.enable.proxy.extension of argocd-cmd-params-cm is not true"
LOOK_AGAIN = 60.0
"""Seconds, when no ConfigMap changes before."""


async def answer(_: web.Request) -> web.StreamResponse:
    """The answer to every request for an extension."""
    return web.Response(status=404, text=f"Extension not found: {SWITCH}")


async def tell(backend: Backend) -> None:
    """Say it, once, whenever extensions come to be configured. Runs until cancelled."""
    maps, was_given = backend.mirrors.config_maps, False
    await maps.ready()
    while True:
        is_given = bool(backend.control.settings.proxy_extensions)
        if is_given and not was_given:
            problem = f"argocd-cm: {KEY}: has no effect: {SWITCH}"
            log.warning("settings.value.refused", problem=problem)
        was_given = is_given
        await maps.changes(seconds=LOOK_AGAIN)
