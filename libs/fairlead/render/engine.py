"""One render engine child: started, asked, watched, killed.

Invariant: after any outcome but an answer in time the child is dead, so the next request never meets
the remains of this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from fairlead.render import wire
from fairlead.render.errors import EngineDiedError, EngineStarvedError, RenderError, RenderKilledError
from fairlead.render.status import StatusPage

log = structlog.get_logger()

_MIB = 1 << 20
_STDERR_BYTES = 4096
_GRACE_SECONDS = 2.0
OVERFLOWN = "goroutine stack exceeds"
"""What the Go runtime says before it ends for that."""
STARVED = 0.1
"""Share of its time that a child must have run before it is taken for one that never ends."""


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a child is run and bounded.

    `memory_bytes` is resident memory, watched every `watch_seconds` while a request runs;
    `deadline_seconds` is for one request; `combined_bytes` bounds the files of a directory source
    where the settings do not, `output_bytes` the manifests of one render; `search_path` is where `git` is.
    `mirrors` is the only folder, besides programs, that the child may read; without one it is not walled in,
    unless it is for `scripts` only, which need neither a folder nor git.
    """

    binary: Path
    mirrors: Path | None = None
    scripts: bool = False
    memory_bytes: int = 512 * _MIB
    deadline_seconds: float = 60.0
    watch_seconds: float = 0.05
    combined_bytes: int = 200_000_000
    output_bytes: int = 50 * _MIB
    search_path: str = "/usr/local/bin:/usr/bin:/bin"

    @property
    def arguments(self) -> list[str]:
        """The child's command line, but for its status page."""
        mirrors = [f"--mirrors={self.mirrors.absolute()}"] if self.mirrors else []
        scripts = ["--scripts"] if self.scripts else []
        return [str(self.binary), f"--memory={self.memory_bytes * 3 // 4}", *mirrors, *scripts]


class Engine:
    """A running child. It serves one request at a time; the pool sees to that."""

    def __init__(self, config: EngineConfig, process: asyncio.subprocess.Process, page: StatusPage) -> None:
        self._config = config
        self._process = process
        self._page = page
        self._complaint = bytearray()
        self._listener = asyncio.create_task(self._listen(), name="render-engine-stderr")
        self._last_id = 0
        self._condemned = False

    @classmethod
    async def start(cls, config: EngineConfig) -> Engine:
        """Start a child. Raises EngineDiedError when the binary cannot be run."""
        page = StatusPage()
        try:
            if config.mirrors is not None:
                config.mirrors.mkdir(parents=True, exist_ok=True)
            process = await asyncio.create_subprocess_exec(
                *config.arguments,
                f"--status-fd={page.descriptor}",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd="/",
                env={"PATH": config.search_path},
                pass_fds=(page.descriptor,),
                start_new_session=True,
                limit=wire.READ_BYTES,
            )
        except OSError as error:
            page.close()
            raise EngineDiedError(f"the render engine {config.binary} cannot be run: {error}") from error
        log.debug("render.engine.started", pid=process.pid)
        return cls(config, process, page)

    @property
    def pid(self) -> int:
        """The child's process id, which is its process group's too."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child can be asked."""
        return not self._condemned and self._process.returncode is None

    @property
    def resident_bytes(self) -> int:
        """The child's resident memory; 0 when it is gone."""
        try:
            fields = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
        except OSError:
            return 0
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    async def ask(
        self, message: Mapping[str, object], *, deadline_seconds: float | None = None
    ) -> wire.Reply:
        """Send one request and wait for its answer.

        Raises RenderKilledError when it took too long or too much memory, EngineDiedError when the
        child is gone. Anything but an answer, a cancellation too, leaves the child dead.
        """
        self._last_id += 1
        self._complaint.clear()
        frame = wire.encode({**message, "id": self._last_id})
        exchange = asyncio.create_task(self._exchange(frame, self._last_id))
        answered = False
        try:
            reply = await self._watch(exchange, deadline_seconds or self._config.deadline_seconds)
            answered = True
        except EngineDiedError as error:
            raise await self._post_mortem(error) from error
        finally:
            if not answered:
                self.kill()
                exchange.cancel()
                await asyncio.gather(exchange, return_exceptions=True)
        return reply

    async def _exchange(self, frame: bytes, request_id: int) -> wire.Reply:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EngineDiedError("the render engine has no pipes")
        try:
            stdin.write(frame)
            await stdin.drain()
        except ConnectionError as error:
            raise EngineDiedError("the render engine does not listen") from error
        reply = await wire.read(stdout)
        if reply.id != request_id:
            raise EngineDiedError(f"the render engine answered {reply.id} to request {request_id}")
        return reply

    async def _watch(self, exchange: asyncio.Task[wire.Reply], seconds: float) -> wire.Reply:
        end, began = asyncio.get_running_loop().time() + seconds, self._worked()
        while True:
            left = end - asyncio.get_running_loop().time()
            done, _ = await asyncio.wait({exchange}, timeout=max(0.0, min(self._config.watch_seconds, left)))
            if done:
                return exchange.result()
            if left <= 0:
                if self._worked() - began < seconds * STARVED:
                    raise self._starved(seconds)
                raise self._killed("deadline", f"took longer than {seconds:g} s")
            if self.resident_bytes > self._config.memory_bytes:
                raise self._killed(
                    "memory", f"took more than {self._config.memory_bytes // _MIB} MiB of memory"
                )

    def _killed(self, code: str, reason: str) -> RenderKilledError:
        self.kill()
        file = self._page.file
        log.warning("render.engine.killed", pid=self.pid, code=code, file=file)
        where = f" in {file}" if file else ""
        return RenderKilledError(f"rendering{where} {reason} and was stopped", code=code, file=file)

    def _starved(self, seconds: float) -> EngineStarvedError:
        self.kill()
        log.warning("render.engine.starved", pid=self.pid, file=self._page.file)
        text = f"rendering was stopped after {seconds:g} s of which the node gave it hardly any"
        return EngineStarvedError(text, code="deadline", file=self._page.file)

    def _worked(self) -> float:
        """Seconds of processor time of the child; 0 when it is gone."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0.0
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def _post_mortem(self, error: EngineDiedError) -> RenderError:
        """What a death says. One of a stack without end would come again, so it is the request's fault."""
        self.kill()
        await self._settle()
        file = self._page.file
        reason = _first_complaint(bytes(self._complaint))
        if OVERFLOWN in reason:
            return self._killed("limit", "calls itself without end")
        log.warning(
            "render.engine.died", pid=self.pid, file=file, reason=reason, returncode=self._process.returncode
        )
        where = f" while it was in {file}" if file else ""
        because = f": {reason}" if reason else ""
        return EngineDiedError(f"{error}{where}{because}", file=file)

    async def _listen(self) -> None:
        """Keep the first words of what the child complains about during a request."""
        stream = self._process.stderr
        while stream is not None and (chunk := await stream.read(_STDERR_BYTES)):
            room = _STDERR_BYTES - len(self._complaint)
            self._complaint += chunk[:room]

    def kill(self) -> None:
        """Kill the child and the git processes it started; safe to repeat."""
        self._condemned = True
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    async def close(self) -> None:
        """End the child by closing its input, or by force, and free what belongs to it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
        await self._settle()
        self._page.close()

    async def _settle(self) -> None:
        await self._process.wait()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._listener
        except TimeoutError:
            log.warning("render.engine.stderr_held", pid=self.pid)


def _first_complaint(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").splitlines()
    telling = [
        line for line in lines if line.startswith(("fatal error", "panic", "runtime:", "render-engine:"))
    ]
    return (telling or lines or [""])[0][:300]
