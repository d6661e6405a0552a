"""`POST /api/webhook` on a port of its own (contract 15): pushes, pull requests and artifacts wake sets.

Invariant: 200 is said once every set that is concerned has its annotation.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web

from fairlead.applicationset_controller.counts import WEBHOOKS
from fairlead.applicationset_controller.hearing.secrets import WebhookSecrets
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.matching.generators import Interest, Interested, Name, interests
from fairlead.matching.webhook import repository_named
from fairlead.model.applicationset import ApplicationSet
from fairlead.webhooks import answer
from fairlead.webhooks.answer import Answer
from fairlead.webhooks.azure import AzureDevOps
from fairlead.webhooks.bitbucket import BitbucketCloud, BitbucketServer
from fairlead.webhooks.github import GitHub
from fairlead.webhooks.gitlab import GitLab
from fairlead.webhooks.gogs import Gogs
from fairlead.webhooks.happenings import happenings
from fairlead.webhooks.provider import Provider
from fairlead.webhooks.receive import Receiver, Taken
from fairlead.webhooks.refresh import Refreshes
from fairlead.webhooks.registries import DockerHub, GitHubPackages, Harbor
from fairlead.webhooks.sparing import Sparing
from fairlead.webhooks.throttle import Throttle

log = structlog.get_logger(__name__)

PATH: Final = "/api/webhook"
PROVIDERS: Final[tuple[Provider, ...]] = (
    GitHubPackages(),
    Harbor(),
    DockerHub(),
    Gogs(),
    GitHub(),
    GitLab(),
    AzureDevOps(),
    BitbucketCloud(),
    BitbucketServer(),
)
"""Registries first (contract 15); Gitea sets GitHub's headers, too."""
MOST_WAITING: Final = 1000
"""Webhooks that wait for a worker; more are answered 503, and sent again."""
SECONDS: Final = 10.0
"""Seconds within which the sets are annotated, or it is not taken."""

Known = Callable[[], Iterable[ApplicationSet]]


class Webhook:
    """`sets` gives those of this moment; `workers` is how many webhooks are worked on at once."""

    def __init__(self, client: KubeClient, namespace: str, sets: Known, *, workers: int) -> None:
        self._sets = sets
        self._secrets = WebhookSecrets(client, namespace)
        self._refreshes = Refreshes(client)
        self._interested = Interested()
        self._seen: dict[Name, tuple[str, frozenset[Interest]]] = {}
        self._workers = asyncio.Semaphore(workers)
        self._waiting = 0
        self._throttle = Throttle()
        self._sparing = Sparing()
        self._receiver = Receiver(
            PROVIDERS,
            self._secrets.value,
            lambda: self._secrets.limit_mb,
            self._follow,
            throttle=self._throttle,
            sparing=self._sparing,
            event="sets.webhook",
            is_frank=True,
        )

    async def answer(self, request: web.BaseRequest) -> Answer:
        """What becomes of a request."""
        if request.method != "POST":
            return answer.NOT_A_POST
        if self._waiting >= MOST_WAITING:
            return answer.BUSY
        self._waiting += 1
        try:
            async with self._workers:
                return await self._answered(request)
        finally:
            self._waiting -= 1

    async def _answered(self, request: web.BaseRequest) -> Answer:
        try:
            await self._secrets.bring_up_to_date()
        except KubeError as error:
            self._sparing.say(log.warning, "sets.webhook.discarded", reason=str(error))
            return answer.BUSY
        known = self._receiver.provider_of(request)
        if known is None:
            return answer.STRANGE
        asked, provider = known
        found = await self._receiver.answer(request, asked, provider)
        WEBHOOKS.labels(type(provider).__name__, str(found.status)).inc()
        return found

    async def _follow(self, _: web.BaseRequest, taken: Taken) -> Answer:
        names = self._concerned(taken)
        if not names:
            return answer.TAKEN
        if not taken.is_signed and not self._allows(taken):
            return answer.TOO_MANY
        try:
            async with asyncio.timeout(SECONDS):
                await self._refreshes.ask(names)
        except (KubeError, TimeoutError) as error:
            self._sparing.say(log.warning, "sets.webhook.discarded", reason=str(error))
            return answer.BUSY
        self._sparing.say(log.info, "sets.webhook.accepted", provider=taken.provider, sets=len(names))
        return answer.TAKEN

    def _allows(self, taken: Taken) -> bool:
        named = {repository_named(url) for each in taken.told for url in each.urls if url}
        return all(self._throttle.allows_repository(name) for name in named)

    def _concerned(self, taken: Taken) -> list[Name]:
        self._bring_up_to_date()
        found = (name for each in happenings(taken.told) for name in self._interested.of(each))
        return list(dict.fromkeys(found))

    def _bring_up_to_date(self) -> None:
        """Only what changed is read again."""
        now: set[Name] = set()
        for aset in self._sets():
            metadata = aset.metadata
            name, version = (metadata.namespace, metadata.name), f"{metadata.uid}/{metadata.generation}"
            now.add(name)
            seen = self._seen.get(name)
            if seen is None or seen[0] != version:
                self._seen[name] = version, interests(aset.spec.generators)
                self._interested.put(name, self._seen[name][1])
        for gone in self._seen.keys() - now:
            del self._seen[gone]
            self._interested.drop(gone)


@asynccontextmanager
async def served(webhook: Webhook, *, address: str, port: int) -> AsyncIterator[int]:
    """Open the door while the block runs; the port it is on."""

    async def handle(request: web.Request) -> web.StreamResponse:
        found = await webhook.answer(request)
        headers = dict([found.header]) if found.header else None
        return web.Response(status=found.status, text=found.text, headers=headers)

    app = web.Application(client_max_size=1)
    app.router.add_route("*", PATH, handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, address, port).start()
        log.info("sets.webhook.listening", address=address, port=runner.addresses[0][1])
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
