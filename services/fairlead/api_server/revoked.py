"""Sessions that were ended before their time, in a Secret of the control plane's namespace.

NATS and Redis may be wiped at any moment; a session that was ended must not come back by that. So the ends of
sessions are where accounts and keys are, every replica sees them through its mirror, and they are forgotten
when the sessions would have ended by themselves.

The invariant: a session that was ended here is ended here at once and stays so; it is ended everywhere as
soon as Kubernetes takes the write, which is tried until then.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable

import structlog

from fairlead.api_server.config_map import SecretObject
from fairlead.api_server.kinds import ENDED_SESSIONS, SECRETS
from fairlead.auth.accounts import Capability
from fairlead.auth.sessions import ISSUER, Claims
from fairlead.kube.errors import AlreadyExistsError, KubeError, NotFoundError
from fairlead.kube.rest import KubeClient

log = structlog.get_logger(__name__)

MAX_ENDED = 10_000
"""Sessions in the Secret, in about 500 KB; with more, all sessions of the account that logs out end."""
TRY_AGAIN = 2.0
"""Seconds between attempts to write what Kubernetes has not taken yet."""
FOR_EVER = 0


class RevokedSessions:
    """Ends of sessions. `stored` gives the Secret as the mirror shows it."""

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        stored: Callable[[], SecretObject | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._stored = stored
        self._clock = clock
        self._unwritten: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._wake = asyncio.Event()

    async def revoke(self, claims: Claims) -> None:
        """End a session."""
        values = self._values()
        if len(values) + len(self._unwritten) >= MAX_ENDED:
            log.warning("api.sessions.all_ended", account=claims.username, reason="too many ended apart")
            self._unwritten[_account(claims)] = int(self._clock())
        else:
            self._unwritten[_session(claims)] = claims.exp or FOR_EVER
        if not await self._write():
            self._wake.set()

    def is_revoked(self, claims: Claims) -> bool:
        """Whether a session was ended."""
        session, account = _session(claims), _account(claims)
        for known in (self._unwritten, self._written):
            if session in known or claims.iat <= known.get(account, -1):
                return True
        values = self._values()
        return session in values or claims.iat <= _number(values.get(account, "-1"))

    async def run(self) -> None:
        """Write what is not written yet, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while not await self._write():
                await asyncio.sleep(TRY_AGAIN)

    async def _write(self) -> bool:
        """Whether nothing is left to write."""
        ends = dict(self._unwritten)
        if not ends:
            return True
        over: dict[str, str | None] = {
            key: None for key, end in self._values().items() if self._is_over(key, end)
        }
        data = over | {key: base64.b64encode(str(end).encode()).decode() for key, end in ends.items()}
        try:
            await self._merge(data)
        except KubeError as error:
            log.warning("api.sessions.end_unwritten", error=error.message[:200], again_in=TRY_AGAIN)
            return False
        self._written |= ends
        for key, end in list(self._written.items()):
            if self._is_over(key, str(end)):
                del self._written[key]
        for key, end in ends.items():
            if self._unwritten.get(key) == end:
                del self._unwritten[key]
        return not self._unwritten

    async def _merge(self, data: dict[str, str | None]) -> None:
        try:
            await self._client.merge_patch(SECRETS, ENDED_SESSIONS, {"data": data}, self._namespace)
        except NotFoundError:
            body = {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": ENDED_SESSIONS, "namespace": self._namespace},
                "data": {key: value for key, value in data.items() if value is not None},
            }
            try:
                await self._client.create(SECRETS, body, self._namespace)
            except AlreadyExistsError:
                await self._client.merge_patch(SECRETS, ENDED_SESSIONS, {"data": data}, self._namespace)

    def _values(self) -> dict[str, str]:
        found = self._stored()
        return found.values if found is not None else {}

    def _is_over(self, key: str, end: str) -> bool:
        return key.startswith("s") and FOR_EVER < _number(end) <= self._clock()


def _session(claims: Claims) -> str:
    """The key of a session. An id that people or providers choose names one only with whose it is."""
    is_login = claims.iss == ISSUER and claims.capability is Capability.LOGIN
    parts = [claims.jti] if is_login else [claims.iss, claims.sub, claims.jti, str(claims.iat)]
    return "s" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _account(claims: Claims) -> str:
    who = claims.username if claims.iss == ISSUER else f"{claims.iss}\0{claims.username}"
    return "a" + hashlib.sha256(who.encode()).hexdigest()[:24]


def _number(text: str) -> int:
    return int(text) if text.removeprefix("-").isdecimal() else -1
