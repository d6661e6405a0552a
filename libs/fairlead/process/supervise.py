"""Keeping a part going that may fail by itself, so that the others do not notice.

Invariant: whatever the part raises is logged and answered with a pause that grows; only cancellation ends it.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds before a failed part is started again: doubling between these, less up to a half by chance."""
STEADY = 60.0
"""Seconds after which a part that ran is taken for well again."""


def _ignored(_: Exception) -> None:
    """Nobody needs to be told."""


async def supervise(
    part: str,
    run: Callable[[], Awaitable[object]],
    *,
    on_failure: Callable[[Exception], None] = _ignored,
) -> None:
    """Run a part until it returns or is cancelled, again after each failure. `on_failure` is told of each."""
    pause = FIRST_PAUSE
    while True:
        started = time.monotonic()
        try:
            await run()
        except Exception as error:
            pause = FIRST_PAUSE if time.monotonic() - started > STEADY else pause
            log.exception("part.failed", part=part, wait=pause)
            on_failure(error)
        else:
            return
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - spreads load
        pause = min(pause * 2, LONGEST_PAUSE)
