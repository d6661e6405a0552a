"""The provider of this moment, and what is done with it."""

import time
from collections.abc import Callable

import structlog

from fairlead.api_server.config_map import LoginSettings
from fairlead.api_server.sso import settings as named
from fairlead.api_server.sso.dex import Dex
from fairlead.api_server.sso.settings import Named
from fairlead.api_server.sso.web import Web
from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.oidc.config import OidcConfig
from fairlead.auth.oidc.flow import Arrived, Flow
from fairlead.auth.oidc.provider import Provider
from fairlead.auth.oidc.user_info import AccessToken, UserInfo, digest
from fairlead.auth.oidc.verify import REFUSED, Verifier
from fairlead.auth.sessions import Claims, Revocations
from fairlead.cache import Cache, keys
from fairlead.secret import Secret
from fairlead.secret.seal import Seal, derive

log = structlog.get_logger(__name__)

PURPOSE = "auth/access tokens"
"""What the key is derived for that seals access tokens in Redis, beside the cache's own seal."""


class Connected:
    """One provider, with what is known of it."""

    def __init__(
        self, config: OidcConfig, web: Web, key: Callable[[], Secret], access_token: AccessToken
    ) -> None:
        self.config = config
        self.provider = Provider(config.issuer, web)
        self.verifier = Verifier(config, self.provider)
        self.flow = Flow(config, self.provider, self.verifier, web, key)
        self._user_info = UserInfo(config, self.provider, web, access_token)

    async def claims(self, token: str) -> Claims:
        """The claims of a token that holds now. Raises InvalidSessionError."""
        found = await self.verifier.claims(token)
        return await self._user_info.completed(token, found) if self.config.has_user_info_groups else found


class SingleSignOn:
    """Verifies sessions of the provider that the settings name.

    `secrets` gives a number that other Secrets have another of."""

    def __init__(
        self,
        settings: Callable[[], LoginSettings],
        key: Callable[[], Secret],
        resolve: named.Resolve,
        revocations: Revocations,
        *,
        secrets: Callable[[], int],
        dex: Dex,
        cache: Cache,
    ) -> None:
        self._cache = cache
        self._settings = settings
        self._key = key
        self._resolve = resolve
        self._revocations = revocations
        self._secrets = secrets
        self.dex = dex
        self._read: tuple[LoginSettings, int, Named] | None = None
        self._connected: tuple[OidcConfig, bool, Connected | None] | None = None

    @property
    def named(self) -> Named:
        """What the settings name."""
        settings, secrets = self._settings(), self._secrets()
        if self._read is None or self._read[0] is not settings or self._read[1] != secrets:
            self._read = (settings, secrets, named.read(settings, self._key(), self._resolve))
        return self._read[2]

    @property
    def connected(self) -> Connected | None:
        """The provider, if one is named."""
        config, is_unverified = self.named.provider, self._settings().is_provider_unverified
        if config is None:
            self._connected = None
            return None
        if self._connected is None or self._connected[:2] != (config, is_unverified):
            made = self._connection(config, is_unverified=is_unverified)
            self._connected = (config, is_unverified, made)
        return self._connected[2]

    async def authenticate(self, token: str) -> Claims:
        """The claims of a session that holds now. Raises InvalidSessionError."""
        found = self.connected
        if found is None:
            raise InvalidSessionError(REFUSED)
        claims = await found.claims(token)
        if self._revocations.is_revoked(claims):
            raise InvalidSessionError("token is revoked, please re-login")
        return claims

    async def remember(self, arrived: Arrived) -> None:
        """Keep what is needed to ask the provider about somebody who came back, where it is to be asked."""
        found, left = self.connected, int(arrived.claims.exp - time.time())
        if found is None or not found.config.has_user_info_groups or not arrived.access_token or left <= 0:
            return
        session = digest(arrived.token)
        sealed = self._seal().seal(session, arrived.access_token.encode())
        if not await self._cache.put(keys.sign_on(session), sealed, ttl=left):
            log.warning(
                "api.sso.forgotten", reason="Redis is away; the person has no groups until they log in"
            )

    async def _access_token(self, session: str) -> str:
        sealed = await self._cache.get(keys.sign_on(session))
        plain = self._seal().open(session, sealed) if sealed is not None else None
        return plain.decode() if plain is not None else ""

    def _seal(self) -> Seal:
        return Seal(derive(self._key().reveal().encode(), PURPOSE))

    def _connection(self, config: OidcConfig, *, is_unverified: bool) -> Connected | None:
        try:
            web = Web(
                root_ca=config.root_ca,
                is_insecure=is_unverified,
                prefix=config.issuer,
                dex=self.dex if config.is_dex else None,
            )
        except (ValueError, OSError):
            log.warning("api.setting.unreadable", key="oidc.config", problem="rootCA is no certificate")
            return None
        log.info("api.sso.named", issuer=config.issuer, client=config.client_id, dex=config.is_dex)
        return Connected(config, web, self._key, self._access_token)
