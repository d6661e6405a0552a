"""Who asks: the one door from a token to a caller, for every transport.

The invariant: a caller is made of what was verified, or of nothing: claims that were not are never looked at.
"""

from collections.abc import Callable
from typing import NamedTuple

from fairlead.api_server.authority import Authority
from fairlead.api_server.operations.caller import Caller, of_claims
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.rights import ALL
from fairlead.api_server.sso.sso import SingleSignOn
from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.oidc.verify import issuer_of
from fairlead.auth.sessions import ISSUER, Claims, Revocations, Sessions

NO_SESSION = "no session information"


class Identified(NamedTuple):
    """A caller, and a session to replace one that is near its end; "" while it is not."""

    caller: Caller
    renewed: str = ""


class Identities:
    """Makes callers of tokens. `is_anonymous_enabled` is whether one may do without."""

    def __init__(
        self,
        sessions: Sessions,
        authority: Authority,
        is_anonymous_enabled: Callable[[], bool],
        *,
        sso: SingleSignOn,
        revocations: Revocations,
        is_disabled: bool = False,
    ) -> None:
        self._sso = sso
        self._revocations = revocations
        self._sessions = sessions
        self._authority = authority
        self._is_anonymous_enabled = is_anonymous_enabled
        self._is_disabled = is_disabled

    async def identify(self, token: str, address: str = "", *, is_public: bool = False) -> Identified:
        """Who asks. Raises RefusalError without a session, unless the operation is public, strangers are
        welcome, or authentication is switched off."""
        if self._is_disabled:
            return Identified(Caller(address=address, rights=ALL))
        if not token:
            return self._stranger(address, NO_SESSION, is_public=is_public)
        try:
            claims = await self._verified(token)
        except InvalidSessionError as error:
            return self._stranger(address, str(error), is_public=is_public)
        rights = self._authority.rights(claims)
        scopes = self._authority.ruling.scopes
        caller = of_claims(claims, token, address, rights=rights, scopes=scopes)
        return Identified(caller, await self._renewed(token, claims))

    async def _renewed(self, token: str, claims: Claims) -> str:
        if _is_ours(token):
            return self._sessions.renewed(claims) or ""
        return await self._sso.follower(token, claims)

    async def end(self, token: str) -> None:
        """End a session, whoever gave it; one that holds no longer is left alone."""
        if _is_ours(token):
            await self._sessions.end(token)
            return
        try:
            claims = await self._sso.authenticate(token)
        except InvalidSessionError:
            return
        await self._revocations.revoke(claims)
        await self._sso.forget(token)

    async def _verified(self, token: str) -> Claims:
        """Our own tokens by our own key, and others by the keys of their issuer."""
        return await (self._sessions if _is_ours(token) else self._sso).authenticate(token)

    def _stranger(self, address: str, why: str, *, is_public: bool) -> Identified:
        if self._is_anonymous_enabled():
            return Identified(Caller(address=address, rights=self._authority.rights(None)))
        if is_public:
            return Identified(Caller(address=address))
        raise RefusalError(Code.UNAUTHENTICATED, why)

    async def require(self, caller: Caller) -> None:
        """Raises RefusalError unless the caller is still who they were."""
        if self._is_disabled:
            return
        if caller.token:
            try:
                await self._verified(caller.token)
            except InvalidSessionError as error:
                raise RefusalError(Code.UNAUTHENTICATED, str(error)) from None
        elif not self._is_anonymous_enabled():
            raise RefusalError(Code.UNAUTHENTICATED, NO_SESSION)


def _is_ours(token: str) -> bool:
    """Whether we are to verify a token; what states no issuer is ours to refuse."""
    return issuer_of(token) in ("", ISSUER)
