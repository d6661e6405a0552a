"""The only place where the plugin server is put together."""

import asyncio
import shutil

import structlog
from grpclib.server import Server

from fairlead.plugin.codec import WireCodec
from fairlead.plugin.protocol import SUFFIX, plugin_name
from fairlead.plugin_server.config import Config
from fairlead.plugin_server.plugin_file import read_plugin
from fairlead.plugin_server.service import Service
from fairlead.process import Stop, secrecy

log = structlog.get_logger(__name__)


async def serve(config: Config, stop: Stop) -> None:
    """Answer at the plugin's socket until told to stop. Raises PluginFileError."""
    secrecy.hide()
    plugin = read_plugin(config.configuration)
    await asyncio.to_thread(_prepare, config)
    name = plugin_name(plugin.metadata.name, plugin.spec.version)
    socket = config.sockets / f"{name}{SUFFIX}"
    socket.unlink(missing_ok=True)
    server = Server([Service(plugin, config)], codec=WireCodec())
    await server.start(path=str(socket))
    log.info("plugin_server.ready", plugin=name, socket=str(socket))
    try:
        await stop.wait()
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.to_thread(socket.unlink, missing_ok=True)


def _prepare(config: Config) -> None:
    """What a killed process left is removed."""
    shutil.rmtree(config.work, ignore_errors=True)
    config.work.mkdir(mode=0o711, parents=True)
    config.sockets.mkdir(parents=True, exist_ok=True)
