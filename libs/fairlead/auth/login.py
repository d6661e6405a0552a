"""Turning a name and a password into a session.

The invariant: who guesses learns nothing from the words, the time or the count: a missing account, a wrong
password and a throttled name look alike.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import structlog

from fairlead.auth.accounts import Account, Capability
from fairlead.auth.errors import LoginRefusedError, UsernameTooLongError
from fairlead.auth.passwords import Passwords
from fairlead.auth.sessions import LIFE, Sessions
from fairlead.auth.throttle import LoginThrottle, place_of

log = structlog.get_logger(__name__)

MAX_USERNAME_BYTES = 32
CONCURRENT = 50
"""Attempts in flight (contract 13.1)."""
CONCURRENT_OF_ADDRESS = 20
"""Attempts in flight from one address, so that one address does not take all places."""
WAITING = 1000
"""Attempts that may wait for a place; more are refused at once."""
SHORTEST, LONGEST = 0.5, 1.0
"""Seconds an attempt takes at least, drawn anew each time."""

Guess = Literal["right", "wrong", "throttled"]

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
        self._places = asyncio.Semaphore(CONCURRENT)
        self._of_address: dict[str, asyncio.Semaphore] = {}
        self._present = Counter[str]()

    async def session(self, username: str, password: str, *, address: str = "") -> str:
        """A session's token for somebody at an address. Raises LoginRefusedError, UsernameTooLongError."""
        if not username or not password:
            raise LoginRefusedError(EMPTY)
        async with self._place(place_of(address)):
            until = time.monotonic() + secrets.SystemRandom().uniform(*self._pause)
            try:
                return await self._attempt(username, password, address)
            finally:
                await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def is_password(self, account: Account, password: str, *, address: str = "") -> bool:
        """Whether this is the account's password; counts like a login."""
        return await self._guess(account.name, account, password, address) == "right"

    @asynccontextmanager
    async def _place(self, address: str) -> AsyncIterator[None]:
        """A place for one attempt. Raises LoginRefusedError when too many wait."""
        if self._present.total() >= WAITING:
            raise LoginRefusedError(WRONG)
        self._present[address] += 1
        own = self._of_address.setdefault(address, asyncio.Semaphore(CONCURRENT_OF_ADDRESS))
        try:
            async with own, self._places:
                yield
        finally:
            self._present[address] -= 1
            if not self._present[address]:
                del self._present[address]
                self._of_address.pop(address, None)

    async def hashed(self, password: str) -> str:
        """The hash to store for a new password."""
        return await self._passwords.hash(password)

    async def _guess(self, username: str, account: Account | None, password: str, address: str) -> Guess:
        exists = account is not None
        async with self._throttle.attempt(username, address, exists=exists) as attempt:
            right = await self._passwords.verify(password, account.password_hash if account else None)
            if attempt is None:
                return "throttled"
            if account is None or not right:
                return "wrong"
            attempt.succeeded()
            return "right"

    async def _attempt(self, username: str, password: str, address: str) -> str:
        if len(username.encode()) > MAX_USERNAME_BYTES:
            raise UsernameTooLongError(f"Username is too long ({MAX_USERNAME_BYTES} bytes max)")
        account = self._accounts().get(username)
        guess = await self._guess(username, account, password, address)
        if account is None or guess != "right":
            throttled = guess == "throttled"
            log.warning(
                "auth.login.failed", username=username, address=address, throttled=throttled, security=3
            )
            raise LoginRefusedError(WRONG)
        _require_usable(account)
        log.info("auth.login.succeeded", username=username, address=address, security=1)
        return self._sessions.issue(username, life=self._life())


def _require_usable(account: Account) -> None:
    if not account.enabled:
        raise LoginRefusedError(f"Account {account.name} is disabled")
    if not account.can(Capability.LOGIN):
        raise LoginRefusedError(f"Account {account.name} does not have login capability")
