"""Sessions of a provider that go on: a token near its end is followed by one that the provider gives for its
refresh token (OpenID Connect Core, 12), so that nobody logs in again while they work.

The invariant: the follower is of the same issuer and person and was verified like any other; no request waits
for the provider, and a session is exchanged once, however many ask with it and of whichever replica: a
provider may end all sessions of a refresh token that comes twice (RFC 9700, 4.14).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import structlog

from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.oidc.fetch import ProviderError
from fairlead.auth.oidc.flow import Arrived, Flow
from fairlead.auth.oidc.user_info import digest
from fairlead.auth.oidc.verify import Verifier
from fairlead.auth.sessions import Claims

log = structlog.get_logger(__name__)

SESSIONS = 10_000
"""Sessions near their end of which it is known whether another follows."""
AT_ONCE = 32
"""Sessions that are exchanged at the same time; others are a moment later."""
AGAIN = 30.0
"""Seconds after which a provider that did not give a token is asked again."""
ALONE = 28
"""Seconds for which one replica alone may exchange a session: sooner over than it asks again itself."""


class Continued(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a session: what it is exchanged for, or the token that followed it."""

    refresh_token: str = ""
    follower: str = ""


class Keep(Protocol):
    """Where it is kept, by a session's digest, for no longer than the session."""

    async def get(self, session: str) -> Continued | None:
        """What is kept of a session."""

    async def put(self, session: str, kept: Continued, seconds: int) -> None:
        """Keep it."""

    async def claim(self, session: str, seconds: int) -> bool:
        """Whether nobody else exchanges a session, who then may not for so long."""


class Renewals:
    """Of one provider. `threshold` is in seconds before a token's end; `arrived` is told of each follower.
    `clock` gives unix seconds."""

    def __init__(
        self,
        flow: Flow,
        verifier: Verifier,
        keep: Keep,
        *,
        threshold: float,
        arrived: Callable[[Arrived], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._flow = flow
        self._verifier = verifier
        self._keep = keep
        self._threshold = threshold
        self._arrived = arrived
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._exchanges: dict[str, asyncio.Task[None]] = {}

    async def begin(self, arrived: Arrived) -> None:
        """Keep what the session of somebody who came in can be exchanged for."""
        left = int(arrived.claims.exp - self._clock())
        if self._threshold > 0 and arrived.refresh_token and left > 0:
            await self._keep.put(digest(arrived.token), Continued(refresh_token=arrived.refresh_token), left)

    async def follower(self, token: str, claims: Claims) -> str:
        """The token that takes the place of one that was verified; "" while there is none."""
        if not self._is_near_its_end(claims):
            return ""
        session = digest(token)
        known = self._known.get(session)
        if known is not None and known[0] > self._clock():
            return known[1]
        kept = await self._keep.get(session)
        if kept is None:
            return self._know(session, "")
        if kept.follower:
            return self._know(session, kept.follower)
        if session not in self._exchanges and len(self._exchanges) < AT_ONCE:
            task = asyncio.create_task(self._exchange(session, kept.refresh_token, claims))
            self._exchanges[session] = task
            task.add_done_callback(lambda _: self._exchanges.pop(session, None))
        return ""

    async def settled(self) -> None:
        """When no exchange is under way."""
        while self._exchanges:
            await asyncio.wait(list(self._exchanges.values()))

    def _is_near_its_end(self, claims: Claims) -> bool:
        """A token is let live half of its time, whatever the threshold."""
        life, left = claims.exp - claims.iat, claims.exp - self._clock()
        return 0 < left <= min(self._threshold, life / 2)

    def _know(self, session: str, follower: str) -> str:
        self._known[session] = (self._clock() + AGAIN, follower)
        self._known.move_to_end(session)
        if len(self._known) > SESSIONS:
            self._known.popitem(last=False)
        return follower

    async def _exchange(self, session: str, refresh_token: str, before: Claims) -> None:
        try:
            if not await self._keep.claim(session, ALONE):
                return
            arrived = await self._flow.refresh(refresh_token)
            if (arrived.claims.iss, arrived.claims.sub) != (before.iss, before.sub):
                log.error("auth.renewal.of_another", issuer=before.iss, security=4)
                self._know(session, "")
                return
            await self._arrived(arrived)
            left = max(1, int(before.exp - self._clock()))
            await self._keep.put(session, Continued(follower=arrived.token), left)
            self._know(session, arrived.token)
            log.info("auth.renewed", issuer=before.iss)
        except (ProviderError, InvalidSessionError) as error:
            log.warning("auth.renewal.refused", issuer=before.iss, error=str(error)[:200])
            self._know(session, "")
