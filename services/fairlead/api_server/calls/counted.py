"""One call as gRPC's own metrics count it, whichever way it came (contract 17)."""

from functools import cache

from fairlead.api_server import counts
from fairlead.metrics import Histogram
from fairlead.wire.catalogue import RPCS_BY_PATH


class _Children:
    """The counters of one RPC."""

    def __init__(self, rpc: str) -> None:
        service, _, method = rpc.strip("/").rpartition("/")
        described = RPCS_BY_PATH.get(rpc)
        kind = described.kind.replace("-", "_") if described else "unary"
        self.labels = (kind, service or "unknown", method)
        self.started = counts.STARTED.labels(*self.labels)
        self.received = counts.RECEIVED.labels(*self.labels)
        self.sent = counts.SENT.labels(*self.labels)


@cache
def _children(rpc: str) -> _Children:
    """Of a name from our tables, so there are few."""
    return _Children(rpc)


class Counted:
    """Counts from the call's begin to its end, which may come once."""

    seconds: Histogram | None = None
    """Set at start when the times of calls are wanted too."""

    def __init__(self, rpc: str) -> None:
        self._of = _children(rpc)
        self._of.started.inc()

    def received(self) -> None:
        """A message came."""
        self._of.received.inc()

    def sent(self) -> None:
        """A message went."""
        self._of.sent.inc()

    def ended(self, code: str, seconds: float) -> None:
        """The call is over."""
        counts.HANDLED.labels(*self._of.labels, code).inc()
        if Counted.seconds is not None:
            Counted.seconds.labels(*self._of.labels).observe(seconds)
