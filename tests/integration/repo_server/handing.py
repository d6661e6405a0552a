"""A repo-server that is handed what an app-controller hands over, without one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fairlead.app_controller.following.hand_over import HandOver
from fairlead.app_controller.following.render_settings import RenderSettingsHandOver
from fairlead.events.credentials import PURPOSE
from fairlead.secret.seal import Seal, derive
from tests.integration.repo_server.suite import SECRET, Suite


@asynccontextmanager
async def handed_over(suite: Suite) -> AsyncIterator[HandOver]:
    """Start the repo-server of a suite, as one that awaits credentials and settings; what it is given from
    now on is handed over."""
    handing = HandOver(suite.bus, Seal(derive(SECRET.encode(), PURPOSE)))
    settings = RenderSettingsHandOver(suite.bus, {})
    running = [asyncio.create_task(one) for one in (handing.run(), settings.run())]
    await suite.serve(credentials=True)
    yield handing
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)
