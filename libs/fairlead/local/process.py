"""One server process: started tied to us, its log in a file, stopped politely and then not.

Why: six programs need the same care. Invariant: after `stop` or `kill` returns, the process is gone.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog

from fairlead.local.errors import ServerStartError
from fairlead.local.launcher import tied

STOP_SECONDS = 10.0
READY_SECONDS = 90.0
READY_POLL_SECONDS = 0.02
LOG_KEPT_BYTES = 16 * 1024 * 1024
LOG_TAIL_BYTES = 2000

log = structlog.get_logger(__name__)


class ServerProcess:
    """A program that runs until told otherwise."""

    def __init__(
        self, name: str, argv: Sequence[str | Path], *, log_file: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log_file = log_file
        self._argv = argv
        self._env = {**os.environ, **(env or {})}
        self._child: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.returncode is None

    @property
    def pid(self) -> int:
        """Its process id; raises ServerStartError when it was never started."""
        if self._child is None:
            raise ServerStartError(f"{self.name} was not started")
        return self._child.pid

    async def start(self) -> None:
        """Spawn it; returns before it is ready. Output is appended to the log file, which is turned over."""
        self._cut_log()
        with self.log_file.open("ab") as output:
            self._child = await asyncio.create_subprocess_exec(
                *tied(self._argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._env,
            )
        log.debug("local.server.started", server=self.name, pid=self._child.pid)

    async def exited(self) -> int:
        """Wait until it ends; its exit status, negative for a signal."""
        if self._child is None:
            raise ServerStartError(f"{self.name} was not started")
        return await self._child.wait()

    async def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """SIGTERM, and SIGKILL for what has not ended after `seconds`. Nothing to do when it does not run."""
        if not self.running:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await self.exited()
        except TimeoutError:
            log.warning("local.server.killed", server=self.name, after_seconds=seconds)
        finally:
            if self.running:
                self._signal(signal.SIGKILL)
        await self.exited()

    async def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self.running:
            self._signal(signal.SIGKILL)
            await self.exited()

    async def until_ready(
        self, is_ready: Callable[[], Awaitable[bool]], *, seconds: float = READY_SECONDS
    ) -> None:
        """Poll `is_ready`; raises ServerStartError with the end of the log when it ends or takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while not await is_ready():
                    if not self.running:
                        raise ServerStartError(f"{self.name} ended while starting:\n{self.log_tail()}")
                    await asyncio.sleep(READY_POLL_SECONDS)
        except TimeoutError as error:
            raise ServerStartError(
                f"{self.name} was not ready after {seconds:.0f} s; {self.log_file} ends:\n{self.log_tail()}"
            ) from error

    def log_tail(self) -> str:
        """The last lines it wrote."""
        if not self.log_file.exists():
            return ""
        with self.log_file.open("rb") as text:
            text.seek(max(0, self.log_file.stat().st_size - LOG_TAIL_BYTES))
            return text.read().decode(errors="replace")

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None and self._child.returncode is None:
            try:
                os.killpg(self._child.pid, number)
            except ProcessLookupError:  # not yet its own group: the launcher is still starting
                self._child.send_signal(number)

    def _cut_log(self) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_KEPT_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".1.log"))
