"""W3C trace context: one trace runs from a push to a healthy application.

The current trace lives in a context variable, so whoever publishes inside a handler continues it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Self

import msgspec

HEADER = "traceparent"
_PARTS = 4
_TRACE_HEX = 32
_SPAN_HEX = 16


class Trace(msgspec.Struct, frozen=True):
    """A position in a trace: 16-byte trace id and 8-byte span id, in hex."""

    trace_id: str
    span_id: str

    @classmethod
    def start(cls) -> Self:
        """A new trace."""
        return cls(secrets.token_hex(16), secrets.token_hex(8))

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Continue the trace named by a `traceparent` header; an absent or malformed one starts anew."""
        parts = (header or "").split("-")
        if len(parts) == _PARTS and len(parts[1]) == _TRACE_HEX and len(parts[2]) == _SPAN_HEX:
            return cls(parts[1], parts[2])
        return cls.start()

    @property
    def header(self) -> str:
        """The `traceparent` header of a child of this position."""
        return f"00-{self.trace_id}-{secrets.token_hex(8)}-01"


_CURRENT: ContextVar[Trace | None] = ContextVar("fairlead_trace", default=None)


def current() -> Trace:
    """The trace being followed, or a new one."""
    return _CURRENT.get() or Trace.start()


def followed() -> Trace | None:
    """The trace being followed, if any."""
    return _CURRENT.get()


@contextmanager
def following(trace: Trace) -> Iterator[Trace]:
    """Follow a trace within the block."""
    token = _CURRENT.set(trace)
    try:
        yield trace
    finally:
        _CURRENT.reset(token)
