"""How many streams may be open, in all, of one account and of strangers, whichever way they came."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from fairlead.api_server.counts import STREAMS_OPEN
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

MAX_STREAMS = 1024
"""Streams open at once."""
MAX_STREAMS_OF_ONE = 32
"""Streams one account may have open; a browser has a few for each tab."""


MAX_STREAMS_OF_STRANGERS = 64
"""Streams that all who are not known may have open together, from however many addresses."""


class Places:
    """Counts open streams."""

    def __init__(self) -> None:
        self._open: Counter[tuple[str, str]] = Counter()
        self._strangers = 0

    @contextmanager
    def taken(self, caller: Caller) -> Iterator[None]:
        """Hold a place while the block runs. Raises FAILED_PRECONDITION when there is none."""
        who = (caller.issuer, caller.username or caller.address)
        is_full = self._open.total() >= MAX_STREAMS or self._open[who] >= MAX_STREAMS_OF_ONE
        strangers = int(not caller.is_trusted)
        if is_full or self._strangers + strangers > MAX_STREAMS_OF_STRANGERS:
            raise RefusalError(Code.FAILED_PRECONDITION, "too many streams are open; close some")
        self._open[who] += 1
        self._strangers += strangers
        try:
            with STREAMS_OPEN.track_inprogress():
                yield
        finally:
            self._strangers -= strangers
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]
