"""`python -m tests.bench.api.client`: a client process; its job is a line of the input, its answers are JSON.

Why not aiohttp: at 6,000 requests a second a client must cost less than the server that it measures.
"""

import asyncio
import collections
import sys
import time

import grpc
import msgspec
import uvloop

from fairlead.local.ports import LOOPBACK
from tests.bench.api.load import Answers, Call, Load, Streams

OPENED_AT_ONCE = 50
SAMPLE = 10_000
"""Answers whose seconds are told, at most."""
ANSWER_SECONDS = 30.0
"""Given to those answers that are missing at the end."""
_LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """One request after another; `done` is told the status and the bytes of each answer."""

    def __init__(self, answers: "Collected") -> None:
        self._answers = answers
        self._due = 0.0
        self._status = 0
        self._missing = -1
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It may be used."""
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, error: Exception | None) -> None:
        """Whatever was asked has no answer."""
        self._transport = None
        if self._due:
            self._end(0)

    def ask(self, request: bytes, due: float) -> None:
        """Send one."""
        self._due = due
        if self._transport is None:
            self._end(0)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._answers.bytes += len(data)
        if self._missing < 0:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._status = int(head[9:12])
            at = head.lower().find(_LENGTH)
            self._missing = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._head = b""
        self._missing -= len(data)
        if self._missing <= 0:
            self._missing = -1
            self._end(self._status)

    def _end(self, status: int) -> None:
        due, self._due = self._due, 0.0
        self._answers.one(self, status, due)


class Collected:
    """Gives due requests to free connections and collects the answers."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._free: collections.deque[Connection] = collections.deque()
        self._waiting: collections.deque[float] = collections.deque()
        self._sent = self._asked = 0
        self._ends = float("inf")
        self.bytes = 0
        self.seconds: list[float] = []
        self.statuses: collections.Counter[int] = collections.Counter()

    async def run(self) -> Answers:
        """Do the whole load."""
        loop = asyncio.get_running_loop()
        for _ in range(self._load.connections):
            _, one = await loop.create_connection(lambda: Connection(self), LOOPBACK, self._load.port)
            self._free.append(one)
        began = time.monotonic()
        self._ends = began + self._load.seconds
        if self._load.rate:
            await self._paced(began)
        else:
            while self._free:
                self._ask(time.monotonic())
            await asyncio.sleep(self._load.seconds)
        limit = time.monotonic() + ANSWER_SECONDS
        while len(self.seconds) < self._asked and time.monotonic() < limit:
            await asyncio.sleep(0.01)
        took = time.monotonic() - began
        self.statuses[-1] += self._asked - len(self.seconds)
        return Answers(
            seconds=self.seconds[:: 1 + len(self.seconds) // SAMPLE],
            statuses=dict(+self.statuses),
            took=took,
            bytes=self.bytes,
        )

    async def _paced(self, began: float) -> None:
        total = int(self._load.rate * self._load.seconds)
        while self._asked < total:
            now = time.monotonic()
            while self._asked < total and (due := began + self._asked / self._load.rate) <= now:
                self._ask(due)
            await asyncio.sleep(0.001)

    def one(self, connection: Connection, status: int, due: float) -> None:
        """An answer came."""
        now = time.monotonic()
        self.seconds.append(now - due)
        self.statuses[status] += 1
        self._free.append(connection)
        if self._waiting:
            self._send(self._waiting.popleft())
        elif not self._load.rate and now < self._ends:
            self._ask(now)

    def _ask(self, due: float) -> None:
        self._asked += 1
        if self._free:
            self._send(due)
        else:
            self._waiting.append(due)

    def _send(self, due: float) -> None:
        request = self._load.requests[self._sent % len(self._load.requests)]
        self._sent += 1
        self._free.popleft().ask(request, due)


class Follower(asyncio.Protocol):
    """One stream: how many lines came, and whether it began and ended."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.lines = 0
        self.begun = asyncio.Event()
        self.is_lost = False
        self._start = b""
        self._is_cut = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """A piece; chunks' frames have no line of their own that ends in a brace."""
        if not self.begun.is_set():
            self._start += data[:64]
            self.begun.set()
        self.lines += data.count(b"}\n") + (self._is_cut and data[:1] == b"\n")
        self._is_cut = data[-1:] == b"}"

    def connection_lost(self, error: Exception | None) -> None:
        """It ended."""
        self.is_lost = True
        self.begun.set()

    @property
    def is_open(self) -> bool:
        """Whether the server agreed and it goes on."""
        return not self.is_lost and self._start.startswith(b"HTTP/1.1 200")


async def _followed(job: Streams) -> dict[str, int]:
    loop = asyncio.get_running_loop()
    followers: list[Follower] = []
    for first in range(0, len(job.requests), OPENED_AT_ONCE):
        some = [Follower(request) for request in job.requests[first : first + OPENED_AT_ONCE]]
        for one in some:
            await loop.create_connection(lambda one=one: one, LOOPBACK, job.port)  # type: ignore[misc]
        for one in some:
            await one.begun.wait()
        followers += some
    _say({"open": sum(one.is_open for one in followers)})
    await loop.run_in_executor(None, sys.stdin.buffer.readline)
    before = sum(one.lines for one in followers)
    _say({"lines": before})
    await loop.run_in_executor(None, sys.stdin.buffer.readline)
    return {
        "lines": sum(one.lines for one in followers) - before,
        "open": sum(one.is_open for one in followers),
    }


async def _called(job: Call) -> Answers:
    options = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.primary_user_agent", "argocd-client/v3.6.1 grpc-go/1.84.0"),
    ]
    seconds, size, began = [], 0, time.monotonic()
    async with grpc.aio.insecure_channel(f"{LOOPBACK}:{job.port}", options=options) as channel:
        call = channel.unary_unary(job.rpc)
        for _ in range(job.times):
            at = time.monotonic()
            size += len(await call(b"", metadata=(("token", job.token),), timeout=60))
            seconds.append(time.monotonic() - at)
    took = time.monotonic() - began
    return Answers(seconds=seconds, statuses={0: len(seconds)}, took=took, bytes=size)


def _say(said: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Read the job, do it, tell."""
    kind, _, rest = sys.stdin.buffer.readline().partition(b" ")
    match kind:
        case b"load":
            _say(uvloop.run(Collected(msgspec.json.decode(rest, type=Load)).run()))
        case b"streams":
            _say(uvloop.run(_followed(msgspec.json.decode(rest, type=Streams))))
        case b"call":
            _say(asyncio.run(_called(msgspec.json.decode(rest, type=Call))))


if __name__ == "__main__":
    main()
