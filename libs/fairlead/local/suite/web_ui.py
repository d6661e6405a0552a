"""The web UI that a suite serves: everything else works without it."""

import asyncio
from pathlib import Path

import structlog

from fairlead.local.errors import LocalError
from fairlead.local.ui import built_ui, known_ui

log = structlog.get_logger(__name__)


async def web_ui(*, builds: bool) -> Path | None:
    """The folder of the built UI, made if it is not there and may be; None when it cannot be had."""
    try:
        return await built_ui() if builds else await asyncio.to_thread(known_ui)
    except LocalError as error:
        log.warning("suite.ui.missing", error=str(error))
        return None
