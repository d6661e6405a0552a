"""Turning a name and a password into a session.

The invariant: who guesses learns nothing from the words, the time or the count: a missing account, a wrong
password and a throttled name look alike.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping

import structlog

from fairlead.auth.accounts import Account, Capability
from fairlead.auth.errors import LoginRefusedError, UsernameTooLongError
from fairlead.auth.passwords import Passwords
from fairlead.auth.sessions import LIFE, Sessions
from fairlead.auth.throttle import LoginThrottle

log = structlog.get_logger(__name__)

MAX_USERNAME_BYTES = 32
CONCURRENT = 50
"""Attempts in flight; more are refused at once (contract 13.1)."""
SHORTEST, LONGEST = 0.5, 1.0
"""Seconds an attempt takes at least, drawn anew each time."""

WRONG = "Invalid username or password"
EMPTY = "no credentials supplied"


class Login:
    """Checks passwords. `pause` is the time an attempt takes, `life` how long a session lasts, in seconds."""

    def __init__(
        self,
        accounts: Callable[[], Mapping[str, Account]],
        sessions: Sessions,
        *,
        throttle: LoginThrottle | None = None,
        pause: tuple[float, float] = (SHORTEST, LONGEST),
        life: Callable[[], int] = lambda: LIFE,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._throttle = throttle or LoginThrottle()
        self._passwords = Passwords()
        self._pause = pause
        self._life = life
        self._in_flight = 0

    async def session(self, username: str, password: str) -> str:
        """A session's token. Raises LoginRefusedError, UsernameTooLongError."""
        if not username or not password:
            raise LoginRefusedError(EMPTY)
        if self._in_flight >= CONCURRENT:
            raise LoginRefusedError(WRONG)
        self._in_flight += 1
        until = time.monotonic() + secrets.SystemRandom().uniform(*self._pause)
        try:
            return await self._attempt(username, password)
        finally:
            self._in_flight -= 1
            await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def is_password(self, account: Account, password: str) -> bool:
        """Whether this is the account's password; counts like a login."""
        if not self._throttle.begin(account.name, exists=True):
            return False
        right = await self._passwords.verify(password, account.password_hash)
        if right:
            self._throttle.succeeded(account.name)
        return right

    async def hashed(self, password: str) -> str:
        """The hash to store for a new password."""
        return await self._passwords.hash(password)

    async def _attempt(self, username: str, password: str) -> str:
        if len(username.encode()) > MAX_USERNAME_BYTES:
            raise UsernameTooLongError(f"Username is too long ({MAX_USERNAME_BYTES} bytes max)")
        account = self._accounts().get(username)
        allowed = self._throttle.begin(username, exists=account is not None)
        right = await self._passwords.verify(password, account.password_hash if account else None)
        if account is None or not allowed or not right:
            log.warning("auth.login.failed", username=username, throttled=not allowed, security=3)
            raise LoginRefusedError(WRONG)
        self._throttle.succeeded(username)
        self._require_usable(account)
        log.info("auth.login.succeeded", username=username, security=1)
        return self._sessions.issue(username, life=self._life())

    def _require_usable(self, account: Account) -> None:
        if not account.enabled:
            raise LoginRefusedError(f"Account {account.name} is disabled")
        if not account.can(Capability.LOGIN):
            raise LoginRefusedError(f"Account {account.name} does not have login capability")
