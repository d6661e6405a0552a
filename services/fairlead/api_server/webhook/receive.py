"""The webhook of the API: what was pushed becomes an event, and wakes the ApplicationSets that it concerns.

The invariant: 200 is said only when the stream has the event and the sets have their annotation, so that a
provider may trust it.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from aiohttp import web

from fairlead.api_server.counts import WEBHOOKS, WEBHOOKS_IN_FLIGHT
from fairlead.api_server.rest.canned import Canned
from fairlead.api_server.rest.connection import Answers
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.webhook.checks import MAX_REFS, Checks, Publisher
from fairlead.api_server.webhook.sets import Sets
from fairlead.bus.errors import BusUnavailableError
from fairlead.events.public import Publication, PublicEventType, repository_event
from fairlead.events.story import PullRequestChangedData
from fairlead.events.trace import HEADER, Trace, current, following
from fairlead.kube.errors import KubeError
from fairlead.matching.webhook import repository_named
from fairlead.webhooks import answer
from fairlead.webhooks.answer import Answer
from fairlead.webhooks.plain import Plain
from fairlead.webhooks.provider import Secrets, require
from fairlead.webhooks.push import Push, Told
from fairlead.webhooks.receive import PROVIDERS, SHOWN, Receiver, Taken
from fairlead.webhooks.sparing import Sparing
from fairlead.webhooks.throttle import Throttle

log = structlog.get_logger(__name__)

PUBLISH_SECONDS = 5.0
SERVICE = "api-server"


class Bus(Publisher, Protocol):
    """The parts of the bus that are used."""

    async def tell(self, publication: Publication) -> None:
        """Raises BusUnavailableError."""


class Webhook:
    """Receives webhooks. `limit` gives the largest body in MB, `secrets` the values of `argocd-secret`,
    `is_followed` whether an application names a repository, `sets` the ApplicationSets. `is_local` says that
    the API is served to this machine alone: then the plain form needs no secret, and nobody is throttled."""

    def __init__(
        self,
        publish: Bus,
        secrets: Secrets,
        limit: Callable[[], int],
        is_followed: Callable[[str], bool],
        *,
        sets: Sets | None = None,
        is_local: bool = False,
    ) -> None:
        self._checks = Checks(publish)
        self._bus = publish
        self._is_followed = is_followed
        self._sets = sets
        self._throttle = None if is_local else Throttle()
        self._sparing = Sparing()
        self._receiver = Receiver(
            (*PROVIDERS, Plain(is_open=is_local)),
            secrets,
            limit,
            self._follow,
            throttle=self._throttle,
            sparing=self._sparing,
            event="api.webhook",
        )

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
        known = self._receiver.provider_of(request)
        if known is None:
            return answer.STRANGE
        asked, provider = known
        with WEBHOOKS_IN_FLIGHT.track_inprogress():
            found = await self._receiver.answer(request, asked, provider)
        WEBHOOKS.labels(type(provider).__name__, str(found.status)).inc()
        return found

    async def _follow(self, request: web.BaseRequest, taken: Taken) -> Answer:
        with following(Trace.parse(request.headers.get(HEADER))):
            return await self._published(taken)

    async def _published(self, taken: Taken) -> Answer:
        asked: dict[str, tuple[str, ...]] = {}
        requests: list[str] = []
        limited = False
        of_sets = self._sets.concerned(taken.told) if self._sets is not None else []
        for repository, refs, is_push in _named(taken.told):
            is_known = self._is_followed(repository)
            is_followed = is_push and is_known
            if not is_known and not of_sets:
                shown = {"provider": taken.provider, "repository": repository[:SHOWN], "refs": len(refs)}
                self._sparing.say(log.info, "api.webhook.ignored", **shown)
            elif self._is_too_often(repository, taken):
                limited = True
            elif is_followed:
                asked[repository] = refs
            elif is_known:
                requests.append(repository)
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._ask(asked)
                for repository in requests:
                    await self._bus.tell(_changed(repository, taken.provider))
                if self._sets is not None and of_sets and not limited:
                    await self._sets.wake(of_sets)
        except (BusUnavailableError, KubeError, TimeoutError):
            self._sparing.say(log.warning, "api.webhook.discarded", provider=taken.provider)
            return answer.BUSY
        return answer.TOO_MANY if limited else answer.TAKEN

    def _is_too_often(self, repository: str, taken: Taken) -> bool:
        if self._throttle is None or taken.is_signed:
            return False
        return not self._throttle.allows_repository(repository)

    async def _ask(self, asked: dict[str, tuple[str, ...]]) -> None:
        if len(asked) == 1:
            await self._checks.ask(*next(iter(asked.items())))
        else:
            await asyncio.gather(*(self._checks.ask(*one) for one in asked.items()))


def _changed(repository: str, provider: str) -> Publication:
    return repository_event(
        PublicEventType.PULL_REQUEST_CHANGED,
        service=SERVICE,
        repository=repository,
        trace=current(),
        data=PullRequestChangedData(provider=provider),
    )


def _named(told: tuple[Told, ...]) -> list[tuple[str, tuple[str, ...], bool]]:
    """Each repository once, under every identity its addresses have, its refs, and whether something was
    pushed to it. Raises UnreadableError when what is told has addresses and none of them names a repository.
    """
    found: dict[str, tuple[str, tuple[str, ...], bool]] = {}
    for each in told:
        named = [repository for url in each.urls if (repository := repository_named(url))]
        require(named, "address that names a repository")
        is_push = isinstance(each, Push)
        refs = each.refs if isinstance(each, Push) and len(each.refs) <= MAX_REFS else ()
        for repository in named:
            found.setdefault(repository, (repository, refs, is_push))
    return list(found.values())
