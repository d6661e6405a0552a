"""Passwords: hashed with bcrypt off the loop, generated from the system's randomness.

The invariant: checking costs the same whether or not there is such an account.
"""

import asyncio
import re
import secrets
import string

import bcrypt

from fairlead.auth.errors import WeakPasswordError
from fairlead.secret import Secret

ROUNDS = 10
"""bcrypt cost: about 50 ms; the cost that existing installations have."""
BCRYPT_BYTES = 72
"""bcrypt reads no further than this."""
CONCURRENT = 2
"""Hashes computed at once; others wait, so that logins cannot take all cores."""
GENERATED_LENGTH = 16
GENERATED_ALPHABET = string.digits + string.ascii_letters + "-"
DEFAULT_PATTERN = "^.{8,32}$"

_NOBODY = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(4)).replace(b"$04$", b"$10$", 1)
"""Matches no password, yet costs what a real one costs."""


class Passwords:
    """Hashes and checks, a few at once."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(CONCURRENT)

    async def hash(self, password: str) -> str:
        """The bcrypt hash of a password of at most BCRYPT_BYTES bytes."""
        async with self._slots:
            return (
                await asyncio.to_thread(bcrypt.hashpw, password.encode(), bcrypt.gensalt(ROUNDS))
            ).decode()

    async def verify(self, password: str, hashed: Secret | None) -> bool:
        """Whether the password has this hash; without a hash the same work is done and the answer is no."""
        known = hashed is not None and bool(hashed)
        stored = hashed.reveal().encode() if hashed is not None and known else _NOBODY
        async with self._slots:
            same = await asyncio.to_thread(_check, password.encode()[:BCRYPT_BYTES], stored)
        return same and known


def _check(password: bytes, stored: bytes) -> bool:
    try:
        return bcrypt.checkpw(password, stored)
    except ValueError:
        return False


def generate() -> str:
    """A first password: 16 characters out of `0-9A-Za-z-`, 95 bits."""
    return "".join(secrets.choice(GENERATED_ALPHABET) for _ in range(GENERATED_LENGTH))


def require_strong(password: str, pattern: str = DEFAULT_PATTERN) -> None:
    """Raises WeakPasswordError when a password does not fit the pattern or is longer than bcrypt reads."""
    if re.search(pattern, password) is None or len(password.encode()) > BCRYPT_BYTES:
        raise WeakPasswordError(f"new password does not match the following expression: {pattern}")
