"""One process at a time has the folder of the mirrors.

Invariant: who holds the folder is the only one that writes to the mirrors and sweeps what killed processes
left there.
"""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import structlog

from fairlead.process.run import Stop

log = structlog.get_logger(__name__)

LOCK_FILE = "lock"
RETRY = 0.5
"""Seconds between two attempts."""


@asynccontextmanager
async def held(folder: Path, stop: Stop) -> AsyncIterator[bool]:
    """Hold a folder, which is made; while another process has it, wait and say so. False: told to stop."""
    with _opened(folder) as handle:
        is_said = False
        while not _taken(handle.fileno()):
            if not is_said:
                log.warning(
                    "data_dir.in_use", folder=str(folder), hint="give each process a --data-dir of its own"
                )
                is_said = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY):
                    await stop.wait()
            if stop.is_set:
                break
        yield not stop.is_set


def _opened(folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / LOCK_FILE).open("wb")


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
