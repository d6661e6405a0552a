"""One process of the suite that is started again whenever it ends by itself."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import structlog

from fairlead.local.launcher import tied

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
STEADY = 30.0
"""Seconds after which a process counts as running well, and the next pause is the first again."""
STOP_SECONDS = 12.0
LINE_BYTES = 1 << 20

OnLine = Callable[[str, str], None]


class Service:
    """A supervised process; its lines go to `on_line(name, line)` and to its log file."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        log_file: Path,
        on_line: OnLine | None = None,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._argv = argv
        self._environment = {**os.environ, **environment}
        self._log_file = log_file
        self._on_line = on_line
        self._longest_pause = longest_pause
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int:
        """Process id of the present run, 0 between two."""
        return self._child.pid if self._child is not None and self._child.returncode is None else 0

    async def run(self) -> None:
        """Keep it running until `stop`."""
        pause = FIRST_PAUSE
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        while not self._stopping:
            started = time.monotonic()
            with self._log_file.open("ab") as output:
                code = await self._run_once(output)
            if self._stopping:
                return
            self.restarts += 1
            pause = (
                FIRST_PAUSE if time.monotonic() - started > STEADY else min(pause * 2, self._longest_pause)
            )
            log.warning("suite.service.ended", name=self.name, code=code, again_in=pause)
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after STOP_SECONDS; it is not started again."""
        self._stopping = True
        child = self._child
        if child is None or child.returncode is not None:
            return
        _signal(child, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await child.wait()
        except TimeoutError:
            _signal(child, signal.SIGKILL)
            await child.wait()

    async def _run_once(self, output: IO[bytes]) -> int:
        self._child = child = await asyncio.create_subprocess_exec(
            *tied(self._argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output if self._on_line is None else asyncio.subprocess.PIPE,
            env=self._environment,
            limit=LINE_BYTES,
        )
        try:
            if child.stderr is not None:
                await self._pump(child.stderr, output)
            return await child.wait()
        finally:
            if child.returncode is None:
                _signal(child, signal.SIGKILL)
                await child.wait()

    async def _pump(self, lines: asyncio.StreamReader, output: IO[bytes]) -> None:
        while True:
            try:
                line = await lines.readline()
            except ValueError:
                continue
            if not line:
                return
            output.write(line)
            output.flush()
            if self._on_line is not None:
                self._on_line(self.name, line.decode(errors="replace").rstrip("\n"))


def _signal(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(child.pid, number)
        except PermissionError:
            child.send_signal(number)
