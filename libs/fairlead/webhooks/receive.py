"""The stages of every door for webhooks: recognise, read within bounds, verify, parse; then who it is for
says what becomes of it.

Invariant: nothing of a body is believed, or even parsed, before its proof holds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from aiohttp import web

from fairlead.process.body import BodyError, Budget, BusyError, received
from fairlead.webhooks import answer
from fairlead.webhooks.answer import Answer
from fairlead.webhooks.azure import AzureDevOps
from fairlead.webhooks.bitbucket import BitbucketCloud, BitbucketServer
from fairlead.webhooks.errors import NotJsonError, NotVerifiedError, SecretNeededError, UnreadableError
from fairlead.webhooks.github import GitHub
from fairlead.webhooks.gitlab import GitLab
from fairlead.webhooks.gogs import Gogs
from fairlead.webhooks.provider import Asked, Provider, Secrets
from fairlead.webhooks.push import Told
from fairlead.webhooks.registries import DockerHub, GitHubPackages, Harbor
from fairlead.webhooks.sparing import Sparing
from fairlead.webhooks.throttle import Throttle
from fairlead.webhooks.verify import Proof

log = structlog.get_logger(__name__)

PROVIDERS: Final[tuple[Provider, ...]] = (
    AzureDevOps(),
    Gogs(),
    GitHub(),
    GitLab(),
    BitbucketCloud(),
    BitbucketServer(),
    Harbor(),
    GitHubPackages(),
    DockerHub(),
)
"""In the order of their detection (contract 15)."""
SMALL_BYTES, LARGE_BYTES = 32 << 20, 64 << 20
"""Bytes of bodies held at once: of their first MB each, and beyond it. A signed body may have
`webhook.maxPayloadSizeMB`, so that at least one of the default size fits."""
UNSIGNED_MB = 2
"""Largest body of a sender who proves nothing; a push of a thousand commits has less than one."""
SHOWN = 200
"""Characters of somebody else's words in a log."""


class Taken:
    """A webhook that was taken: who sent it, what it says, and whether that is proven."""

    def __init__(self, provider: str, told: tuple[Told, ...], *, is_signed: bool) -> None:
        self.provider = provider
        self.told = told
        self.is_signed = is_signed


Follow = Callable[[web.BaseRequest, Taken], Awaitable[Answer]]


class Receiver:
    """A door. `limit` gives the largest body in MB, `secrets` the values of `argocd-secret`; `follow` is told
    what was taken. Without `throttle` nobody is held back. `is_frank` says in the answer what is wrong."""

    def __init__(
        self,
        providers: Sequence[Provider],
        secrets: Secrets,
        limit: Callable[[], int],
        follow: Follow,
        *,
        throttle: Throttle | None,
        sparing: Sparing,
        event: str,
        is_frank: bool = False,
    ) -> None:
        self._providers = tuple(providers)
        self._secrets = secrets
        self._limit = limit
        self._follow = follow
        self._throttle = throttle
        self._sparing = sparing
        self._event = event
        self._is_frank = is_frank
        self._budget = Budget(SMALL_BYTES, LARGE_BYTES)

    def provider_of(self, request: web.BaseRequest) -> tuple[Asked, Provider] | None:
        """Who says that a request is theirs."""
        asked = Asked(request.headers, lambda: request.query, self._secrets)
        provider = next((each for each in self._providers if each.recognises(asked)), None)
        return None if provider is None else (asked, provider)

    async def answer(self, request: web.BaseRequest, asked: Asked, provider: Provider) -> Answer:
        """What becomes of a POST."""
        name, megabytes = type(provider).__name__, self._limit()
        try:
            proof = provider.verify(asked)
            if not proof.is_signed:
                megabytes = min(megabytes, UNSIGNED_MB)
                if self._throttle is not None and not self._throttle.allows_sender(request.remote or ""):
                    return answer.TOO_MANY
            told = await self._read(request, provider, proof, megabytes << 20)
            return await self._follow(request, Taken(name, told, is_signed=proof.is_signed))
        except NotVerifiedError as error:
            refused = f"{self._event}.refused"
            self._sparing.say(log.warning, refused, provider=name, reason=str(error), security=3)
            if isinstance(provider, GitHubPackages | DockerHub):
                return answer.UNAUTHORIZED
            is_told = self._is_frank or isinstance(error, SecretNeededError)
            return answer.failed(str(error) if is_told else "")
        except BusyError:
            return answer.BUSY
        except (UnreadableError, BodyError) as error:
            reason = str(error)[:SHOWN]
            self._sparing.say(log.info, f"{self._event}.unreadable", provider=name, reason=reason)
            is_none = isinstance(error, NotJsonError | BodyError)
            return answer.not_json(megabytes) if is_none else answer.failed(reason if self._is_frank else "")

    async def _read(
        self, request: web.BaseRequest, provider: Provider, proof: Proof, limit: int
    ) -> tuple[Told, ...]:
        async with received(request, limit, self._budget, watch=proof.update) as body:
            if not body:
                raise NotJsonError("there is no body")
            proof.require()
            return provider.read(request.headers, body)
