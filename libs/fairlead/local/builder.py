"""A program that builds something: followed line by line, and ended with all that it started.

Invariant: it does not outlive whoever waits for it, nor BUILD_SECONDS.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from fairlead.local.errors import BuildError
from fairlead.local.kept import POLL_SECONDS
from fairlead.local.launcher import tied

BUILD_SECONDS = 3600
OUTPUT_HEAD_LINES, OUTPUT_TAIL_LINES = 10, 30
"""What is told of a failure: some tools say first what is wrong, some last."""

OnLine = Callable[[int, str], None]
"""Is told the number of a line, from 1, and the line."""


def run_builder(
    name: str,
    argv: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path,
    env: Mapping[str, str],
    ended: threading.Event,
    on_line: OnLine | None = None,
) -> None:
    """Return once it has ended well; `env` is added to the environment.

    Raises BuildError with its first and last lines when it failed, and when `ended` was set.
    """
    child = subprocess.Popen(
        tied(argv),
        cwd=cwd,
        env={**os.environ, **env},
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    done = threading.Event()
    threading.Thread(target=_kill_when_ended, args=(child.pid, ended, done), daemon=True).start()
    with child:
        try:
            told = _follow(child, on_line)
        except BaseException:
            _kill_group(child.pid)
            raise
        finally:
            done.set()
    if ended.is_set():
        raise BuildError(f"{name}: the build was given up")
    if child.returncode != 0:
        words = " ".join(Path(part).name for part in argv[:3])
        raise BuildError(f"{name}: {words} in {cwd} failed:\n" + "\n".join(told))


def _follow(child: subprocess.Popen[str], on_line: OnLine | None) -> list[str]:
    head: list[str] = []
    tail: list[str] = []
    lines: IO[str] | list[str] = child.stdout or []
    for number, line in enumerate(lines, start=1):
        if len(head) < OUTPUT_HEAD_LINES:
            head.append(line.rstrip())
        else:
            tail = [*tail[1 - OUTPUT_TAIL_LINES :], line.rstrip()]
        if on_line is not None:
            on_line(number, line.rstrip())
    return head + tail


def _kill_when_ended(pid: int, ended: threading.Event, done: threading.Event) -> None:
    overdue = time.monotonic() + BUILD_SECONDS
    while not done.wait(POLL_SECONDS):
        if ended.is_set() or time.monotonic() > overdue:
            _kill_group(pid)
            return


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
