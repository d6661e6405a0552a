"""Sealing bytes that pass through hands that must neither read nor change them.

AES-256-GCM with a key of its own for every message (the HMAC-SHA256 of the sealing key over 24 random bytes),
so that no number of messages wears a key out. What a message is for, its context, is authenticated with it:
one that is moved to another place does not open there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MIN_SECRET_BYTES = 16
"""Shortest secret from which keys are derived."""
OVERHEAD = 41
"""Bytes that a sealed message is longer than what it holds."""

_SALT_BYTES = 24
_VERSION = b"\x01"
_NONCE = bytes(12)
_HASH_BYTES = 32


def derive(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose (HKDF-SHA256 without salt, RFC 5869); it tells nothing of those for others.

    Raises ValueError when the secret is shorter than MIN_SECRET_BYTES.
    """
    if len(secret) < MIN_SECRET_BYTES:
        raise ValueError(f"a secret that seals needs at least {MIN_SECRET_BYTES} bytes")
    extracted = hmac.digest(bytes(_HASH_BYTES), secret, hashlib.sha256)
    return hmac.digest(extracted, f"fairlead {purpose}".encode() + b"\x01", hashlib.sha256)


class Seal:
    """Seals and opens with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, context: str, plain: bytes) -> bytes:
        """The sealed message."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return _VERSION + salt + self._cipher(salt).encrypt(_NONCE, plain, context.encode())

    def open(self, context: str, sealed: bytes) -> bytes | None:
        """What was sealed with this key for this context, or None."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 6 MiB that who seals nothing goes without

        salt, body = sealed[1 : 1 + _SALT_BYTES], sealed[1 + _SALT_BYTES :]
        if sealed[:1] != _VERSION or len(sealed) < OVERHEAD:
            return None
        try:
            return self._cipher(salt).decrypt(_NONCE, body, context.encode())
        except InvalidTag:
            return None

    def _cipher(self, salt: bytes) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        return AESGCM(hmac.digest(self._key, salt, hashlib.sha256))
