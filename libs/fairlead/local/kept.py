"""Folders of the cache that hold what was built: made by one builder, used by many, dropped when nobody does.

Invariant: what is in such a folder is whole and never changes; its name ends in the digest of what it was
made from, and it appears by one rename.
"""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from fairlead.local.errors import BuildError

POLL_SECONDS = 0.2
"""Between two looks at another process or thread."""
KEPT_BUILDS = 3
"""Of one name, those used last; and whatever was used within KEPT_SECONDS, which a suite may start again."""
KEPT_SECONDS = 24 * 3600

Report = Callable[[str], None]


@contextmanager
def locked(file: Path, name: str, report: Report, ended: threading.Event) -> Iterator[None]:
    """Be the only builder of `name` on this machine. Raises BuildError when `ended` is set meanwhile."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:  # closing it, or dying, gives the lock up
        if not _is_taken(handle):
            report(f"{name}: another process is building it; waiting")
            while not _is_taken(handle):
                if ended.wait(POLL_SECONDS):
                    raise BuildError(f"{name}: given up while another process builds it")
        yield


def _is_taken(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def partial_of(builds: Path, name: str) -> Path:
    """A new folder to build in; what was left behind of earlier ones is removed. The lock is held."""
    for leftover in builds.glob(f".partial-{name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    partial = builds / f".partial-{name}-{os.getpid()}"
    partial.mkdir(parents=True)
    return partial


def mark_used(kept: Path) -> None:
    """It is used now."""
    with suppress(OSError):  # the cache may be another's, to be read only
        os.utime(kept)


def drop_old(builds: Path, name: str) -> None:
    """Remove what was not used for long, but for the last few."""
    used = {f: f.stat().st_mtime for f in builds.glob(f"{name}-*") if len(f.name) == len(name) + 65}
    for folder in sorted(used, key=lambda folder: used[folder], reverse=True)[KEPT_BUILDS:]:
        if time.time() - used[folder] > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
