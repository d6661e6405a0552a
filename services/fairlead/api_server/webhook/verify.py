"""Proofs that a webhook comes from its provider, each compared in constant time.

The invariant: without a configured secret everything passes, with one nothing passes without the proof.
"""

import base64
import binascii
import hashlib
import hmac

from fairlead.api_server.webhook.errors import NotVerifiedError
from fairlead.secret import Secret


def require_hmac(secret: Secret, body: bytes, offered: str, *, prefix: str = "") -> None:
    """An HMAC-SHA256 of the body in hex, after `prefix` (`sha256=`). Raises NotVerifiedError."""
    if not secret:
        return
    expected = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest((prefix + expected).encode(), offered.strip().encode()):
        raise NotVerifiedError("the signature is missing or wrong")


def require_token(secret: Secret, offered: str) -> None:
    """The secret itself, in a header. Raises NotVerifiedError."""
    if secret and not secret.matches(offered):
        raise NotVerifiedError("the token is missing or wrong")


def require_basic(username: Secret, password: Secret, authorization: str) -> None:
    """A name and a password. Raises NotVerifiedError."""
    if not username and not password:
        return
    given_name, given_password = _basic(authorization)
    right_name = hmac.compare_digest(username.reveal().encode(), given_name)
    right_password = hmac.compare_digest(password.reveal().encode(), given_password)
    if not (right_name & right_password):
        raise NotVerifiedError("the user name or password is missing or wrong")


def _basic(authorization: str) -> tuple[bytes, bytes]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return b"", b""
    return name, password
