"""What is made from the system's randomness before anybody can log in."""

import base64
import secrets
from datetime import UTC, datetime

import bcrypt

from fairlead.auth import passwords
from fairlead.secret import Secret

SIGNATURE_BYTES = 32


def signing_key() -> str:
    """A key to sign sessions with."""
    return base64.b64encode(secrets.token_bytes(SIGNATURE_BYTES)).decode()


def first_password() -> Secret:
    """The first password of `admin`."""
    return Secret(passwords.generate())


def hash_of(password: Secret) -> str:
    """The hash to store for a password; takes about 50 ms."""
    return bcrypt.hashpw(password.reveal().encode(), bcrypt.gensalt(passwords.ROUNDS)).decode()


def now() -> str:
    """This second as RFC 3339, the form of `passwordMtime`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
