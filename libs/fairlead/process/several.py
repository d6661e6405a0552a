"""One service as several processes on one machine, for more than one core's work.

This process does no work itself: it has imported all that the others run, forks them, starts one again that
ends or is silent, and ends them together. Invariant: none of them outlives it, none can be looked into by
others of its user, nor can it, and it holds no thread and no event loop, so that a fork is always safe.
"""

import contextlib
import ctypes
import os
import select
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
STARTING: Final = 120.0
"""Seconds that one has to begin to answer, before it is ended for its silence."""
_PR_SET_PDEATHSIG = 1
_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGUSR1})

Work = Callable[[], None]


class Complaints:
    """What one part tells of others to the process that made this and starts them: that they are silent."""

    def __init__(self) -> None:
        self._parent = os.getpid()
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)

    def about(self, name: str) -> None:
        """A part does not answer; said by another part."""
        if os.getppid() == self._parent:
            os.write(self._write, f"{name}\n".encode())
            _send(self._parent, signal.SIGUSR1)

    def heard(self) -> set[str]:
        """Who was complained about since the last time."""
        with contextlib.suppress(BlockingIOError):
            return set(os.read(self._read, select.PIPE_BUF).decode().split())
        return set()


def run_several(
    service: str,
    parts: Mapping[str, Work],
    complaints: Complaints | None = None,
    *,
    starting: float = STARTING,
    ending: float = ENDED_WITHIN,
) -> NoReturn:
    """Run each part in a process of its own until SIGTERM or SIGINT arrives, then end all and exit.

    One that another complains about is ended, and begun again, once it had `starting` seconds; it is killed
    when it has not ended within `ending`. Exits with 0 when every part ended in order after the signal, else
    with 1.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    secrecy.hide()
    search_rings_less()
    sys.exit(_Crew(service, parts, complaints, starting=starting, ending=ending).run())


class _Crew:
    """The processes by the names of their parts."""

    def __init__(
        self,
        service: str,
        parts: Mapping[str, Work],
        complaints: Complaints | None,
        *,
        starting: float,
        ending: float,
    ) -> None:
        self._service = service
        self._parts = parts
        self._complaints = complaints
        self._starting, self._ending = starting, ending
        self._kill_at: dict[int, float] = {}
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
            self._kill_overdue(now)
            wait = min((*self._due.values(), *self._kill_at.values()), default=now + 3600.0) - now
            told = signal.sigtimedwait(_SIGNALS, max(0.0, wait))
            if told is None:
                continue
            if told.si_signo == signal.SIGUSR1:
                self._heed()
            elif told.si_signo != signal.SIGCHLD:
                return self._end()
            for name, code in self._ended():
                self._again(name, code)

    def _heed(self) -> None:
        """End who does not answer: by a word first, since it may only be slow."""
        names = self._complaints.heard() if self._complaints is not None else set()
        now = time.monotonic()
        for pid, name in list(self._names.items()):
            if name in names and pid not in self._kill_at and now - self._began[name] > self._starting:
                log.error("process.part.silent", service=self._service, part=name, pid=pid)
                self._kill_at[pid] = now + self._ending
                _send(pid, signal.SIGTERM)

    def _kill_overdue(self, now: float) -> None:
        for pid in [pid for pid, at in self._kill_at.items() if at <= now]:
            del self._kill_at[pid]
            _send(pid, signal.SIGKILL)

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
                self._kill_at.pop(pid, None)
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
            _send(pid, number)


def _send(pid: int, number: signal.Signals) -> None:
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
