"""What `argocd-secret` needs before anybody can log in, and the first password of `admin`.

The invariant: what is there is kept; only what is missing is made, from the system's randomness.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

import bcrypt
import msgspec

from fairlead.auth import passwords
from fairlead.secret import Secret

SIGNATURE_BYTES = 32


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """Keys to add to `argocd-secret`; `initial_password` when one was made, to be shown once."""

    additions: dict[str, str]
    initial_password: Secret | None = None


def prepare(data: Mapping[str, str], *, admin_enabled: bool) -> Preparation:
    """What to add to the decoded data of `argocd-secret` (contract 12.1). Takes about 50 ms when hashing."""
    additions: dict[str, str] = {}
    if not data.get("server.secretkey"):
        additions["server.secretkey"] = base64.b64encode(secrets.token_bytes(SIGNATURE_BYTES)).decode()
    if not admin_enabled or data.get("admin.password"):
        return Preparation(additions=additions)
    password = passwords.generate()
    additions["admin.password"] = bcrypt.hashpw(password.encode(), bcrypt.gensalt(passwords.ROUNDS)).decode()
    additions["admin.passwordMtime"] = now()
    return Preparation(additions=additions, initial_password=Secret(password))


def now() -> str:
    """This second as RFC 3339, the form of `passwordMtime`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
