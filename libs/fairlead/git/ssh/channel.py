"""One command that runs on an SSH server: what it prints, what it complains of, how it ended.

Invariant: what is not taken waits at the server; of its complaints the last MAX_COMPLAINT bytes are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

import asyncssh

from fairlead.git.errors import plain

MAX_COMPLAINT = 8 << 10


class Taker(Protocol):
    """Who takes what a command prints."""

    def begin(self, channel: Channel) -> None:
        """This is the command."""

    def take(self, data: bytes) -> None: ...

    def end(self) -> None:
        """Nothing more comes."""

    def hold(self) -> None:
        """Send nothing more for now."""

    def release(self) -> None:
        """Sending may go on."""


class Channel(asyncssh.SSHClientSession[bytes]):
    """`ended` is set when all is over; `lost` is then why, when the connection was lost."""

    def __init__(self, taker: Taker) -> None:
        self.ended = asyncio.Event()
        self.lost = ""
        self.status: int | None = None
        self.received = 0
        self._taker = taker
        self._complaint = b""
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._is_closed = False
        self._over: Callable[[], None] = lambda: None

    @property
    def complaint(self) -> str:
        """What the server said beside the answer, and why it ended when that says more."""
        said = plain(self._complaint.decode(errors="replace")).strip()
        told = "; ".join(filter(None, (said, self.lost)))
        return told or ("" if not self.status else f"the command ended with {self.status}")

    def write(self, data: bytes) -> None:
        """Send to the command."""
        if self._channel is not None and not self._is_closed:
            with contextlib.suppress(OSError):  # it ends just now
                self._channel.write(data)

    def write_end(self) -> None:
        """Nothing more is sent."""
        if self._channel is not None and not self._is_closed:
            with contextlib.suppress(OSError):
                self._channel.write_eof()

    def pause(self) -> None:
        """Take nothing more for now."""
        if self._channel is not None:
            self._channel.pause_reading()

    def resume(self) -> None:
        """Go on taking."""
        if self._channel is not None:
            self._channel.resume_reading()

    def give_up(self, why: str) -> None:
        """End the command, as if the connection were lost."""
        self.lost = why
        self._taker.end()
        self.close()

    def close(self) -> None:
        """End the command, whether or not it is done."""
        self._is_closed = True
        if self._channel is not None:
            self._channel.abort()

    def when_over(self, over: Callable[[], None]) -> None:
        """Call this once the server, too, has closed it; at once when it has."""
        if self.ended.is_set():
            over()
        else:
            self._over = over

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan
        self._taker.begin(self)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if datatype is None:
            self.received += len(data)
            self._taker.take(data)
        else:
            self._complaint = (self._complaint + data)[-MAX_COMPLAINT:]

    def eof_received(self) -> bool:
        self._taker.end()
        return True

    def pause_writing(self) -> None:
        self._taker.hold()

    def resume_writing(self) -> None:
        self._taker.release()

    def exit_status_received(self, status: int) -> None:
        self.status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self._complaint += f" the command was ended by {signal[:20]}".encode()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closed = True
        self.lost = self.lost or (plain(str(exc)) if exc else "")
        self._taker.end()
        self.ended.set()
        self._over()
