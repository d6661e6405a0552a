"""What frames cost a connection: those that make us work and carry nothing come out of an allowance.

Free is what carries a call or is bounded by the settings that the client was told: heads of calls, data, and
answers to what we sent. Invariant: every kind of frame, those of later versions of the protocol too, is free
by a rule of this module or costs.
"""

import asyncio
from typing import Any

from grpclib.protocol import Connection
from h2.errors import ErrorCodes
from h2.events import Event
from h2.exceptions import ProtocolError

AT_ONCE = 200.0
"""Frames that carry nothing a connection may send at once."""
REFILL = 10.0
"""How many a second come back."""
OPENED_BY = 1024
"""Bytes of ours for each of which a window may be opened once; clients do so for some ten times as many."""
TINY = 16
"""Bytes below which data is tiny; one after another on one stream, each costs a sixteenth."""
_DATA, _HEADERS, _SETTINGS, _PING, _WINDOW_UPDATE = 0, 1, 4, 6, 8
"""Types of frames (RFC 9113, 6)."""
_ANSWERED = (_SETTINGS, _PING)
"""What we answer anyhow; an answer to anything else says that it was wrong."""


class FloodError(ProtocolError):
    """Too many frames that carry nothing."""

    error_code = ErrorCodes.ENHANCE_YOUR_CALM


class Allowance:
    """Charges the frames of a connection, one by one as they are taken.

    Whoever feeds the connection gets FloodError once it is used up; the client is told why."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._h2 = connection._connection
        self._take = self._h2._receive_frame
        self._h2._receive_frame = self._charged  # type: ignore[method-assign]
        self._left = AT_ONCE
        self._refilled = asyncio.get_running_loop().time()
        self._sent_at_ping = -1
        self._opened = 0
        self._tiny: int | None = None

    def _charged(self, frame: Any) -> list[Event]:
        self._charge(self._cost(frame))
        before = len(self._h2._data_to_send)
        events = self._take(frame)
        if len(self._h2._data_to_send) > before and frame.type not in _ANSWERED:
            self._charge(1)
        return events

    def _charge(self, cost: float) -> None:
        if not cost:
            return
        now = asyncio.get_running_loop().time()
        self._left = min(AT_ONCE, self._left + (now - self._refilled) * REFILL) - cost
        self._refilled = now
        if self._left < 0:
            raise FloodError("too many frames that carry nothing")

    def _cost(self, frame: Any) -> float:
        sent = self._connection.data_sent
        if frame.type == _HEADERS:
            return 0
        if frame.type == _DATA:
            return self._cost_of_data(frame)
        if frame.type == _PING and "ACK" not in frame.flags:
            is_idle = self._sent_at_ping == sent
            self._sent_at_ping = sent
            return float(is_idle)
        if frame.type == _WINDOW_UPDATE and self._opened * OPENED_BY < sent:
            self._opened += 1
            return 0
        return 1

    def _cost_of_data(self, frame: Any) -> float:
        if "END_STREAM" in frame.flags:
            return 0
        before, self._tiny = self._tiny, frame.stream_id if len(frame.data) < TINY else None
        if not frame.data:
            return 1
        return 1 / TINY if self._tiny is not None and self._tiny == before else 0
