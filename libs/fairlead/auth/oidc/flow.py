"""The code flow with PKCE: where a browser is sent, and what its return is worth (RFC 6749, RFC 7636).

The invariant: a return counts once, in the browser that set out, within STATE_FOR seconds; what that browser
carries in between is sealed. Every random value comes from the system's randomness.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode

import msgspec

from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.oidc.config import OidcConfig
from fairlead.auth.oidc.fetch import Fetch, ProviderError
from fairlead.auth.oidc.provider import Description, Provider
from fairlead.auth.oidc.verify import Verifier
from fairlead.auth.sessions import Claims
from fairlead.secret import Secret
from fairlead.secret.seal import Seal, derive

STATE_FOR = 300
"""Seconds between setting out and coming back (contract 13.2)."""
PURPOSE = "auth/oauth state"
POST = "client_secret_post"


class ReturnError(Exception):
    """A return that is worth nothing; the words may be shown."""


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser carries from setting out to coming back."""

    state: str
    nonce: str
    verifier: str
    return_url: str
    redirect_uri: str
    until: int


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came back."""

    token: str
    claims: Claims
    access_token: str
    refresh_token: str = ""
    return_url: str = ""


class _Answer(msgspec.Struct, frozen=True):
    id_token: str = ""
    access_token: str = ""
    refresh_token: str = ""


class Flow:
    """The flow of one provider. `key` gives the key that journeys are sealed with."""

    def __init__(
        self,
        config: OidcConfig,
        provider: Provider,
        verifier: Verifier,
        fetch: Fetch,
        key: Callable[[], Secret],
    ) -> None:
        self._config = config
        self._provider = provider
        self._verifier = verifier
        self._fetch = fetch
        self._key = key

    async def set_out(self, return_url: str, redirect_uri: str) -> tuple[str, str]:
        """Where to send a browser, and what it has to carry. Raises ProviderError."""
        description = await self._provider.description()
        journey = Journey(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            return_url=return_url,
            redirect_uri=redirect_uri,
            until=int(time.time()) + STATE_FOR,
        )
        url = description.authorization_endpoint
        url += ("&" if "?" in url else "?") + urlencode(self._query(journey, description))
        return url, self._sealed(journey)

    async def come_back(self, carried: str, state: str, code: str) -> Arrived:
        """Who came back. Raises ReturnError, ProviderError."""
        journey = self._opened(carried)
        if journey is None or not hmac.compare_digest(journey.state.encode(), state.encode()):
            raise ReturnError("Invalid state parameter: begin the login again")
        description = await self._provider.description()
        answer = await self._exchanged(description, journey, code)
        try:
            claims = await self._verifier.claims(answer.id_token)
        except InvalidSessionError:
            raise ReturnError("the identity provider's token could not be verified") from None
        nonce = claims.other.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), journey.nonce.encode()):
            raise ReturnError("the identity provider's token was made for another login")
        return Arrived(
            token=answer.id_token,
            claims=claims,
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            return_url=journey.return_url,
        )

    async def refresh(self, refresh_token: str) -> Arrived:
        """Who a refresh token is of, with a token of now. Raises ProviderError, InvalidSessionError."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        answer = await self._asked(await self._provider.description(), form)
        return Arrived(
            token=answer.id_token,
            claims=await self._verifier.claims(answer.id_token),
            access_token=answer.access_token,
            refresh_token=answer.refresh_token or refresh_token,
        )

    def _query(self, journey: Journey, description: Description) -> dict[str, str]:
        config = self._config
        supported = description.scopes_supported
        scopes = [s for s in config.scopes if s != "groups" or supported is None or s in supported]
        query = {
            "client_id": config.client_id,
            "redirect_uri": journey.redirect_uri,
            "response_type": "code",
            "scope": " ".join(dict.fromkeys(("openid", *scopes))),
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge(journey.verifier),
            "code_challenge_method": "S256",
        }
        if config.id_token_claims:
            query["claims"] = msgspec.json.encode({"id_token": config.id_token_claims}).decode()
        if config.domain_hint:
            query["domain_hint"] = config.domain_hint
        if config.connector:
            query["connector_id"] = config.connector
        return query

    async def _exchanged(self, description: Description, journey: Journey, code: str) -> _Answer:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": journey.redirect_uri,
            "code_verifier": journey.verifier,
        }
        return await self._asked(description, form)

    async def _asked(self, description: Description, form: dict[str, str]) -> _Answer:
        """What the token endpoint gives, to us as the client that we are."""
        methods = description.token_endpoint_auth_methods_supported
        client, secret = self._config.client_id, self._config.secret
        basic = None
        if not secret:
            form["client_id"] = client
        elif methods is not None and "client_secret_basic" not in methods and POST in methods:
            form |= {"client_id": client, "client_secret": secret}
        else:
            basic = (quote(client, safe=""), quote(secret, safe=""))
        raw = await self._fetch.post(description.token_endpoint, form, basic=basic)
        try:
            return msgspec.json.decode(raw, type=_Answer)
        except msgspec.DecodeError:
            raise ProviderError("the identity provider's answer cannot be read") from None

    def _seal(self) -> Seal:
        return Seal(derive(self._key().reveal().encode(), PURPOSE))

    def _sealed(self, journey: Journey) -> str:
        sealed = self._seal().seal(self._config.issuer, msgspec.json.encode(journey))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def _opened(self, carried: str) -> Journey | None:
        try:
            sealed = base64.urlsafe_b64decode(carried + "=" * (-len(carried) % 4))
            plain = self._seal().open(self._config.issuer, sealed)
            journey = msgspec.json.decode(plain, type=Journey) if plain is not None else None
        except (ValueError, msgspec.MsgspecError):
            return None
        return journey if journey is not None and journey.until > time.time() else None


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
