"""The stages of a webhook: recognise, read within bounds, verify, parse, publish, answer.

The invariant: 200 is said only when the stream has the event, so a provider may trust it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from aiohttp import web

from fairlead.api_server.counts import WEBHOOKS, WEBHOOKS_IN_FLIGHT
from fairlead.api_server.rest.bind import read_limited
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.webhook.azure import AzureDevOps
from fairlead.api_server.webhook.bitbucket import BitbucketCloud, BitbucketServer
from fairlead.api_server.webhook.errors import NotJsonError, NotVerifiedError, UnreadableError
from fairlead.api_server.webhook.github import GitHub
from fairlead.api_server.webhook.gitlab import GitLab
from fairlead.api_server.webhook.gogs import Gogs
from fairlead.api_server.webhook.plain import Plain
from fairlead.api_server.webhook.provider import Provider, Secrets
from fairlead.api_server.webhook.push import Push
from fairlead.bus.errors import BusUnavailableError
from fairlead.events import subjects
from fairlead.events.revision_check import RevisionCheck
from fairlead.matching.repository import identity

log = structlog.get_logger(__name__)

PROVIDERS: tuple[Provider, ...] = (
    AzureDevOps(),
    Gogs(),
    GitHub(),
    GitLab(),
    BitbucketCloud(),
    BitbucketServer(),
    Plain(),
)
"""In the order of their detection (contract 15)."""

IN_FLIGHT_BODIES = 4
"""How many bodies of the largest size may be held at once, over all webhooks."""
PUBLISH_SECONDS = 5.0
MAX_REFS = 100
"""Refs carried in one event; more ask for all."""

FAILED = "Webhook processing failed"
UNKNOWN = "Unknown webhook event"
FULL = "Queue is full, discarding webhook payload"


class Publisher(Protocol):
    """The part of the bus that is used."""

    async def publish(self, subject: str, event: RevisionCheck) -> None:
        """Raises BusUnavailableError."""


class Webhook:
    """Receives webhooks. `limit` gives the largest body in MB, `secrets` the values of `argocd-secret`."""

    def __init__(
        self,
        publish: Publisher,
        secrets: Secrets,
        limit: Callable[[], int],
        providers: Sequence[Provider] = PROVIDERS,
    ) -> None:
        self._bus = publish
        self._secrets = secrets
        self._limit = limit
        self._providers = providers
        self._held = 0

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
        megabytes = self._limit()
        expected = min(request.content_length or megabytes << 20, megabytes << 20)
        if self._held + expected > IN_FLIGHT_BODIES * (megabytes << 20):
            return web.Response(status=503, text=FULL)
        self._held += expected
        try:
            with WEBHOOKS_IN_FLIGHT.track_inprogress():
                answer = await self._received(request, provider, megabytes)
        finally:
            self._held -= expected
        WEBHOOKS.labels(type(provider).__name__, str(answer.status)).inc()
        return answer

    async def _received(self, request: web.Request, provider: Provider, megabytes: int) -> web.Response:
        try:
            body = await read_limited(request, megabytes << 20)
        except TimeoutError:
            body = None
        if not body:
            return _not_json(megabytes)
        name = type(provider).__name__
        try:
            provider.verify(request.headers, body, self._secrets)
            pushes = provider.read(request.headers, body)
        except NotVerifiedError as error:
            log.warning("api.webhook.refused", provider=name, reason=str(error), security=3)
            is_registry = request.headers.get("X-GitHub-Event") == "package"
            return web.Response(status=401, text="Unauthorized") if is_registry else _failed()
        except UnreadableError as error:
            log.info("api.webhook.unreadable", provider=name, reason=str(error)[:200])
            return _not_json(megabytes) if isinstance(error, NotJsonError) else _failed()
        return await self._published(name, pushes)

    async def _published(self, provider: str, pushes: tuple[Push, ...]) -> web.Response:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                for repository, refs in _checks(pushes):
                    event = RevisionCheck(repository=repository, refs=refs)
                    await self._bus.publish(subjects.revision_check(repository), event)
                    log.info("api.webhook.accepted", provider=provider, repository=repository, refs=refs)
        except (BusUnavailableError, TimeoutError):
            log.warning("api.webhook.discarded", provider=provider)
            return web.Response(status=503, text=FULL)
        return web.Response(status=200)


def _checks(pushes: tuple[Push, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Each repository once, under every identity its addresses have."""
    found: dict[str, tuple[str, ...]] = {}
    for push in pushes:
        refs = push.refs if len(push.refs) <= MAX_REFS else ()
        for url in push.urls:
            repository = identity(url)
            if repository:
                found.setdefault(repository, refs)
    return list(found.items())


def _not_json(megabytes: int) -> web.Response:
    text = f"{FAILED}: payload must be valid JSON under {megabytes} MB"
    return web.Response(status=400, text=text)


def _failed() -> web.Response:
    return web.Response(status=400, text=FAILED)
