"""Where the bytes of a stream go: into the answer of its request, or into what carries several."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from fairlead.api_server.rest.connection import left


class Outlet(Protocol):
    """Takes the bytes of one stream. Writing raises a ConnectionError once its client has left."""

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""

    @property
    def left(self) -> asyncio.Event | None:
        """What is set when the client's connection has ended."""

    async def open(self, headers: Mapping[str, str]) -> None:
        """Begin."""

    async def write(self, data: bytes) -> None:
        """Send some; returns when there is room for more."""

    async def end(self) -> None:
        """Nothing more will come."""

    def abort(self) -> None:
        """Cut off a client that does not read, or who is not to take what it has for all there is."""


class Answer:
    """Into the answer of a request."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.left = left(request)
        self.response = web.StreamResponse()

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        transport = self._request.transport
        return transport is None or transport.is_closing()

    async def open(self, headers: Mapping[str, str]) -> None:
        """Send the headers."""
        self.response.headers.update(headers)
        await self.response.prepare(self._request)

    async def write(self, data: bytes) -> None:
        """Send some."""
        await self.response.write(data)

    async def end(self) -> None:
        """Send the end."""
        await self.response.write_eof()

    def abort(self) -> None:
        """Cut the connection."""
        if self._request.transport is not None:
            self._request.transport.abort()
