"""Starting and ending a service: uvloop, signals, one TaskGroup, a bounded drain."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable

import structlog
import uvloop

log = structlog.get_logger(__name__)

DRAIN = 10.0
"""Seconds that work in progress is given after the signal to stop."""


class Stop:
    """Tells the parts of a process that it is to end."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Ask the process to end."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether the process is ending."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Return when the process is to end."""
        await self._event.wait()


def run(service: str, main: Callable[[Stop], Awaitable[None]]) -> None:
    """Run `main` until it returns, fails, or SIGTERM or SIGINT arrives; then exit.

    On a signal `stop` is set; `main` may finish what it does within DRAIN seconds, then it is cancelled.
    Exits with 0 after a signal or a return, with 1 after a failure.
    """
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(uvloop.run(_supervise(service, main)))


async def _supervise(service: str, main: Callable[[Stop], Awaitable[None]]) -> int:
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    work = asyncio.ensure_future(_call(main, stop))
    ending = asyncio.ensure_future(stop.wait())
    await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not work.done():
        await asyncio.wait({work}, timeout=DRAIN)
        work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        log.info("process.stopped", service=service)
    except Exception:
        log.exception("process.failed", service=service)
        return 1
    return 0


async def _call(main: Callable[[Stop], Awaitable[None]], stop: Stop) -> None:
    await main(stop)
