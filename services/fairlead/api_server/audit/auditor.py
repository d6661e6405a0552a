"""Writes the records: a line in the log at once, a public event in the background.

Invariant: a record never delays or fails the call it tells of; the line is the record, the event its copy.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from fairlead.api_server.audit.target import ACCOUNT, Target
from fairlead.api_server.audit.targets import target_of
from fairlead.api_server.operations.caller import Caller
from fairlead.events import trace
from fairlead.events.public import Publication, audit_event
from fairlead.events.story import AuditData
from fairlead.events.trace import Trace

log = structlog.get_logger(__name__)

SERVICE = "api-server"
WAITING = 2000
"""Events that may wait for NATS; further ones are in the log alone."""
GRANTED = "OK"

Tell = Callable[[Publication], Awaitable[None]]


class Auditor:
    """Tells of changes. `tell` publishes; what it raises is lost, and said.

    `is_account` says whether a name is an account's: what else stands in its place may be a password.
    """

    def __init__(self, tell: Tell, is_account: Callable[[str], bool]) -> None:
        self._tell = tell
        self._is_account = is_account
        self._queue: asyncio.Queue[Publication] = asyncio.Queue(WAITING)

    def call(
        self,
        rpc: str,
        asked: object,
        caller: Caller,
        *,
        via: str,
        code: str,
        address: str = "",
        milliseconds: float = 0.0,
    ) -> None:
        """A call that ended; one that changes nothing leaves no record."""
        target = target_of(rpc, asked)
        if target is not None:
            if target.kind == ACCOUNT and not self._is_account(target.name):
                target = msgspec.structs.replace(target, name="")
            self.tell(
                caller,
                rpc.rpartition(".")[2],
                target,
                via=via,
                code=code,
                address=address,
                milliseconds=milliseconds,
            )

    def tell(
        self,
        caller: Caller,
        action: str,
        target: Target,
        *,
        via: str,
        code: str = GRANTED,
        address: str = "",
        milliseconds: float = 0.0,
    ) -> None:
        """Somebody did something, or tried to. `action` is `<Service>/<Verb>`, of letters."""
        following = trace.followed() or Trace.start()
        data = AuditData(
            action=action,
            code=code,
            user=caller.username,
            shown=caller.shown,
            issuer=caller.issuer,
            session=caller.token_id,
            address=caller.address or address,
            via=via,
            kind=target.kind,
            name=target.name,
            namespace=target.namespace,
            project=target.project,
            resource=target.resource,
            details=dict(target.details),
            milliseconds=milliseconds,
        )
        fields = {key: value for key, value in _fields(data).items() if value}
        log.info("api.audit", trace=following.trace_id, security=1 if code == GRANTED else 2, **fields)
        try:
            event = audit_event(action, service=SERVICE, about=target.called, trace=following, data=data)
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            log.warning("api.audit.not_published", action=action)

    async def run(self) -> None:
        """Publish, until cancelled."""
        while True:
            event = await self._queue.get()
            try:
                await self._tell(event)
            except Exception as error:
                log.warning("api.audit.lost", subject=event.subject, error=str(error)[:200])


def _fields(data: AuditData) -> dict[str, object]:
    return {name: getattr(data, name) for name in data.__struct_fields__}
