"""Asking an identity provider over HTTP.

The invariant: an answer is bounded in size and time, its certificate is checked unless the settings say
otherwise, and a form with a secret is never sent on to another address.
"""

import asyncio
import ssl
from collections.abc import Mapping

import aiohttp
import structlog

from fairlead.api_server.sso.dex import Dex
from fairlead.auth.oidc.fetch import ProviderError

log = structlog.get_logger(__name__)

MAX_BYTES = 1 << 20
"""Of an answer."""
SECONDS = 10.0
"""For an answer, with its body."""
REDIRECTS = 3
AWAY = "the identity provider could not be asked"


class Web:
    """Asks one provider. What lies below `prefix` is asked of `dex`, which is nearer."""

    def __init__(
        self, *, root_ca: str = "", is_insecure: bool = False, prefix: str = "", dex: Dex | None = None
    ) -> None:
        self._own = _context(root_ca, is_insecure=is_insecure)
        self._prefix = prefix
        self._dex = dex

    async def get(self, url: str, *, bearer: str = "") -> bytes:
        """The body of an answer. Raises ProviderError."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._ask("GET", url, headers=headers, follow=not bearer)

    async def post(self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None = None) -> bytes:
        """The body of an answer to a form. Raises ProviderError."""
        headers = {"Authorization": aiohttp.encode_basic_auth(*basic)} if basic is not None else {}
        return await self._ask("POST", url, headers=headers, form=form)

    async def _ask(
        self,
        verb: str,
        url: str,
        *,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        follow: bool = False,
    ) -> bytes:
        context = self._own
        try:
            if self._dex is not None and url.startswith(self._prefix):
                url = f"{self._dex.address}/api/dex{url.removeprefix(self._prefix)}"
                context = self._dex.context
        except ssl.SSLError as error:
            log.warning("api.sso.away", url=url.partition("?")[0], reason=str(error))
            raise ProviderError(AWAY) from None
        if not url.startswith(("https://", "http://")):
            raise ProviderError("the identity provider names no address")
        try:
            async with (
                asyncio.timeout(SECONDS),
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
                session.request(
                    verb,
                    url,
                    headers=headers,
                    data=form,
                    allow_redirects=follow,
                    max_redirects=REDIRECTS,
                ) as answer,
            ):
                body = await answer.content.read(MAX_BYTES + 1)
                while len(body) <= MAX_BYTES and (more := await answer.content.read(MAX_BYTES + 1)):
                    body += more
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("api.sso.away", url=url.partition("?")[0], error=type(error).__name__)
            raise ProviderError(AWAY) from None
        if answer.status != 200 or len(body) > MAX_BYTES:
            log.warning("api.sso.refused", url=url.partition("?")[0], status=answer.status, size=len(body))
            raise ProviderError(f"{AWAY}: status {answer.status}")
        return body


def _context(root_ca: str, *, is_insecure: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if root_ca:
        context.load_verify_locations(cadata=root_ca)
    if is_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
