"""Starting and ending a service: uvloop, signals, a bounded drain, and an end that always comes."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

import structlog
import uvloop

log = structlog.get_logger(__name__)

DRAIN = 10.0
"""Seconds that work in progress is given after the signal to stop."""
END = 5.0
"""Seconds that what was cancelled is given to end, before the process is ended from outside its loop."""


MOST_FILES = 1 << 20
"""Open files that a process takes at most, where its hard limit says more."""
SEARCHES = (10_000, 20, 50)
"""Objects that are made before rings of them are searched for, and searches before older ones are too: what
requests make goes without, and Python's own numbers took the controller 4 % of its CPU."""


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


def run(
    service: str, main: Callable[[Stop], Awaitable[None]], *, drain: float = DRAIN, end: float = END
) -> None:
    """Run `main` until it returns, fails, or SIGTERM or SIGINT arrives; then exit.

    On a signal `stop` is set; `main` may finish what it does within `drain` seconds, then it is cancelled and
    has `end` seconds more. Exits with 0 after a signal or a return, with 1 after a failure or when it did not
    end.
    """
    search_rings_less()
    open_more_files()
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(uvloop.run(_supervise(service, main, drain, end)))


def open_more_files() -> None:
    """Take as many open files as may be taken: a cluster whose API speaks HTTP/1.1 only has a connection for
    each kind that is watched. Go's runtime, and so what we stand in for, does the same."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def search_rings_less() -> None:
    """What was imported stays, so nobody looks through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SEARCHES)


class _LastResort:
    """Ends a process that does not end, even if its event loop is blocked."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._timer: threading.Timer | None = None

    def begin(self, seconds: float) -> None:
        """The process has so many seconds left."""
        if self._timer is None:
            self._timer = threading.Timer(seconds, self._exit)
            self._timer.daemon = True
            self._timer.start()

    def _exit(self) -> None:
        log.error("process.stuck", service=self._service, detail="it was told to stop and did not")
        os._exit(1)


async def _supervise(service: str, main: Callable[[Stop], Awaitable[None]], drain: float, end: float) -> int:
    stop = Stop()
    last_resort = _LastResort(service)
    loop = asyncio.get_running_loop()

    def told() -> None:
        stop.set()
        last_resort.begin(drain + end)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    work = asyncio.ensure_future(_call(main, stop))
    ending = asyncio.ensure_future(stop.wait())
    await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not work.done():
        await asyncio.wait({work}, timeout=drain)
        work.cancel()
    last_resort.begin(end)
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
