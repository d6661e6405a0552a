"""Splits a stream of chunks into lines of any length up to a stated bound.

Invariant: each byte is copied at most twice, so one object of many chunks costs no more than many small ones.
"""

from fairlead.kube.errors import ResponseTooLargeError

MAX_LINE_BYTES = 16 * 1024 * 1024


class LineSplitter:
    """Feed chunks, get complete lines without their newline; empty lines are dropped."""

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._pending: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines this chunk completes. Raises ResponseTooLargeError when a line passes the bound."""
        first, newline, rest = chunk.partition(b"\n")
        self._hold(first)
        if not newline:
            return []
        lines = [self._flush()]
        if rest:
            *complete, last = rest.split(b"\n")
            lines += complete
            self._hold(last)
        return [line for line in lines if line]

    def _hold(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise ResponseTooLargeError(f"one watch event is larger than {self._limit} bytes")
        if part:
            self._pending.append(part)

    def _flush(self) -> bytes:
        line = self._pending[0] if len(self._pending) == 1 else b"".join(self._pending)
        self._pending = []
        self._size = 0
        return line
