"""How many streams may be open, in all and of one account, whichever way they came."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from fairlead.api_server.counts import STREAMS_OPEN
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

MAX_STREAMS = 512
"""Streams open at once."""
MAX_STREAMS_OF_ONE = 32
"""Streams one account may have open; a browser has a few for each tab."""


class Places:
    """Counts open streams."""

    def __init__(self) -> None:
        self._open: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def taken(self, caller: Caller) -> Iterator[None]:
        """Hold a place while the block runs. Raises FAILED_PRECONDITION when there is none."""
        who = (caller.issuer, caller.username or caller.address)
        if self._open.total() >= MAX_STREAMS or self._open[who] >= MAX_STREAMS_OF_ONE:
            raise RefusalError(Code.FAILED_PRECONDITION, "too many streams are open; close some")
        self._open[who] += 1
        try:
            with STREAMS_OPEN.track_inprogress():
                yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]
