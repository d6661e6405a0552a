"""The stages of a webhook: recognise, read within bounds, verify, parse, publish, answer.

The invariant: 200 is said only when the stream has the event, so a provider may trust it.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from aiohttp import web

from fairlead.api_server.calls.body import BodyError, Budget, BusyError, received
from fairlead.api_server.counts import WEBHOOKS, WEBHOOKS_IN_FLIGHT
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.webhook.azure import AzureDevOps
from fairlead.api_server.webhook.bitbucket import BitbucketCloud, BitbucketServer
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
from fairlead.api_server.webhook.provider import Provider, Secrets, require
from fairlead.api_server.webhook.push import Push
from fairlead.api_server.webhook.throttle import Throttle
from fairlead.api_server.webhook.verify import Proof
from fairlead.bus.errors import BusUnavailableError
from fairlead.events import subjects
from fairlead.events.revision_check import RevisionCheck
from fairlead.matching.webhook import repository_named

log = structlog.get_logger(__name__)

PROVIDERS: tuple[Provider, ...] = (
    AzureDevOps(),
    Gogs(),
    GitHub(),
    GitLab(),
    BitbucketCloud(),
    BitbucketServer(),
)
"""In the order of their detection (contract 15); the plain form comes last."""

SMALL_BYTES, LARGE_BYTES = 32 << 20, 64 << 20
"""Bytes of bodies held at once: of their first MB each, and beyond it. A signed body may have
`webhook.maxPayloadSizeMB`, so that at least one of the default size fits."""
UNSIGNED_MB = 2
"""Largest body of a sender who proves nothing; a push of a thousand commits has less than one."""
PUBLISH_SECONDS = 5.0
MAX_REFS = 100
"""Refs carried in one event; more ask for all."""
SHOWN = 200
"""Characters of an address in a log."""

FAILED = "Webhook processing failed"
UNKNOWN = "Unknown webhook event"
FULL = "Queue is full, discarding webhook payload"


class Publisher(Protocol):
    """The part of the bus that is used."""

    async def publish(self, subject: str, event: RevisionCheck) -> object:
        """Raises BusUnavailableError."""


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
        self._bus = publish
        self._secrets = secrets
        self._limit = limit
        self._is_followed = is_followed
        self._providers = (*PROVIDERS, Plain(is_open=is_local))
        self._budget = Budget(SMALL_BYTES, LARGE_BYTES)
        self._throttle = None if is_local else Throttle()

    @property
    def handler(self) -> Handler:
        """The handler of the path."""
        return self._handle

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405, text=FAILED, headers={"Allow": "POST"})
        provider = next((each for each in self._providers if each.recognises(request.headers)), None)
        if provider is None:
            return web.Response(status=400, text=UNKNOWN)
        with WEBHOOKS_IN_FLIGHT.track_inprogress():
            answer = await self._answered(request, provider)
        WEBHOOKS.labels(type(provider).__name__, str(answer.status)).inc()
        return answer

    async def _answered(self, request: web.Request, provider: Provider) -> web.Response:
        name, megabytes = type(provider).__name__, self._limit()
        try:
            proof = provider.verify(request.headers, self._secrets)
            if not proof.is_signed:
                megabytes = min(megabytes, UNSIGNED_MB)
                if self._throttle is not None and not self._throttle.allows_sender(request.remote or ""):
                    return _too_many()
            pushes = await self._read(request, provider, proof, megabytes << 20)
            return await self._published(name, pushes, is_signed=proof.is_signed)
        except NotVerifiedError as error:
            log.warning("api.webhook.refused", provider=name, reason=str(error), security=3)
            if request.headers.get("X-GitHub-Event") == "package":
                return web.Response(status=401, text="Unauthorized")
            return _failed(f": {error}" if isinstance(error, SecretNeededError) else "")
        except BusyError:
            return web.Response(status=503, text=FULL)
        except (UnreadableError, BodyError) as error:
            log.info("api.webhook.unreadable", provider=name, reason=str(error)[:SHOWN])
            return _not_json(megabytes) if isinstance(error, NotJsonError | BodyError) else _failed()

    async def _read(
        self, request: web.Request, provider: Provider, proof: Proof, limit: int
    ) -> tuple[Push, ...]:
        async with received(request, limit, self._budget, watch=proof.update) as body:
            if not body:
                raise NotJsonError("there is no body")
            proof.require()
            return provider.read(request.headers, body)

    async def _published(self, provider: str, pushes: tuple[Push, ...], *, is_signed: bool) -> web.Response:
        limited = False
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                for repository, refs in _checks(pushes):
                    shown = {"provider": provider, "repository": repository[:SHOWN], "refs": len(refs)}
                    if not self._is_followed(repository):
                        log.info("api.webhook.ignored", **shown)
                    elif (
                        self._throttle and not is_signed and not self._throttle.allows_repository(repository)
                    ):
                        limited = True
                    else:
                        event = RevisionCheck(repository=repository, refs=refs)
                        await self._bus.publish(subjects.revision_check(repository), event)
                        log.info("api.webhook.accepted", **shown)
        except (BusUnavailableError, TimeoutError):
            log.warning("api.webhook.discarded", provider=provider)
            return web.Response(status=503, text=FULL)
        return _too_many() if limited else web.Response(status=200)


def _checks(pushes: tuple[Push, ...]) -> list[tuple[str, tuple[str, ...]]]:
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


def _not_json(megabytes: int) -> web.Response:
    text = f"{FAILED}: payload must be valid JSON under {megabytes} MB"
    return web.Response(status=400, text=text)


def _failed(more: str = "") -> web.Response:
    return web.Response(status=400, text=FAILED + more)


def _too_many() -> web.Response:
    """Providers show it as failed; the poll finds what moved."""
    return web.Response(
        status=429, text=f"{FAILED}: too many unsigned requests", headers={"Retry-After": "5"}
    )
