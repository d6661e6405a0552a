"""One service as several processes on one machine, for more than one core's work.

This process does no work itself: it has imported all that the others run, forks them, starts one again that
ends, and ends them together. Invariant: none of them outlives it, none can be looked into by others of its
user, nor can it, and it holds no thread and no event loop, so that a fork is safe whenever it is due.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

import structlog

from fairlead.process import secrecy
from fairlead.process.run import DRAIN, END, search_rings_less

log = structlog.get_logger(__name__)

PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 15.0)
"""Seconds before one that ended by itself is started again, longer each time in a row."""
STEADY: Final = 60.0
"""Seconds after which one that ends was well before."""
ENDED_WITHIN: Final = DRAIN + END + 2.0
"""Seconds that all have to end; each ends itself before."""
_PR_SET_PDEATHSIG = 1
_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})

Work = Callable[[], None]


def run_several(service: str, parts: Mapping[str, Work]) -> NoReturn:
    """Run each part in a process of its own until SIGTERM or SIGINT arrives, then end all and exit.

    Exits with 0 when every part ended in order after the signal, else with 1.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    secrecy.hide()
    search_rings_less()
    sys.exit(_Crew(service, parts).run())


class _Crew:
    """The processes by the names of their parts."""

    def __init__(self, service: str, parts: Mapping[str, Work]) -> None:
        self._service = service
        self._parts = parts
        self._names: dict[int, str] = {}
        self._due = dict.fromkeys(parts, 0.0)
        self._began: dict[str, float] = {}
        self._failures = dict.fromkeys(parts, 0)

    def run(self) -> int:
        """Until a signal; the exit code."""
        while True:
            now = time.monotonic()
            for name in [name for name, due in self._due.items() if due <= now]:
                del self._due[name]
                self._start(name)
            wait = min(self._due.values(), default=now + 3600.0) - now
            told = signal.sigtimedwait(_SIGNALS, max(0.0, wait))
            if told is None:
                continue
            if told.si_signo != signal.SIGCHLD:
                return self._end()
            for name, code in self._ended():
                self._again(name, code)

    def _start(self, name: str) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            _become(name, self._parts[name], parent)
        self._names[pid] = name
        self._began[name] = time.monotonic()
        log.info("process.part.started", service=self._service, part=name, pid=pid)

    def _again(self, name: str, code: int) -> None:
        if time.monotonic() - self._began[name] > STEADY:
            self._failures[name] = 0
        pause = PAUSES[min(self._failures[name], len(PAUSES) - 1)]
        self._failures[name] += 1
        self._due[name] = time.monotonic() + pause
        log.warning("process.part.ended", service=self._service, part=name, code=code, again_in=pause)

    def _ended(self) -> list[tuple[str, int]]:
        """Parts that have ended, and their codes; whoever else is this process's to bury is buried, too."""
        found = []
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                name = self._names.pop(pid, None)
                if name is not None:
                    found.append((name, os.waitstatus_to_exitcode(status)))
        return found

    def _end(self) -> int:
        """End all; 0 if they did so in order."""
        self._tell(signal.SIGTERM)
        codes: list[int] = []
        until = time.monotonic() + ENDED_WITHIN
        while self._names and time.monotonic() < until:
            codes += [code for _, code in self._ended()]
            if self._names:
                signal.sigtimedwait({signal.SIGCHLD}, max(0.0, until - time.monotonic()))
        if self._names:
            log.error("process.part.stuck", service=self._service, parts=sorted(self._names.values()))
            self._tell(signal.SIGKILL)
            return 1
        return 1 if any(codes) else 0

    def _tell(self, number: signal.Signals) -> None:
        for pid in self._names:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _become(name: str, work: Work, parent: int) -> NoReturn:
    """Be a part, in the process that was just forked for it."""
    code = 1
    try:
        _die_with(parent)
        structlog.contextvars.bind_contextvars(part=name)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        work()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        log.exception("process.failed", part=name)
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """Be told to end when the parent is gone; end at once if it is already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
