"""Sessions: JWTs signed by us, and everything that makes one worthless before its time.

The invariant: HS256 and our own issuer, nothing else; claims are read only after the signature was checked.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OctKey

from fairlead.auth.accounts import Account, Capability
from fairlead.auth.errors import InvalidSessionError
from fairlead.secret import Secret

ISSUER = "argocd"
ALGORITHM = "HS256"
LIFE = 24 * 3600
"""Seconds a login lasts (contract 13.1)."""
RENEW_BELOW = 300
"""Seconds before its end within which a session in use is replaced."""
MAX_TOKEN_BYTES = 16 * 1024


class Revocations(Protocol):
    """Remembers sessions that were ended early, for the rest of their lives."""

    async def revoke(self, claims: "Claims") -> None:
        """End a session."""

    def is_revoked(self, claims: "Claims") -> bool:
        """Whether a session was ended."""


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a session says, after it was verified. Times are unix seconds; `exp` 0 = no end."""

    iss: str = ""
    sub: str = ""
    jti: str = ""
    iat: int = 0
    nbf: int = 0
    exp: int = 0

    @property
    def username(self) -> str:
        """The account's name."""
        return self.sub.partition(":")[0]

    @property
    def capability(self) -> Capability:
        """What the session was made with; a subject without suffix is an API key."""
        return Capability.LOGIN if self.sub.endswith(":login") else Capability.API_KEY


class Sessions:
    """Issues and verifies sessions of local accounts. `key` gives the signing key of this moment: what was
    signed with another one is worthless at once."""

    def __init__(
        self,
        key: Callable[[], Secret],
        accounts: Callable[[], Mapping[str, Account]],
        revocations: Revocations,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._imported: tuple[Secret, OctKey] | None = None
        self._accounts = accounts
        self._revocations = revocations
        self._clock = clock

    def issue(self, username: str, *, life: int = LIFE) -> str:
        """A login session of `life` seconds."""
        now = int(self._clock())
        return self._signed(
            {
                "iss": ISSUER,
                "sub": f"{username}:{Capability.LOGIN}",
                "jti": str(uuid.uuid4()),
                "iat": now,
                "nbf": now,
                "exp": now + life,
            }
        )

    def renewed(self, claims: Claims) -> str | None:
        """A session to replace one that is about to end, of the same length; None while it is not."""
        left = claims.exp - self._clock()
        if claims.capability is not Capability.LOGIN or not claims.exp or left >= RENEW_BELOW:
            return None
        return self.issue(claims.username, life=claims.exp - claims.iat)

    async def authenticate(self, token: str) -> Claims:
        """The claims of a session that holds now. Raises InvalidSessionError."""
        claims = self._read(token)
        self._require_time(claims)
        self._require_account(claims)
        if self._revocations.is_revoked(claims):
            raise InvalidSessionError("token is revoked, please re-login")
        return claims

    async def end(self, token: str) -> None:
        """End a session now; one that is not ours or is over already is left alone."""
        try:
            claims = self._read(token)
        except InvalidSessionError:
            return
        if claims.jti and not 0 < claims.exp <= self._clock():
            await self._revocations.revoke(claims)

    def _signed(self, claims: Mapping[str, object]) -> str:
        header = {"alg": ALGORITHM, "typ": "JWT"}
        payload = msgspec.json.encode(claims)
        return jws.serialize_compact(header, payload, self._signing_key(), algorithms=[ALGORITHM])

    def _signing_key(self) -> OctKey:
        key = self._key()
        if not key:
            raise InvalidSessionError("there is no key to sign sessions with")
        if self._imported is None or self._imported[0].reveal() != key.reveal():
            self._imported = (key, OctKey.import_key(key.reveal()))
        return self._imported[1]

    def _read(self, token: str) -> Claims:
        if len(token) > MAX_TOKEN_BYTES:
            raise InvalidSessionError("token is malformed: it is too long")
        try:
            payload = jws.deserialize_compact(token, self._signing_key(), algorithms=[ALGORITHM]).payload
            claims = msgspec.json.decode(payload, type=Claims)
        except BadSignatureError:
            raise InvalidSessionError("token signature is invalid: signature is invalid") from None
        except (JoseError, ValueError, msgspec.DecodeError):
            raise InvalidSessionError("token is malformed: it is not a session of ours") from None
        if claims.iss != ISSUER:
            raise InvalidSessionError("failed to verify the token")
        return claims

    def _require_time(self, claims: Claims) -> None:
        now = self._clock()
        if claims.exp and now >= claims.exp:
            raise InvalidSessionError("token has invalid claims: token is expired")
        if now < claims.nbf or not claims.iat:
            raise InvalidSessionError("token has invalid claims: token is not valid yet")
        if not claims.exp and claims.capability is Capability.LOGIN:
            raise InvalidSessionError("token has invalid claims: a login must end")

    def _require_account(self, claims: Claims) -> None:
        name, capability = claims.username, claims.capability
        account = self._accounts().get(name)
        if account is None:
            raise InvalidSessionError(f"account '{name}' does not exist")
        if not account.enabled:
            raise InvalidSessionError(f"account {name} is disabled")
        if not account.can(capability):
            raise InvalidSessionError(f"account {name} does not have '{capability}' capability")
        if not claims.jti:
            raise InvalidSessionError(
                "token does not have a unique identifier (jti claim) and cannot be validated"
            )
        if capability is Capability.API_KEY and not account.has_token(claims.jti):
            raise InvalidSessionError(f"account {name} does not have token with id {claims.jti}")
        if claims.iat < account.password_changed:
            raise InvalidSessionError("account password has changed since token issued")
