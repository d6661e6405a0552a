"""Keeps one command for its parent: starts it, counts what it starts, and leaves nothing of it behind.

Why a process of its own: what a command starts may leave its process group and its parent, and only a
subreaper still finds it. It is executed as a script by an interpreter without site packages, so it imports
nothing of ours. Invariant: it ends after everything that the command started; when its parent goes away, at
once.

It reads what to run from stdin, a length of four bytes and JSON, and afterwards: a byte asks the command to
end, the end of the stream kills. What became of it is written to the file descriptor `report`, as JSON.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

TICK = 0.1
"""Seconds between two looks at what the command has started."""
LAST = 10.0
"""Seconds after which what cannot be killed, as it hangs in the kernel, is given up."""
PAUSE = 0.005
BEHIND = 10
"""How far behind its keeper, and everybody else, a command stands in line for the processors: what multiplies
must not keep the keeper from counting."""
_PR_SET_CHILD_SUBREAPER = 36
_PAGE = resource.getpagesize()


def main() -> None:
    """Run it to its end."""
    asked = _asked()
    os.set_inheritable(asked["report"], False)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child, failure = _started(asked)
    told = {"failure": failure} if failure else _watched(child, asked, woken)
    _end_all(child)
    os.write(asked["report"], json.dumps(told).encode())


def _asked() -> dict[str, Any]:
    size = int.from_bytes(_exactly(4), "big")
    asked: dict[str, Any] = json.loads(_exactly(size))
    return asked


def _exactly(size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = os.read(0, size - len(found))
        if not piece:
            sys.exit(1)
        found += piece
    return found


def _started(asked: dict[str, Any]) -> tuple[int, str]:
    """The command's process id, and why it could not be started."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _become(asked)
        except (OSError, ValueError) as error:
            os.write(writing, str(getattr(error, "strerror", None) or error).encode())
        finally:
            os._exit(127)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        return child, stream.read().decode(errors="replace")


def _become(asked: dict[str, Any]) -> None:
    os.setsid()
    os.nice(BEHIND)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    for limit, amount in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, asked["tasks"]),
        (resource.RLIMIT_FSIZE, asked["file"]),
        (resource.RLIMIT_NOFILE, asked["open"]),
    ):
        hard = resource.getrlimit(limit)[1]
        most = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(limit, (most, most))
    if asked["user"]:
        os.setgroups([])
        os.setresgid(*[asked["user"]] * 3)
        os.setresuid(*[asked["user"]] * 3)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.umask(0o022)
    os.chdir(asked["folder"])
    os.execvpe(asked["command"][0], asked["command"], asked["environment"])  # noqa: S606 - that is the purpose


def _watched(child: int, asked: dict[str, Any], woken: int) -> dict[str, Any]:
    """What became of the command; all but it may still run."""
    while True:
        ready, _, _ = select.select([0, woken], [], [], TICK)
        if woken in ready:
            os.read(woken, 4096)
        status = _reaped(child)
        if status is not None:
            code = os.waitstatus_to_exitcode(status)
            return {"code": code} if code >= 0 else {"code": 128 - code, "signal": -code}
        if 0 in ready:
            if not os.read(0, 64):
                return {"ended": "told"}
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGTERM)
        excess = _excess(asked)
        if excess:
            return {"ended": excess}


def _reaped(child: int) -> int | None:
    """Take in all that ended; the command's status when it did."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            found = status if pid == child else found
    return found


def _excess(asked: dict[str, Any]) -> str:
    started = _descendants()
    if len(started) > asked["processes"]:
        return "processes"
    return "memory" if sum(map(_resident, started)) > asked["memory"] else ""


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    return 0


def _descendants() -> set[int]:
    """Everything below this process that runs."""
    below: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - thousands of names, and no paths are needed
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace")
                state, parent = stat.rpartition(")")[2].split()[:2]
                if state != "Z":
                    below.setdefault(int(parent), []).append(int(name))
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        own = below.get(waiting.pop(), [])
        found.update(own)
        waiting += own
    return found


def _end_all(child: int) -> None:
    """Kill everything. What multiplies is stopped first, so that it is fewer after each pass."""
    until = time.monotonic() + LAST
    while time.monotonic() < until:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        found = _descendants()
        if not found:
            break
        _signal(found, signal.SIGSTOP)
        _signal(found | _descendants(), signal.SIGKILL)
        _reaped(child)
        time.sleep(PAUSE)
    _reaped(child)


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


if __name__ == "__main__":
    main()
