"""A provider's description of itself and its keys, fetched when they are needed.

The invariant: a key that the provider has put out of use is trusted for KEYS_FOR seconds at most while the
provider answers, a new one at once; and whoever sends tokens that are none cannot make us ask it often.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, import_key

from fairlead.auth.oidc.fetch import Fetch, ProviderError

log = structlog.get_logger(__name__)

Key = RSAKey | ECKey | OKPKey
KEYS_FOR = 300.0
"""Seconds after which the keys are fetched anew."""
TRUSTED_FOR = 24 * 3600.0
"""Seconds for which they are trusted while the provider cannot be asked."""
AGAIN = 30.0
"""Seconds between attempts while it cannot."""
DESCRIPTION_FOR = 3600.0
"""Seconds after which the description is."""
LOOKS, PER = 6, 60.0
"""Looks for a key that is not known, in so many seconds."""
MOST_KEYS = 64
WELL_KNOWN = "/.well-known/openid-configuration"


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the provider's metadata that is used (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    scopes_supported: list[str] | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class Provider:
    """One issuer."""

    def __init__(self, issuer: str, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._described: tuple[float, Description] | None = None
        self._keys: tuple[float, list[Key]] | None = None
        self._tried = float("-inf")
        self._looks: list[float] = []
        self._lock = asyncio.Lock()

    async def description(self) -> Description:
        """What the provider says of itself. Raises ProviderError."""
        async with self._lock:
            return await self._description()

    async def keys(self) -> list[Key]:
        """Its keys. Raises ProviderError.

        They are fetched anew after KEYS_FOR seconds, by one caller while others take those that are known;
        while the provider is away these go on for TRUSTED_FOR seconds.
        """
        known, now = self._keys, self._clock()
        if known is not None and now - known[0] < TRUSTED_FOR:
            is_fresh = now - known[0] < KEYS_FOR or now - self._tried < AGAIN
            if is_fresh or self._lock.locked():
                return known[1]
        async with self._lock:
            if self._keys is not None and self._keys is not known:
                return self._keys[1]
            self._tried = now
            try:
                return await self._look()
            except ProviderError as error:
                if known is None or now - known[0] >= TRUSTED_FOR:
                    raise
                log.warning("auth.provider.away", issuer=self.issuer, error=str(error))
                return known[1]

    async def newer_keys(self, than: list[Key]) -> list[Key] | None:
        """Its keys as they are now, unless others than these are known; None when it was asked too often."""
        async with self._lock:
            if self._keys is not None and self._keys[1] is not than:
                return self._keys[1]
            now = self._clock()
            self._looks = [look for look in self._looks if now - look < PER]
            if len(self._looks) >= LOOKS:
                return None
            self._looks.append(now)
            return await self._look()

    async def _description(self) -> Description:
        if self._described is None or self._clock() - self._described[0] >= DESCRIPTION_FOR:
            raw = await self._fetch.get(self.issuer.rstrip("/") + WELL_KNOWN)
            try:
                found = msgspec.json.decode(raw, type=Description)
            except msgspec.DecodeError:
                raise ProviderError("the identity provider's description cannot be read") from None
            if found.issuer != self.issuer:
                raise ProviderError("the identity provider calls itself by another issuer")
            self._described = (self._clock(), found)
        return self._described[1]

    async def _look(self) -> list[Key]:
        description = await self._description()
        raw = await self._fetch.get(description.jwks_uri)
        try:
            found = msgspec.json.decode(raw, type=_KeySet)
        except msgspec.DecodeError:
            raise ProviderError("the identity provider's keys cannot be read") from None
        keys = [key for each in found.keys[:MOST_KEYS] if (key := _key(each)) is not None]
        log.info("auth.provider.keys", issuer=self.issuer, keys=[key.kid for key in keys])
        self._keys = (self._clock(), keys)
        return keys


def _key(described: dict[str, Any]) -> Key | None:
    """A public key for signatures; None of what is none. A secret one shared by all is no proof."""
    if described.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(described)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if isinstance(key, OctKey) else key
