"""Sessions: JWTs signed by us, and everything that makes one worthless before its time.

The invariant: HS256 and our own issuer, nothing else; claims are read only after the signature was checked.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

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
ROLE = "proj:"
"""What the subject of a project's role begins with; its name and the role's follow."""


class Listed(Protocol):
    """A token as it is listed; unix seconds."""

    @property
    def id(self) -> str:
        """Its id; "" of old ones."""

    @property
    def iat(self) -> int:
        """When it was made."""

    @property
    def exp(self) -> int:
        """When it ends; 0 = never."""


RoleTokens = Callable[[str, str], Sequence[Listed]]
"""The tokens that are listed for a role of a project."""


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
    other: dict[str, Any] = {}
    """All claims, of an identity provider."""

    @property
    def username(self) -> str:
        """What policies call whom it belongs to: an account, a role of a project, or somebody that an
        identity provider knows under this name."""
        if self.iss != ISSUER:
            federated = self.other.get("federated_claims")
            named = federated.get("user_id") if isinstance(federated, dict) else None
            return named if isinstance(named, str) and named else self.sub
        return self.sub if self.is_role else self.sub.partition(":")[0]

    @property
    def shown(self) -> str:
        """What people call them."""
        email = self.other.get("email")
        return email if isinstance(email, str) and email else self.username

    @property
    def is_role(self) -> bool:
        """Whether it belongs to a project's role."""
        return self.iss == ISSUER and self.sub.startswith(ROLE)

    def values(self, scopes: Sequence[str]) -> tuple[str, ...]:
        """The texts of some claims, single or in lists."""
        found: list[str] = []
        for scope in scopes:
            value = self.other.get(scope)
            each = value if isinstance(value, list) else [value]
            found += [text for text in each if isinstance(text, str) and text]
        return tuple(found)

    @property
    def capability(self) -> Capability:
        """What the session was made with; a subject without suffix is an API key."""
        is_login = self.sub.endswith(":login") and not self.is_role
        return Capability.LOGIN if is_login else Capability.API_KEY


class Sessions:
    """Issues and verifies sessions of local accounts. `key` gives the signing key of this moment: what was
    signed with another one is worthless at once."""

    def __init__(
        self,
        key: Callable[[], Secret],
        accounts: Callable[[], Mapping[str, Account]],
        revocations: Revocations,
        clock: Callable[[], float] = time.time,
        *,
        role_tokens: RoleTokens = lambda _, __: (),
    ) -> None:
        self._key = key
        self._role_tokens = role_tokens
        self._imported: tuple[Secret, OctKey] | None = None
        self._accounts = accounts
        self._revocations = revocations
        self._clock = clock

    def issue(self, username: str, *, life: int = LIFE) -> str:
        """A login session of `life` seconds."""
        return self.made(f"{username}:{Capability.LOGIN}", life=life)[0]

    def made(self, subject: str, *, life: int, token_id: str = "") -> tuple[str, Claims]:
        """A token of `life` seconds, 0 = without an end, and what it says."""
        now = int(self._clock())
        claims = Claims(
            iss=ISSUER,
            sub=subject,
            jti=token_id or str(uuid.uuid4()),
            iat=now,
            nbf=now,
            exp=now + life if life else 0,
        )
        fields = ("iss", "sub", "jti", "iat", "nbf", *(("exp",) if life else ()))
        return self._signed({field: getattr(claims, field) for field in fields}), claims

    def renewed(self, claims: Claims) -> str | None:
        """A session to replace one that is about to end, of the same length; None while it is not."""
        left = claims.exp - self._clock()
        if (
            claims.iss != ISSUER
            or claims.capability is not Capability.LOGIN
            or not claims.exp
            or left >= RENEW_BELOW
        ):
            return None
        return self.issue(claims.username, life=claims.exp - claims.iat)

    async def authenticate(self, token: str) -> Claims:
        """The claims of a session that holds now. Raises InvalidSessionError."""
        claims = self._read(token)
        self._require_time(claims)
        if claims.is_role:
            self._require_role(claims)
        else:
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
        if capability is Capability.API_KEY and not self._is_listed(claims, account.tokens):
            raise InvalidSessionError(f"account {name} does not have token with id {claims.jti}")
        if claims.iat < account.password_changed:
            raise InvalidSessionError("account password has changed since token issued")

    def _require_role(self, claims: Claims) -> None:
        project, _, role = claims.sub.removeprefix(ROLE).partition(":")
        if not self._is_listed(claims, self._role_tokens(project, role)):
            raise InvalidSessionError(
                f"JWT token for role '{role}' issued at '{claims.iat}' does not exist in project '{project}'"
            )

    def _is_listed(self, claims: Claims, tokens: Sequence[Listed]) -> bool:
        """Whether this very token is listed: one made anew under the same id is another."""
        now = self._clock()
        asked = claims.jti or str(claims.iat)
        return any(
            (token.id == asked and token.iat in (0, claims.iat) if token.id else token.iat == claims.iat)
            and not 0 < token.exp <= now
            for token in tokens
        )
