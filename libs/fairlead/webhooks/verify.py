"""Proofs that a webhook comes from its provider, each compared in constant time.

The invariant: without a configured secret everything passes, and is known to be unproven; with one, nothing
passes without the proof. What the headers alone disprove is refused before a byte of the body is read.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Protocol

from fairlead.secret import Secret
from fairlead.webhooks.errors import NotVerifiedError


class Proof(Protocol):
    """What is still to be proven once the headers are read."""

    @property
    def is_signed(self) -> bool:
        """Whether a secret is configured, so that passing proves who sends."""

    def update(self, piece: bytes) -> None:
        """Take the next piece of the body."""

    def require(self) -> None:
        """The body is whole. Raises NotVerifiedError."""


class Settled:
    """Nothing more to prove: the headers have, or nobody asked for a proof."""

    def __init__(self, *, is_signed: bool) -> None:
        self.is_signed = is_signed

    def update(self, piece: bytes) -> None:
        """The body has no part in it."""

    def require(self) -> None:
        """It is settled."""


class _Hmac:
    """An HMAC-SHA256 of the body, computed as it arrives."""

    is_signed = True

    def __init__(self, secret: Secret, offered: str, prefix: str) -> None:
        self._digest = hmac.new(secret.reveal().encode(), digestmod=hashlib.sha256)
        self._offered = offered.strip()
        self._prefix = prefix

    def update(self, piece: bytes) -> None:
        self._digest.update(piece)

    def require(self) -> None:
        if not Secret(self._prefix + self._digest.hexdigest()).matches(self._offered):
            raise NotVerifiedError("the signature is missing or wrong")


def by_hmac(secret: Secret, offered: str, *, prefix: str = "") -> Proof:
    """By an HMAC-SHA256 of the body in hex, after `prefix` (`sha256=`). Raises NotVerifiedError."""
    if not secret:
        return Settled(is_signed=False)
    if not offered.strip().startswith(prefix) or not offered.strip():
        raise NotVerifiedError("the signature is missing or of another kind")
    return _Hmac(secret, offered, prefix)


def by_token(secret: Secret, offered: str) -> Proof:
    """By the secret itself, in a header. Raises NotVerifiedError."""
    if secret and not secret.matches(offered):
        raise NotVerifiedError("the token is missing or wrong")
    return Settled(is_signed=bool(secret))


def by_basic(username: Secret, password: Secret, authorization: str) -> Proof:
    """By a name and a password. Raises NotVerifiedError."""
    if not username and not password:
        return Settled(is_signed=False)
    given_name, given_password = _basic(authorization)
    right_name = hmac.compare_digest(username.reveal().encode(), given_name)
    right_password = hmac.compare_digest(password.reveal().encode(), given_password)
    if not (right_name & right_password):
        raise NotVerifiedError("the user name or password is missing or wrong")
    return Settled(is_signed=True)


def _basic(authorization: str) -> tuple[bytes, bytes]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return b"", b""
    return name, password
