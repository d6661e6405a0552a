"""A TCP edge between a service and what it depends on: delayed, stalled, cut or refused on request."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from fairlead.local.ports import LOOPBACK, choose_port

CHUNK_BYTES = 64 * 1024


class Edge:
    """Passes bytes from its own port to a target's, as long as nobody says otherwise."""

    def __init__(self, name: str, target: int) -> None:
        self.name = name
        self.port = choose_port()
        self.delay = 0.0
        self._target = target
        self._flows = asyncio.Event()
        self._flows.set()
        self._refuses = False
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def slow(self, seconds: float) -> None:
        """Delay each chunk, in both directions."""
        self.delay = seconds

    def stall(self) -> None:
        """Accept connections and bytes, and pass nothing on: a half-open network."""
        self._flows.clear()

    def refuse(self) -> None:
        """Reset what is open and whatever comes."""
        self._refuses = True
        self.cut()

    def cut(self) -> None:
        """Reset what is open; new connections pass."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def heal(self) -> None:
        """Undo everything."""
        self.delay, self._refuses = 0.0, False
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        self._open.add(writer)
        onward: asyncio.StreamWriter | None = None
        try:
            back, onward = await asyncio.open_connection(LOOPBACK, self._target)
            self._open.add(onward)
            await _first_of(self._pass(reader, self.way(onward)), self._pass(back, self.way_back(writer)))
        except OSError:
            pass
        finally:
            for end in (writer, onward):
                if end is not None:
                    self._open.discard(end)
                    end.transport.abort()

    def way(self, onward: asyncio.StreamWriter) -> "Way":
        """How bytes of one connection go on to the target; an edge that knows more of them has another."""
        return Way(onward)

    def way_back(self, client: asyncio.StreamWriter) -> "Way":
        """How the target's bytes go back."""
        return Way(client)

    async def flows(self) -> None:
        """Return while nothing is stalled."""
        await self._flows.wait()

    async def _pass(self, reader: asyncio.StreamReader, way: "Way") -> None:
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(CHUNK_BYTES):
                    if self.delay:
                        await asyncio.sleep(self.delay)
                    await self._flows.wait()
                    await way.go(data)
        finally:
            way.end()


class Way:
    """One direction of one connection: what comes goes on as it is."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def go(self, data: bytes) -> None:
        """Bytes came. Raises OSError when there is nobody to take them, which ends the connection."""
        self._writer.write(data)
        await self._writer.drain()

    def end(self) -> None:
        """The connection is over."""


async def _first_of(*ways: "asyncio.Future[None] | object") -> None:
    tasks = [asyncio.ensure_future(way) for way in ways]  # type: ignore[arg-type]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
