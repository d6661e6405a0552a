"""Whether a token is one of the provider's, made for us, and in force.

The invariant: only signatures with a provider's public key count, by an algorithm that fits the key: never
`none`, and never a key used as a shared secret.
"""

import base64
import binascii
import hashlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.oidc.config import OidcConfig
from fairlead.auth.oidc.fetch import ProviderError
from fairlead.auth.oidc.provider import Key, Provider
from fairlead.auth.sessions import ISSUER, MAX_TOKEN_BYTES, Claims

ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
}
"""By kind of key."""
LEEWAY = 60.0
"""Seconds by which the provider's clock may be ahead."""
REFUSED = "failed to verify the token"


T = TypeVar("T")


class _Header(msgspec.Struct, frozen=True):
    alg: str = ""
    kid: str = ""


class _Stated(msgspec.Struct, frozen=True):
    iss: str = ""


class Verifier:
    """Verifies ID tokens of one provider. `clock` gives unix seconds."""

    def __init__(
        self, config: OidcConfig, provider: Provider, clock: Callable[[], float] = time.time
    ) -> None:
        self._config = config
        self._provider = provider
        self._clock = clock

    async def claims(self, token: str) -> Claims:
        """The claims of a token that holds now. Raises InvalidSessionError."""
        if len(token) > MAX_TOKEN_BYTES:
            raise InvalidSessionError(REFUSED)
        try:
            found = await self._signed(token)
        except ProviderError:
            raise InvalidSessionError(REFUSED) from None
        if found is None or not self._is_ours(found) or not self._is_in_force(found):
            raise InvalidSessionError(REFUSED)
        return _claims(found, token)

    async def _signed(self, token: str) -> dict[str, Any] | None:
        header = _decoded(token, 0, _Header)
        if header is None or header.alg not in {name for names in ALGORITHMS.values() for name in names}:
            return None
        keys = await self._provider.keys()
        found = _verified(token, header, keys)
        if found is None:
            newer = await self._provider.newer_keys(keys)
            found = _verified(token, header, newer) if newer is not None and newer is not keys else None
        return found

    def _is_ours(self, claims: dict[str, Any]) -> bool:
        if claims.get("iss") != self._config.issuer or claims.get("iss") == ISSUER:
            return False
        stated = claims.get("aud")
        audiences = stated if isinstance(stated, list) else [stated] if stated else []
        if not audiences:
            return self._config.may_lack_audience
        return any(isinstance(each, str) and each in self._config.audiences for each in audiences)

    def _is_in_force(self, claims: dict[str, Any]) -> bool:
        now = self._clock()
        exp, nbf, sub = claims.get("exp"), claims.get("nbf", 0), claims.get("sub")
        if not isinstance(sub, str) or not sub or not _is_number(exp) or not _is_number(nbf):
            return False
        return float(claims["exp"]) > now and float(nbf) <= now + LEEWAY


def issuer_of(token: str) -> str:
    """The issuer a token states, before anything of it is believed: it only says whom to ask."""
    stated = _decoded(token, 1, _Stated) if len(token) <= MAX_TOKEN_BYTES else None
    return stated.iss if stated is not None else ""


def _decoded(token: str, part: int, kind: type[T]) -> T | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        text = parts[part]
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def _verified(token: str, header: _Header, keys: list[Key]) -> dict[str, Any] | None:
    for key in keys:
        if header.kid and key.kid and key.kid != header.kid:
            continue
        if header.alg not in ALGORITHMS.get(key.key_type, ()):
            continue
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[header.alg]).payload
            claims = msgspec.json.decode(payload)
        except (JoseError, ValueError, TypeError):
            continue
        return claims if isinstance(claims, dict) else None
    return None


def _claims(found: dict[str, Any], token: str) -> Claims:
    """The claims; a token that names itself by nothing is named by its own digest."""
    ids = (found.get(name) for name in ("jti", "uti", "at_hash"))
    return Claims(
        iss=found["iss"],
        sub=found["sub"],
        jti=next((each for each in ids if isinstance(each, str) and each), _digest(token)),
        iat=int(found["iat"]) if _is_number(found.get("iat")) else 0,
        nbf=int(found.get("nbf", 0)),
        exp=int(found["exp"]),
        other=found,
    )


def _digest(token: str) -> str:
    return f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
