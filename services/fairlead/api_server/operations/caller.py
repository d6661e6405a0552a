"""Who asks: made once per request from a verified session, never from what the client says."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from fairlead.api_server.operations.rights import ALL, NONE, Rights
from fairlead.auth.sessions import ISSUER, Claims


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A caller; without a user name, somebody who is not logged in. `iat` is in unix seconds.

    `username` is what policies call somebody, `shown` what people do; they differ for whom an identity
    provider names."""

    username: str = ""
    issuer: str = ""
    groups: tuple[str, ...] = ()
    iat: int = 0
    token_id: str = ""
    token: str = ""
    address: str = ""
    rights: Rights = NONE
    shown: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is an account of ours, or a role of a project."""
        return self.is_logged_in and self.issuer == ISSUER

    @property
    def is_logged_in(self) -> bool:
        """Whether a session was verified."""
        return bool(self.username)

    @property
    def known_as(self) -> str:
        """What people call them: in Events, in the initiator of an operation, in records."""
        return self.shown or self.username

    @property
    def is_trusted(self) -> bool:
        """Whether they are told what strangers are not: logged in, or authentication is switched off."""
        return self.is_logged_in or self.rights is ALL

    @property
    def issued_at(self) -> str:
        """RFC 3339 time at which the session began."""
        return datetime.fromtimestamp(self.iat, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __repr__(self) -> str:
        return f"Caller(username={self.username!r})"


NOBODY = Caller()


def of_claims(
    claims: Claims,
    token: str,
    address: str = "",
    *,
    rights: Rights = NONE,
    scopes: Sequence[str] = ("groups",),
) -> Caller:
    """The caller of a verified session, at a network address. `scopes` are the claims that name groups."""
    return Caller(
        username=claims.username,
        issuer=claims.iss,
        groups=claims.values(scopes),
        iat=claims.iat,
        token_id=claims.jti,
        token=token,
        address=address,
        rights=rights,
        shown=claims.shown,
    )
