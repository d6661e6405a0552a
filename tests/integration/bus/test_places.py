"""How many messages a consumer takes, on a real NATS server: as many as it has places for, each once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio

from fairlead.bus import Bus, BusConfig, Message, topology
from fairlead.bus.permissions import server_authorization
from fairlead.events import ManifestsRendered, subjects
from fairlead.local.nats_server import NatsServer

PASSWORDS = {grant.service: f"{grant.service}-password" for grant in topology.GRANTS}
PATIENCE = 120.0
CONSUMER = topology.Consumer(
    stream=topology.MANIFESTS.name,
    name="app-controller-test",
    filter_subject=topology.MANIFESTS.subjects[0],
    ack_wait=3.0,
)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with NatsServer(tmp_path, users=server_authorization(PASSWORDS)) as running:
        yield running


@asynccontextmanager
async def connected(server: NatsServer, service: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(
        BusConfig(url=server.url, service=service, user=service, password=PASSWORDS[service])
    )
    try:
        yield bus
    finally:
        await bus.close()


class Handlers:
    """Handlers that work so many seconds, or until they are let go."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.begun: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.running = 0
        self.most = 0
        self.let_go = asyncio.Event()
        self._seconds = seconds

    async def handle(self, message: Message) -> None:
        self.begun[message.subject] += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await (asyncio.sleep(self._seconds) if self._seconds else self.let_go.wait())
        finally:
            self.running -= 1
        self.done[message.subject] += 1


@asynccontextmanager
async def consuming(bus: Bus, handlers: Handlers, concurrency: int) -> AsyncIterator[None]:
    task = asyncio.create_task(bus.consume(CONSUMER, handlers.handle, concurrency=concurrency))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.02)


async def tell(bus: Bus, number: int) -> None:
    for place in range(number):
        event = ManifestsRendered(namespace="argocd", name=f"app-{place}")
        await bus.publish(subjects.manifests_rendered(0, event.namespace, event.name), event)


async def test_slow_handlers_that_are_fewer_than_the_messages_handle_each_once(server: NatsServer) -> None:
    handlers = Handlers(seconds=CONSUMER.ack_wait + 1)
    async with connected(server, "app-controller") as controller, connected(server, "repo-server") as repo:
        await tell(repo, 6)
        async with consuming(controller, handlers, 2):
            await until(lambda: len(handlers.done) == 6 and not handlers.running)
            await asyncio.sleep(CONSUMER.ack_wait)
    assert set(handlers.begun.values()) == {1}
    assert handlers.most == 2


async def test_what_has_no_place_waits_at_the_server_and_a_burst_fills_every_place(
    server: NatsServer,
) -> None:
    handlers = Handlers()
    async with connected(server, "app-controller") as controller, connected(server, "repo-server") as repo:
        await tell(repo, 300)
        async with consuming(controller, handlers, 256):
            await until(lambda: handlers.running == 256)
            await asyncio.sleep(CONSUMER.ack_wait)
            assert len(handlers.begun) == 256
            handlers.let_go.set()
            await until(lambda: len(handlers.done) == 300)
    assert handlers.most == 256
    assert set(handlers.begun.values()) == {1}
