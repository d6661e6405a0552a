"""Further commit servers that are asked directly, whoever owns what: each as if all were its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fairlead.bus import Bus
from fairlead.cache import Cache
from fairlead.commit_server.config import SERVICE
from fairlead.commit_server.hydrate import Hydrator
from fairlead.commit_server.wiring import CommitServer
from fairlead.process import Probes
from fairlead.process.run import Stop
from fairlead.render.scripts import Scripts
from tests.integration.commit_server.lab import PATIENCE, Lab


@asynccontextmanager
async def believer(lab: Lab, folder: Path, **fields: Any) -> AsyncIterator[Hydrator]:
    """One of them, once it has all credentials."""
    config = lab.config(folder, **fields)
    bus, cache, scripts = await Bus.connect(config.bus(SERVICE)), Cache(config.cache()), Scripts(lab.engine)
    probes, stop = Probes(), Stop()
    service = CommitServer(config, bus=bus, cache=cache, scripts=scripts, probes=probes)
    running = asyncio.create_task(service.run(stop))
    try:
        async with asyncio.timeout(PATIENCE):
            while probes.failing():
                await asyncio.sleep(0.02)
        yield service.hydrator
    finally:
        stop.set()
        await running
        await service.close()
        await scripts.aclose()
        await cache.close()
        await bus.close()
