"""Turns itself into another program that dies with its parent.

Why: a suite killed with SIGKILL can run no clean-up, so the kernel must. Invariant: the program never
outlives the thread that started it, and never gets the terminal's Ctrl-C, so its parent decides the order of
stopping.

Run as a script, with an interpreter that reads no site packages: `python -I -S launcher.py PARENT PROGRAM
ARG…`. It is exec'd away at once, so nothing of Python stays in memory.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1  # prctl(2); Linux only, elsewhere the program is just started


def tied(argv: "Sequence[str | os.PathLike[str]]") -> list[str]:
    """The argument vector that runs `argv` as a process that dies with this one."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *(os.fspath(part) for part in argv)]


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent goes; exits at once if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def main() -> None:
    """Leave the terminal's process group, tie the knot, become the program."""
    os.setsid()
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606


if __name__ == "__main__":
    main()
