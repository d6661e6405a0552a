"""The provider of this moment, and what is done with it."""

import time
from collections.abc import Awaitable, Callable

import structlog

from fairlead.api_server.config_map import LoginSettings
from fairlead.api_server.sso import settings as named
from fairlead.api_server.sso.dex import Dex
from fairlead.api_server.sso.kept import KeptSessions
from fairlead.api_server.sso.settings import Named
from fairlead.api_server.sso.web import Web
from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.oidc.config import OidcConfig
from fairlead.auth.oidc.flow import Arrived, Flow
from fairlead.auth.oidc.provider import Provider
from fairlead.auth.oidc.renewals import Renewals
from fairlead.auth.oidc.user_info import UserInfo, digest
from fairlead.auth.oidc.verify import REFUSED, Verifier
from fairlead.auth.sessions import Claims, Revocations
from fairlead.cache import Cache
from fairlead.secret import Secret

log = structlog.get_logger(__name__)


class Connected:
    """One provider, with what is known of it."""

    def __init__(
        self,
        config: OidcConfig,
        web: Web,
        key: Callable[[], Secret],
        kept: KeptSessions,
        remember: Callable[[Arrived], Awaitable[None]],
    ) -> None:
        self.config = config
        self.provider = Provider(config.issuer, web)
        self.verifier = Verifier(config, self.provider)
        self.flow = Flow(config, self.provider, self.verifier, web, key)
        self.renewals = Renewals(
            self.flow, self.verifier, kept, threshold=config.refresh_seconds, arrived=remember
        )
        self._user_info = UserInfo(config, self.provider, web, kept.access_token)

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
        self._kept = KeptSessions(cache, key)
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
        """Keep what is needed to ask the provider about somebody who came in, where it is to be asked, and
        what their session is exchanged for."""
        found, left = self.connected, int(arrived.claims.exp - time.time())
        if found is None or left <= 0:
            return
        if found.config.has_user_info_groups and arrived.access_token:
            await self._kept.put_access_token(digest(arrived.token), arrived.access_token, left)
        await found.renewals.begin(arrived)

    async def follower(self, token: str, claims: Claims) -> str:
        """The token that takes the place of one near its end; "" while there is none."""
        found = self.connected
        token = await found.renewals.follower(token, claims) if found is not None else ""
        if not token:
            return ""
        try:
            await self.authenticate(token)
        except InvalidSessionError:
            return ""
        return token

    async def forget(self, token: str) -> None:
        """Keep nothing of a session that was ended."""
        await self._kept.forget(digest(token))

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
        return Connected(config, web, self._key, self._kept, self.remember)
