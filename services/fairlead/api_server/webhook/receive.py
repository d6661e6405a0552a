"""The stages of a webhook: recognise, read within bounds, verify, parse, publish, answer.

The invariant: 200 is said only when the stream has the event, so a provider may trust it.
"""

import asyncio
from collections.abc import Callable

import structlog
from aiohttp import web

from fairlead.api_server.calls.body import BodyError, Budget, BusyError, received
from fairlead.api_server.counts import WEBHOOKS, WEBHOOKS_IN_FLIGHT
from fairlead.api_server.rest.canned import Canned
from fairlead.api_server.rest.connection import Answers
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.webhook import answer
from fairlead.api_server.webhook.answer import Answer
from fairlead.api_server.webhook.azure import AzureDevOps
from fairlead.api_server.webhook.bitbucket import BitbucketCloud, BitbucketServer
from fairlead.api_server.webhook.checks import MAX_REFS, SHOWN, Checks, Publisher
from fairlead.api_server.webhook.errors import (
    NotJsonError,
    NotVerifiedError,
    SecretNeededError,
    UnreadableError,
)
from fairlead.api_server.webhook.github import GitHub
from fairlead.api_server.webhook.gitlab import GitLab
from fairlead.api_server.webhook.gogs import Gogs
from fairlead.api_server.webhook.plain import Plain
from fairlead.api_server.webhook.provider import Asked, Provider, Secrets, require
from fairlead.api_server.webhook.push import Push
from fairlead.api_server.webhook.registries import DockerHub, GitHubPackages, Harbor
from fairlead.api_server.webhook.sparing import Sparing
from fairlead.api_server.webhook.throttle import Throttle
from fairlead.api_server.webhook.verify import Proof
from fairlead.bus.errors import BusUnavailableError
from fairlead.events.trace import HEADER, Trace, following
from fairlead.matching.webhook import repository_named

log = structlog.get_logger(__name__)

PROVIDERS: tuple[Provider, ...] = (
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
"""In the order of their detection (contract 15); the plain form comes last."""

SMALL_BYTES, LARGE_BYTES = 32 << 20, 64 << 20
"""Bytes of bodies held at once: of their first MB each, and beyond it. A signed body may have
`webhook.maxPayloadSizeMB`, so that at least one of the default size fits."""
UNSIGNED_MB = 2
"""Largest body of a sender who proves nothing; a push of a thousand commits has less than one."""
PUBLISH_SECONDS = 5.0


class Webhook:
    """Receives webhooks. `limit` gives the largest body in MB, `secrets` the values of `argocd-secret`,
    `is_followed` whether an application names a repository. `is_local` says that the API is served to this
    machine alone: then the plain form needs no secret, and nobody is throttled."""

    def __init__(
        self,
        publish: Publisher,
        secrets: Secrets,
        limit: Callable[[], int],
        is_followed: Callable[[str], bool],
        *,
        is_local: bool = False,
    ) -> None:
        self._checks = Checks(publish)
        self._secrets = secrets
        self._limit = limit
        self._is_followed = is_followed
        self._providers = (*PROVIDERS, Plain(is_open=is_local))
        self._budget = Budget(SMALL_BYTES, LARGE_BYTES)
        self._throttle = None if is_local else Throttle()
        self._sparing = Sparing()

    @property
    def handler(self) -> Handler:
        """The handler of the path, whatever it is asked."""

        async def handle(request: web.Request) -> web.StreamResponse:
            found = answer.NOT_A_POST if request.method != "POST" else await self.answer(request)
            headers = dict([found.header]) if found.header else None
            return web.Response(status=found.status, text=found.text, headers=headers)

        return handle

    def door(self, *, secure: bool) -> Answers:
        """What answers a POST to the path when nothing else is to be done for it. `secure` is over TLS."""

        async def answered(request: web.BaseRequest) -> web.StreamResponse:
            found = await self.answer(request)
            headers = (found.header,) if found.header else ()
            return Canned(found.status, found.text, headers, secure=secure)

        return answered

    async def answer(self, request: web.BaseRequest) -> Answer:
        """What becomes of a POST."""
        asked = Asked(request.headers, lambda: request.query, self._secrets)
        provider = next((each for each in self._providers if each.recognises(asked)), None)
        if provider is None:
            return answer.STRANGE
        with WEBHOOKS_IN_FLIGHT.track_inprogress():
            found = await self._answered(request, asked, provider)
        WEBHOOKS.labels(type(provider).__name__, str(found.status)).inc()
        return found

    async def _answered(self, request: web.BaseRequest, asked: Asked, provider: Provider) -> Answer:
        name, megabytes = type(provider).__name__, self._limit()
        try:
            proof = provider.verify(asked)
            if not proof.is_signed:
                megabytes = min(megabytes, UNSIGNED_MB)
                if self._throttle is not None and not self._throttle.allows_sender(request.remote or ""):
                    return answer.TOO_MANY
            pushes = await self._read(request, provider, proof, megabytes << 20)
            with following(Trace.parse(request.headers.get(HEADER))):
                return await self._published(name, pushes, is_signed=proof.is_signed)
        except NotVerifiedError as error:
            self._sparing.say(
                log.warning, "api.webhook.refused", provider=name, reason=str(error), security=3
            )
            if isinstance(provider, GitHubPackages | DockerHub):
                return answer.UNAUTHORIZED
            return answer.failed(str(error) if isinstance(error, SecretNeededError) else "")
        except BusyError:
            return answer.BUSY
        except (UnreadableError, BodyError) as error:
            reason = str(error)[:SHOWN]
            self._sparing.say(log.info, "api.webhook.unreadable", provider=name, reason=reason)
            is_none = isinstance(error, NotJsonError | BodyError)
            return answer.not_json(megabytes) if is_none else answer.failed()

    async def _read(
        self, request: web.BaseRequest, provider: Provider, proof: Proof, limit: int
    ) -> tuple[Push, ...]:
        async with received(request, limit, self._budget, watch=proof.update) as body:
            if not body:
                raise NotJsonError("there is no body")
            proof.require()
            return provider.read(request.headers, body)

    async def _published(self, provider: str, pushes: tuple[Push, ...], *, is_signed: bool) -> Answer:
        asked: dict[str, tuple[str, ...]] = {}
        limited = False
        for repository, refs in _named(pushes):
            if not self._is_followed(repository):
                shown = {"provider": provider, "repository": repository[:SHOWN], "refs": len(refs)}
                self._sparing.say(log.info, "api.webhook.ignored", **shown)
            elif self._throttle and not is_signed and not self._throttle.allows_repository(repository):
                limited = True
            else:
                asked[repository] = refs
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._ask(asked)
        except (BusUnavailableError, TimeoutError):
            self._sparing.say(log.warning, "api.webhook.discarded", provider=provider)
            return answer.BUSY
        return answer.TOO_MANY if limited else answer.TAKEN

    async def _ask(self, asked: dict[str, tuple[str, ...]]) -> None:
        if len(asked) == 1:
            await self._checks.ask(*next(iter(asked.items())))
        else:
            await asyncio.gather(*(self._checks.ask(*one) for one in asked.items()))


def _named(pushes: tuple[Push, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Each repository once, under every identity its addresses have. Raises UnreadableError when a push has
    addresses and none of them names a repository."""
    found: dict[str, tuple[str, ...]] = {}
    for push in pushes:
        refs = push.refs if len(push.refs) <= MAX_REFS else ()
        named = [repository for url in push.urls if (repository := repository_named(url))]
        require(named, "address that names a repository")
        for repository in named:
            found.setdefault(repository, refs)
    return list(found.items())
