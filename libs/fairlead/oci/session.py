"""Requests to one repository of a registry, with the token or password that it asks for.

Invariant: a password goes to the registry or where it has its tokens fetched, and only when it was asked for.
"""

import contextlib
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec

from fairlead.git.credentials import Credential
from fairlead.oci import limits
from fairlead.oci.challenge import Challenge, parse
from fairlead.oci.errors import OciAccessError, OciTransientError
from fairlead.outbound import Answer, Anybody, Outbound

EARLY = 10.0
"""Seconds before its end at which a token is not used any more."""
UNTOLD = 60.0
"""Seconds that a token holds which does not say."""
LONGEST = 3600.0
_UNASKED = frozenset({200, 401})


class _Token(msgspec.Struct):
    token: str = ""
    access_token: str = ""
    expires_in: float = UNTOLD


class Session:
    """Asks for one repository; `address` is its own in the registry's interface."""

    def __init__(self, outbound: Outbound, address: str, repository: str, credential: Credential) -> None:
        self._outbound = outbound
        self._address = address
        self._repository = repository
        self._credential = credential
        self._header = f"Bearer {credential.bearer_token}" if credential.bearer_token else ""
        self._until = float("inf")

    @contextlib.asynccontextmanager
    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        accept: str = "*/*",
        limit: int,
        deadline: float = limits.REQUEST_SECONDS,
        decode: bool = True,
    ) -> AsyncIterator[Answer]:
        """The answer with status 200. Raises OutboundError or OciError."""
        if time.monotonic() > self._until:
            self._header = ""
        challenge = None
        for accepts in (_UNASKED, frozenset({200})):
            headers = {"Accept": accept, **({"Authorization": self._header} if self._header else {})}
            async with self._outbound.request(
                method,
                url,
                credential=self._connecting,
                headers=headers,
                limit=limit,
                deadline=deadline,
                accepts=accepts,
                decode=decode,
            ) as answer:
                if answer.status == 200:
                    yield answer
                    return
                if not _is_of(answer.url, url):
                    raise OciAccessError(f"it sends to {answer.url}, which refuses access")
                challenge = parse(answer.headers.getall("WWW-Authenticate", []))
            await self._meet(challenge)

    @property
    def _connecting(self) -> Anybody:
        """What connections are made with: all of the credential but who we are."""
        known = self._credential
        return Anybody(
            client_certificate=known.client_certificate,
            client_key=known.client_key,
            insecure=known.insecure,
            proxy=known.proxy,
            no_proxy=known.no_proxy,
        )

    async def _meet(self, challenge: Challenge | None) -> None:
        """Have the header that the registry asked for."""
        if challenge is None or (challenge.scheme == "basic" and not self._credential.header()):
            raise OciAccessError("authentication required: the repository's credentials are missing")
        if challenge.scheme == "basic":
            self._header, self._until = self._credential.header(), float("inf")
            return
        token = await self._exchanged(challenge)
        self._header = f"Bearer {token.token or token.access_token}"
        self._until = time.monotonic() + min(token.expires_in or UNTOLD, LONGEST) - EARLY

    async def _exchanged(self, challenge: Challenge) -> _Token:
        address = challenge.address(self._address, self._repository)
        known = msgspec.structs.replace(self._connecting, header_value=self._credential.header())
        async with self._outbound.get(
            address, credential=known, limit=limits.TOKEN, deadline=limits.REQUEST_SECONDS
        ) as answer:
            body = await answer.read()
        try:
            token = msgspec.json.decode(body, type=_Token)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise OciTransientError(f"{answer.url} answered with what is no token") from error
        if not (token.token or token.access_token):
            raise OciAccessError(f"{answer.url} gave no token")
        return token


def _is_of(answered: str, asked: str) -> bool:
    """Whether the host that was asked answered, and none that it redirects to: only that one may say where
    the password is to be told."""
    return urlsplit(answered).netloc.lower() == urlsplit(asked).netloc.rpartition("@")[2].lower()
