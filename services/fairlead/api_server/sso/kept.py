"""What is kept of people's sessions with a provider, in Redis: sealed for us, no longer than the session."""

from collections.abc import Callable

import msgspec
import structlog

from fairlead.auth.oidc.renewals import Continued
from fairlead.cache import Cache, keys
from fairlead.secret import Secret
from fairlead.secret.seal import Seal, derive

log = structlog.get_logger(__name__)

PURPOSE = "auth/access tokens"
"""What the key is derived for that seals tokens in Redis, beside the cache's own seal."""
CONTINUED, CLAIMED = "/continued", "/claimed"


class KeptSessions:
    """Of this control plane. `key` gives the key that sessions are signed with."""

    def __init__(self, cache: Cache, key: Callable[[], Secret]) -> None:
        self._cache = cache
        self._key = key

    async def put_access_token(self, session: str, token: str, seconds: int) -> None:
        """Keep what the provider is asked with about the person of a session."""
        if not await self._put(session, token.encode(), seconds):
            log.warning(
                "api.sso.forgotten", reason="Redis is away; the person has no groups until they log in"
            )

    async def access_token(self, session: str) -> str:
        """The access token of a session; "" when it is not known."""
        plain = await self._get(session)
        return plain.decode() if plain is not None else ""

    async def put(self, session: str, kept: Continued, seconds: int) -> None:
        """Keep what follows a session, or what it is exchanged for."""
        if not await self._put(session + CONTINUED, msgspec.msgpack.encode(kept), seconds):
            log.warning("api.sso.forgotten", reason="Redis is away; the session ends at its time")

    async def get(self, session: str) -> Continued | None:
        """What follows a session, or what it is exchanged for."""
        plain = await self._get(session + CONTINUED)
        return msgspec.msgpack.decode(plain, type=Continued) if plain is not None else None

    async def claim(self, session: str, seconds: int) -> bool:
        """Whether no other replica exchanges a session now."""
        return await self._cache.claim(keys.sign_on(session + CLAIMED), ttl=seconds)

    async def forget(self, session: str) -> None:
        """Keep nothing more of a session that was ended."""
        await self._cache.forget(keys.sign_on(session), keys.sign_on(session + CONTINUED))

    async def _put(self, name: str, value: bytes, seconds: int) -> bool:
        return await self._cache.put(keys.sign_on(name), self._seal().seal(name, value), ttl=seconds)

    async def _get(self, name: str) -> bytes | None:
        sealed = await self._cache.get(keys.sign_on(name))
        return self._seal().open(name, sealed) if sealed is not None else None

    def _seal(self) -> Seal:
        return Seal(derive(self._key().reveal().encode(), PURPOSE))
