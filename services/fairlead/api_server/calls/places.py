"""How many streams may be open, in all, of one account and of strangers, whichever way they came."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from fairlead.api_server.counts import STREAMS_OPEN
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.metrics import Gauge

MAX_STREAMS = 1024
"""Streams open at once."""
MAX_STREAMS_OF_ONE = 128
"""Streams one account may have open; a browser has a few for each tab, and several people may share one."""


MAX_STREAMS_OF_STRANGERS = 64
"""Streams that all who are not known may have open together, from however many addresses."""


class Places:
    """Counts open streams, or what else is open: `of_all` at most, `of_one` account; `gauge` shows them."""

    def __init__(
        self,
        of_all: int = MAX_STREAMS,
        of_one: int = MAX_STREAMS_OF_ONE,
        *,
        what: str = "streams",
        gauge: Gauge | None = STREAMS_OPEN,
    ) -> None:
        self._gauge = gauge
        self._of_all = of_all
        self._of_one = of_one
        self._what = what
        self._open: Counter[tuple[str, str]] = Counter()
        self._strangers = 0

    @contextmanager
    def taken(self, caller: Caller) -> Iterator[None]:
        """Hold a place while the block runs. Raises FAILED_PRECONDITION when there is none."""
        who = (caller.issuer, caller.username or caller.address)
        is_full = self._open.total() >= self._of_all or self._open[who] >= self._of_one
        strangers = int(not caller.is_trusted)
        if is_full or self._strangers + strangers > MAX_STREAMS_OF_STRANGERS:
            raise RefusalError(Code.FAILED_PRECONDITION, f"too many {self._what} are open; close some")
        self._open[who] += 1
        self._strangers += strangers
        try:
            with self._gauge.track_inprogress() if self._gauge is not None else nullcontext():
                yield
        finally:
            self._strangers -= strangers
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]
