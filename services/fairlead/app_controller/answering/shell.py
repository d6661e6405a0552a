"""One shell in a container, from the first that is there to its end.

Invariant: of its output at most AHEAD bytes wait to be read, and then nothing more is taken from it; the next
shell is tried only while the last one said nothing and was told nothing, not even its size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from fairlead.app_controller.answering.named import Found
from fairlead.kube.errors import KubeError, UnreachableError
from fairlead.kube.exec_stream import ExecStream
from fairlead.rpc.terminal import WAIT_SECONDS

AHEAD: Final = 256 << 10
"""Bytes of output that wait to be read."""
PIECE: Final = 64 << 10
"""Bytes of one answer."""
IDLE_SECONDS: Final = 30.0
"""After which an api-server that does not come back has left."""
START_SECONDS: Final = 10.0
"""How long input waits for a shell to be there."""
SETTLE_SECONDS: Final = 1.0
"""After which a shell that says nothing is taken to be there."""
LEAVE_SECONDS: Final = 2.0
END_OF_TRANSMISSION: Final = b"\x04"
GATHER_SECONDS: Final = 0.005
"""For which a piece waits for what follows it at once."""

Read = tuple[bytes, bool, str]


class Shell:
    """Runs it in the background. `ended` is called when nobody came back for its output."""

    def __init__(
        self, found: Found, container: str, shells: Sequence[str], *, ended: Callable[[], None]
    ) -> None:
        self._found = found
        self._container = container
        self._shells = shells
        self._ended = ended
        self._stream: ExecStream | None = None
        self._size = (0, 0)
        self._is_there = asyncio.Event()
        self._spoke = asyncio.Event()
        self._was_told = False
        self._output = bytearray()
        self._has_output = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_over = False
        self._problem = ""
        self._turn = asyncio.Lock()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(IDLE_SECONDS, ended)
        self._running = asyncio.create_task(self._run())

    async def read(self) -> Read:
        """What it said, whether that was the last, and why it is."""
        async with self._turn:
            self._timer.cancel()
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(WAIT_SECONDS):
                        await self._has_output.wait()
                        await asyncio.sleep(GATHER_SECONDS)
                return self._taken()
            finally:
                self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._ended)

    async def write(self, data: bytes) -> None:
        """Give it input; once it has ended nobody reads that. Raises KubeError."""
        if stream := await self._there():
            self._was_told = True
            await stream.write(data)

    async def resize(self, rows: int, columns: int) -> None:
        """Tell it its size, now or when it is there. Raises KubeError."""
        self._size = (rows, columns)
        if self._stream is not None and self._is_there.is_set() and not self._is_over:
            await self._stream.resize(rows, columns)

    async def leave(self) -> None:
        """Tell it that its input has ended, and end it."""
        with suppress(KubeError, TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                if self._stream is not None and not self._is_over:
                    await self._stream.write(END_OF_TRANSMISSION)
        self.end()

    def end(self) -> None:
        """End it."""
        self._timer.cancel()
        self._running.cancel()

    def _taken(self) -> Read:
        data = bytes(self._output[:PIECE])
        del self._output[:PIECE]
        if len(self._output) < AHEAD:
            self._has_room.set()
        is_over = self._is_over and not self._output
        if not self._output and not self._is_over:
            self._has_output.clear()
        return data, is_over, self._problem if is_over else ""

    async def _there(self) -> ExecStream | None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._is_there.wait()
        except TimeoutError:
            raise UnreachableError("no shell began in time", sent=False) from None
        return None if self._is_over else self._stream

    async def _run(self) -> None:
        try:
            for shell in self._shells:
                if await self._tried(shell):
                    break
        except KubeError as error:
            self._problem = error.message
        finally:
            self._is_over = True
            self._is_there.set()
            self._has_output.set()

    async def _tried(self, name: str) -> bool:
        """Whether this shell was there, once it has ended."""
        key = self._found.live.key
        stream = await self._found.writer.write(
            "exec",
            self._found.resource,
            lambda client: client.exec(key.name, key.namespace, self._container, [name]),
            name=key.name,
            namespace=key.namespace,
        )
        self._stream, self._problem = stream, ""
        self._spoke.clear()
        beginning = asyncio.create_task(self._begin(stream))
        try:
            while data := await stream.output():
                self._spoke.set()
                await self._has_room.wait()
                self._keep(data)
        except UnreachableError as error:
            if self._spoke.is_set() or self._was_told:
                raise
            self._problem = error.message
        finally:
            beginning.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await stream.close()
        if self._spoke.is_set() or not (stream.problem or self._problem):
            return True
        self._problem = self._problem or f"Failed to exec container: {stream.problem}"
        self._is_there.clear()
        return self._was_told

    async def _begin(self, stream: ExecStream) -> None:
        """Tell it its size once it is there: what is sent to one that is not tears away why."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._spoke.wait()
        self._is_there.set()
        if all(self._size):
            with suppress(KubeError):
                await stream.resize(*self._size)

    def _keep(self, data: bytes) -> None:
        self._output += data
        self._has_output.set()
        if len(self._output) >= AHEAD:
            self._has_room.clear()
