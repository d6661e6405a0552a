"""Several NATS servers that are one broker.

Why: what a cluster does when a server goes is only known by taking one away. Invariant: as `NatsServer` of
each; a server that stood alone keeps its streams when it becomes the first of a cluster.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from fairlead.local.nats_server import NatsServer
from fairlead.local.ports import LOOPBACK, choose_port

FIRST = "server:first"
"""The tag of the server on which streams begin."""


class Member(NatsServer):
    """One server; `routes` are the ports at which the cluster's servers find each other, its own among them.

    Without routes it stands alone.
    """

    def __init__(
        self, data_dir: Path, *, number: int, port: int, users: str = "", routes: tuple[int, ...] = ()
    ) -> None:
        super().__init__(data_dir, port=port, users=users, title=f"fairlead-{number}")
        self.number = number
        self.routes = routes

    def cluster(self) -> str:
        """The tag of the first, and where the others are."""
        tag = f'server_tags: ["{FIRST}"]\n' if self.number == 0 else ""
        if not self.routes:
            return tag
        known = ", ".join(f'"nats-route://{LOOPBACK}:{port}"' for port in self.routes)
        listens = f'listen: "{LOOPBACK}:{self.routes[self.number]}"'
        return f"{tag}cluster {{ name: fairlead, {listens}, no_advertise: true, routes: [{known}] }}\n"


class NatsCluster:
    """A broker of three servers. Use `async with`."""

    def __init__(self, data_dir: Path, *, users: str = "", size: int = 3) -> None:
        routes = tuple(choose_port() for _ in range(size))
        self.servers = [
            Member(data_dir / str(number), number=number, port=choose_port(), users=users, routes=routes)
            for number in range(size)
        ]
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """The addresses of all."""
        return ",".join(server.url for server in self.servers)

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self._stack.enter_async_context(server) for server in self.servers))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
