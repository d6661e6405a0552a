"""One record for each call: what was asked, by whom, with which outcome, in how long (contract 17).

The invariant: a refusal is as visible as an answer, and neither the body nor the query is ever in a record,
for both may hold secrets.
"""

import time

import structlog

from fairlead.api_server.audit import Auditor
from fairlead.api_server.calls.counted import Counted
from fairlead.api_server.counts import CALLS
from fairlead.api_server.operations.caller import NOBODY, Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

log = structlog.get_logger(__name__)

_DENIALS = {Code.PERMISSION_DENIED, Code.UNAUTHENTICATED}


class Call:
    """One call of an RPC, which came by `via`: `rest`, `grpc` or `grpc-web`. `auditor` is told of its end."""

    def __init__(self, rpc: str, via: str, *, auditor: Auditor | None = None, address: str = "") -> None:
        self._auditor = auditor
        self._address = address
        self._asked: object = None
        self._method = rpc
        self._via = via
        self.caller = NOBODY
        self.counted = Counted(rpc)
        self._started = time.monotonic()

    def of(self, caller: Caller) -> None:
        """Who calls, once that is known."""
        self.caller = caller

    def asks(self, asked: object) -> None:
        """What is asked, once that was read."""
        self._asked = asked

    def started(self) -> None:
        """What follows may last long."""
        log.info(
            "api.call.started",
            method=self._method,
            via=self._via,
            user=self.caller.username,
            issuer=self.caller.issuer,
        )

    def answered(self) -> None:
        """It was done."""
        log.info("api.call", **self._outcome("OK"))

    def dropped(self) -> None:
        """Its client took it back before it was answered."""
        log.info("api.call", **self._outcome("Canceled"))

    def refused(self, refusal: RefusalError) -> None:
        """It was not done; a denial is told louder."""
        outcome = self._outcome(refusal.code.title)
        if refusal.code in _DENIALS:
            log.warning("api.call.denied", reason=refusal.message[:300], security=2, **outcome)
        else:
            log.info("api.call.failed", reason=refusal.message[:300], **outcome)

    def _outcome(self, code: str) -> dict[str, object]:
        CALLS.labels(self._method, code).inc()
        self.counted.ended(code, time.monotonic() - self._started)
        caller, milliseconds = self.caller, round((time.monotonic() - self._started) * 1000, 1)
        if self._auditor is not None:
            self._auditor.call(
                self._method,
                self._asked,
                caller,
                via=self._via,
                code=code,
                address=self._address,
                milliseconds=milliseconds,
            )
        return {
            "method": self._method,
            "via": self._via,
            "code": code,
            "milliseconds": milliseconds,
            "user": caller.username,
            "issuer": caller.issuer,
            "session": caller.token_id,
        }
