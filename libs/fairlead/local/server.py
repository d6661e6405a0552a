"""What NATS and Redis have in common as servers of ours: one port, one folder, one configuration file.

Why: both are started, restarted with or without their data, and killed by tests in the same words. Invariant:
a server keeps its port over restarts, so clients find it again.
"""

import abc
import asyncio
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from fairlead.local.ports import choose_port, is_listening
from fairlead.local.process import ServerProcess

log = structlog.get_logger(__name__)


class Server(abc.ABC):
    """A single-process server. A subclass says what its files hold and how it is called."""

    name: str

    def __init__(self, data_dir: Path, *, port: int = 0) -> None:
        self.data_dir = data_dir.absolute()
        self.port = choose_port(port)
        self._process: ServerProcess | None = None
        self._changing = asyncio.Lock()

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """How clients reach it."""

    @abc.abstractmethod
    def argv(self) -> list[str | Path]:
        """The command to run."""

    @abc.abstractmethod
    def configuration(self) -> str:
        """The text of its configuration file."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The process id of the running server; raises ServerStartError when it was never started."""
        return self.process.pid

    @property
    def process(self) -> ServerProcess:
        """Its process, which exists from the first start on."""
        if self._process is None:
            self._process = ServerProcess(self.name, self.argv(), log_file=self.log_file)
        return self._process

    @property
    def configuration_file(self) -> Path:
        """Where its configuration is written, readable by its owner only."""
        return self.data_dir / f"{self.name}.conf"

    @property
    def store(self) -> Path:
        """The folder that holds what it keeps."""
        return self.data_dir / "store"

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return self.data_dir / "logs" / f"{self.name}.log"

    async def start(self) -> None:
        """Start it if it doesn't run, and return when it accepts connections.

        Raises ServerStartError; nothing is left running then.
        """
        async with self._changing:
            if not self.process.running:
                await self._start()

    async def _start(self) -> None:
        await asyncio.to_thread(self._write_configuration)
        await self.process.start()
        try:
            await self.process.until_ready(self._is_listening)
        except BaseException:
            await self.process.kill()
            raise
        log.info("local.server.ready", server=self.name, port=self.port)

    async def stop(self) -> None:
        """Stop it; its data stays."""
        await self.process.stop()

    async def kill(self) -> None:
        """SIGKILL, as a crash would; `start` starts it again."""
        await self.process.kill()

    async def restart(self, *, wipe: bool = False) -> None:
        """Stop and start it on the same port; with `wipe`, without what it kept."""
        async with self._changing:
            await self.process.stop()
            if wipe:
                await asyncio.to_thread(shutil.rmtree, self.store, ignore_errors=True)
            await self._start()

    async def _is_listening(self) -> bool:
        return await is_listening(self.port)

    def _write_configuration(self) -> None:
        self.store.mkdir(parents=True, exist_ok=True)
        self.configuration_file.touch(mode=0o600)
        self.configuration_file.write_text(self.configuration())
