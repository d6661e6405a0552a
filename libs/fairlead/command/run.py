"""Starts a program by its keeper and reads what it prints.

Invariant: no more is kept of what it prints than its bound, and it does not run longer than its own.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

log = structlog.get_logger(__name__)

KEEPER = Path(__file__).with_name("keeper.py")
GRACE = 5.0
"""Seconds between the request to end and the kill."""
LAST = 15.0
"""Seconds that the keeper has for killing."""
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a program may take. Bytes but for `seconds`, `processes`, `tasks` and `open`.

    `processes` are its own at once; `tasks` is what the kernel admits for all processes and threads of its
    user on the machine, so it is far higher. `memory` is resident, of all its processes together; `file` the
    largest file it writes; `open` the files each may have open. Of what it complains the end is kept.
    """

    seconds: float
    output: int = 64 << 20
    complaint: int = 64 << 10
    processes: int = 256
    tasks: int = 4096
    memory: int = 2 << 30
    file: int = 1 << 30
    open: int = 4096


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `ended` is "" when by itself, else the bound that ended it: "seconds", "output",
    "processes", "memory", or "lost" when somebody killed its keeper. `signal` is the one that killed it."""

    code: int = 0
    signal: int = 0
    ended: str = ""
    output: bytes = b""
    complaint: bytes = b""


class StartError(Exception):
    """The program could not be started; the words are the system's."""


class _Report(msgspec.Struct):
    code: int = 0
    signal: int = 0
    ended: str = ""
    failure: str = ""


async def run(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], limits: Limits, user: int = 0
) -> Ran:
    """Run a command in a folder to its end, with this environment and no other.

    With `user`, which only root can give, it runs as that user and group.

    Raises:
        StartError: it could not be started.
    """
    reading, writing = os.pipe()
    try:
        try:
            keeper = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-S",
                str(KEEPER),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd="/",
                env=_ENVIRONMENT,
                pass_fds=(writing,),
                start_new_session=True,
            )
        except OSError as error:
            raise StartError(error.strerror or str(error)) from error
        finally:
            os.close(writing)
        asked = {
            "command": list(command),
            "folder": str(folder),
            "environment": dict(environment),
            "report": writing,
            "user": user,
            **msgspec.to_builtins(limits),
        }
        return await _kept(keeper, json.dumps(asked).encode(), reading, limits)
    finally:
        os.close(reading)


async def _kept(keeper: asyncio.subprocess.Process, asked: bytes, report: int, limits: Limits) -> Ran:
    output, complaint = _Kept(limits.output), _Kept(limits.complaint, is_tail=True)
    readers = asyncio.gather(output.read(keeper.stdout), complaint.read(keeper.stderr))
    try:
        _tell(keeper, len(asked).to_bytes(4, "big") + asked)
        ended = await _ended(keeper, readers, output, limits.seconds)
    finally:
        await _done(asyncio.ensure_future(_over(keeper, readers)))
    found = _report(report)
    if found.failure:
        raise StartError(found.failure)
    reason = ended or ("" if found.ended == "told" else found.ended)
    return Ran(
        code=found.code,
        signal=found.signal,
        ended=reason,
        output=b"" if output.is_over else bytes(output.kept),
        complaint=bytes(complaint.kept),
    )


async def _ended(
    keeper: asyncio.subprocess.Process,
    readers: "asyncio.Future[tuple[None, None]]",
    output: "_Kept",
    seconds: float,
) -> str:
    """The bound that is passed, "" when it ended before."""
    over = asyncio.create_task(output.over.wait())
    waiting: set[asyncio.Future[Any]] = {readers, over}
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if over in done:
            return "output"
        if done:
            return ""
        _tell(keeper, b"T")
        await asyncio.wait(waiting, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
        return "seconds"
    finally:
        over.cancel()


async def _done(ending: "asyncio.Future[None]") -> None:
    """Wait for it, also when the caller is cancelled: it cleans up after what runs, so nothing may run."""
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await asyncio.wait({ending}, timeout=LAST)
        raise


async def _over(keeper: asyncio.subprocess.Process, readers: "asyncio.Future[tuple[None, None]]") -> None:
    """The keeper ends what is left, and itself."""
    if keeper.stdin is not None:
        keeper.stdin.close()
    try:
        async with asyncio.timeout(LAST):
            await keeper.wait()
    except TimeoutError:
        log.warning("command.keeper_killed", pid=keeper.pid)
        with contextlib.suppress(ProcessLookupError):
            keeper.kill()
        await keeper.wait()
    readers.cancel()
    await asyncio.gather(readers, return_exceptions=True)


def _tell(keeper: asyncio.subprocess.Process, words: bytes) -> None:
    with contextlib.suppress(OSError, RuntimeError):  # it ended meanwhile
        if keeper.stdin is not None:
            keeper.stdin.write(words)


def _report(descriptor: int) -> _Report:
    try:
        return msgspec.json.decode(os.read(descriptor, 1 << 16), type=_Report)
    except (OSError, msgspec.DecodeError):
        return _Report(code=1, ended="lost")


class _Kept:
    """What is kept of a stream: its beginning, and then `over` says when it is too long; or its end."""

    def __init__(self, limit: int, *, is_tail: bool = False) -> None:
        self.kept = bytearray()
        self.over = asyncio.Event()
        self._limit = limit
        self._is_tail = is_tail

    @property
    def is_over(self) -> bool:
        """Whether it was longer than may be kept."""
        return self.over.is_set()

    async def read(self, stream: asyncio.StreamReader | None) -> None:
        """Read it to its end; what is too much is dropped."""
        while stream is not None and (piece := await stream.read(1 << 18)):
            if self._is_tail:
                self.kept = (self.kept + piece)[-self._limit :]
            elif len(self.kept) + len(piece) <= self._limit and not self.is_over:
                self.kept += piece
            else:
                self.over.set()
                self.kept.clear()
