"""How a run of the tests ends: every test by its deadline, and nothing is left behind.

A test that waits for ever fails at its deadline (`deadline` in pyproject.toml, seconds; a marker of that name
says another). One that cannot even be interrupted ends its process `grace` seconds later, with the stacks of
all its threads: beside others another worker goes on. A run that is cut (SIGTERM, SIGINT) takes its fixtures
down, and what then still runs below it is killed. How it was started makes no difference: a shell that has it
in the background has it ignore SIGINT, and so would all that it starts.
"""

import asyncio
import ctypes
import faulthandler
import functools
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

PR_SET_CHILD_SUBREAPER = 36
STDERR = pytest.StashKey[IO[str]]()

# The slow ones first, so that no worker begins one when the others are done.
FIRST = (
    "tests/ui",
    "tests/e2e",
    "tests/chaos",
    "tests/unit/ui",
    "tests/integration/deploy",
    "tests/integration/chart",
    "tests/contract",
    "tests/integration/app_controller",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long a test may take."""
    parser.addini("deadline", "seconds that a test may take", default="600")
    parser.addini("grace", "seconds after its deadline in which a test and its fixtures end", default="300")


def pytest_configure(config: pytest.Config) -> None:
    """Hear signals, and be whom orphans are given to."""
    config.addinivalue_line("markers", "deadline(seconds): what this test may take, instead of the usual")
    config.stash[STDERR] = os.fdopen(os.dup(2), "w")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if sys.platform == "linux" and not is_worker(config):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Kill what the tests left behind."""
    config.stash[STDERR].close()
    if not is_worker(config):
        for pid in descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests first; a deadline for each that can be interrupted."""
    items.sort(
        key=lambda item: next((n for n, place in enumerate(FIRST) if place in item.nodeid), len(FIRST))
    )
    for item in items:
        if isinstance(item, pytest.Function) and asyncio.iscoroutinefunction(item.obj):
            item.obj = interrupted(item.obj, seconds_of(item, config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The end of those that cannot be interrupted."""
    seconds = seconds_of(item, item.config) + float(item.config.getini("grace"))
    faulthandler.dump_traceback_later(seconds, exit=True, file=item.config.stash[STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def interrupted(
    test: Callable[..., Coroutine[Any, Any, None]], seconds: float
) -> Callable[..., Coroutine[Any, Any, None]]:
    """The test, which fails where it waits when its time is over."""

    @functools.wraps(test)
    async def timed(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(seconds):
            await test(*args, **kwargs)

    return timed


def seconds_of(item: pytest.Item, config: pytest.Config) -> float:
    """What a test may take."""
    marker = item.get_closest_marker("deadline")
    return float(marker.args[0] if marker else config.getini("deadline"))


def is_worker(config: pytest.Config) -> bool:
    """Whether this is one of several processes that run the tests."""
    return hasattr(config, "workerinput")


def descendants(root: int) -> set[int]:
    """All processes below one, those that were given to it as orphans too."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = stat.read_text(errors="replace").partition(" ")
            parents[int(pid)] = int(rest.rpartition(")")[2].split()[1])
    found, grows = {root}, True
    while grows:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        grows = bool(more)
        found |= more
    return found - {root}
