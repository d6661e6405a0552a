"""The groups of a person as the provider says them when it is asked, for providers whose tokens name none.

The invariant: an answer counts for the person it was asked about only; while there is none, there are no
groups, and what the token itself says of groups does not count in their stead.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from fairlead.auth.oidc.config import OidcConfig
from fairlead.auth.oidc.fetch import Fetch, ProviderError
from fairlead.auth.oidc.provider import Provider
from fairlead.auth.sessions import Claims

log = structlog.get_logger(__name__)

PEOPLE = 10_000
"""Sessions whose groups are remembered."""
AGAIN = 30.0
"""Seconds after which a provider that did not answer is asked again."""

AccessToken = Callable[[str], Awaitable[str]]
"""The access token that came with the session of a digest; "" when it is not known."""


class UserInfo:
    """Asks one provider. `clock` gives unix seconds."""

    def __init__(
        self,
        config: OidcConfig,
        provider: Provider,
        fetch: Fetch,
        access_token: AccessToken,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._provider = provider
        self._fetch = fetch
        self._access_token = access_token
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()

    async def completed(self, token: str, claims: Claims) -> Claims:
        """The claims with the groups that the provider says now."""
        session = digest(token)
        known = self._known.get(session)
        if known is None or known[0] <= self._clock():
            known = self._known[session] = await self._asked(session, claims)
            self._known.move_to_end(session)
            if len(self._known) > PEOPLE:
                self._known.popitem(last=False)
        return msgspec.structs.replace(claims, other={**claims.other, "groups": known[1]})

    async def _asked(self, session: str, claims: Claims) -> tuple[float, list[str]]:
        now = self._clock()
        access = await self._access_token(session)
        if not access:
            log.info("auth.user_info.unasked", issuer=claims.iss, reason="not logged in through this server")
            return now + AGAIN, []
        try:
            found = msgspec.json.decode(await self._fetch.get(await self._url(), bearer=access))
        except (ProviderError, msgspec.DecodeError) as error:
            log.warning("auth.user_info.unanswered", issuer=claims.iss, error=str(error)[:200])
            return now + AGAIN, []
        if not isinstance(found, dict) or found.get("sub") != claims.sub:
            log.error("auth.user_info.of_another", issuer=claims.iss, security=4)
            return now + AGAIN, []
        seconds = self._config.user_info_seconds
        return min(now + seconds, claims.exp) if seconds else float(claims.exp), _texts(found.get("groups"))

    async def _url(self) -> str:
        config = self._config
        if config.user_info_path:
            base = config.user_info_base_url or config.issuer
            return f"{base.rstrip('/')}/{config.user_info_path.lstrip('/')}"
        return (await self._provider.description()).userinfo_endpoint


def digest(token: str) -> str:
    """What a session is remembered under."""
    return hashlib.sha256(token.encode()).hexdigest()


def _texts(value: Any) -> list[str]:
    each = value if isinstance(value, list) else [value]
    return [text for text in each if isinstance(text, str)]
