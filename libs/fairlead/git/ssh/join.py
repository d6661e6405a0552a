"""Joins the socket of a `git` process to a command on an SSH server.

Invariant: what one side does not take the other is not asked for, so nothing piles up here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from fairlead.git.ssh.channel import Channel


DRIP_SECONDS, DRIP_BYTES = 60.0, 1024
"""A server that sends something, but less than that, in that time and once more is given up. One that sends
nothing may wait for git, which is watched by itself."""


class Join(asyncio.Protocol):
    """A taker of a channel that is the protocol of git's socket."""

    def __init__(self) -> None:
        self._channel: Channel | None = None
        self._transport: asyncio.Transport | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._drips = 0

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within this a server that drips is left."""
        self._look_later(0)
        try:
            yield
        finally:
            if self._looking is not None:
                self._looking.cancel()

    def _look_later(self, before: int) -> None:
        self._looking = asyncio.get_running_loop().call_later(DRIP_SECONDS, self._look, before)

    def _look(self, before: int) -> None:
        received = self._channel.received if self._channel is not None else 0
        self._drips = self._drips + 1 if 0 < received - before < DRIP_BYTES else 0
        if self._drips > 1 and self._channel is not None:
            self._channel.give_up(f"it sends less than {DRIP_BYTES} bytes in {DRIP_SECONDS:g} s")
        else:
            self._look_later(received)

    def begin(self, channel: Channel) -> None:
        self._channel = channel

    def take(self, data: bytes) -> None:
        if self._socket is not None:
            self._socket.write(data)

    def end(self) -> None:
        if self._socket is not None and self._socket.can_write_eof():
            with contextlib.suppress(OSError, RuntimeError):
                self._socket.write_eof()

    def hold(self) -> None:
        if self._socket is not None:
            self._socket.pause_reading()

    def release(self) -> None:
        if self._socket is not None:
            self._socket.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._channel is not None:
            self._channel.write(data)

    def eof_received(self) -> bool:
        """Git has asked for all it wants, which is still to come."""
        if self._channel is not None:
            self._channel.write_end()
        return True

    def pause_writing(self) -> None:
        if self._channel is not None:
            self._channel.pause()

    def resume_writing(self) -> None:
        if self._channel is not None:
            self._channel.resume()

    @property
    def _socket(self) -> asyncio.Transport | None:
        return None if self._transport is None or self._transport.is_closing() else self._transport
