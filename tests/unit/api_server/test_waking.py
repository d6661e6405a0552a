"""Whoever sends much wakes a set no more often than it may be woken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.api_server.webhook.receive import Webhook
from fairlead.api_server.webhook.sets import Sets
from fairlead.events.public import Publication
from fairlead.events.revision_check import RevisionCheck
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.resource import Resource
from fairlead.secret import Secret
from fairlead.webhooks import refresh
from fairlead.webhooks.push import Told
from fairlead.webhooks.refresh import Name, Refreshes

PULL = b'{"action": "opened", "repository": {"html_url": "https://git.example/team/shop"}}'


class Kube:
    """Takes patches, or fails them."""

    def __init__(self) -> None:
        self.patched: list[str] = []
        self.fails: KubeError | None = None

    async def merge_patch(
        self, resource: Resource, name: str, body: bytes, namespace: str | None = None
    ) -> bytes:
        assert resource.plural == "applicationsets"
        assert b"application-set-refresh" in body
        if self.fails is not None:
            raise self.fails
        self.patched.append(f"{namespace}/{name}")
        return b"{}"


class Everything:
    """One set, which all is about."""

    def __init__(self, kube: Kube) -> None:
        self._refreshes = Refreshes(kube)

    def concerned(self, told: tuple[Told, ...]) -> list[Name]:
        return [("argocd", "previews")] if told else []

    async def wake(self, names: list[Name]) -> None:
        await self._refreshes.ask(names)


class Nobody:
    async def publish(self, _: str, event: RevisionCheck) -> None:
        raise AssertionError(event)

    async def tell(self, publication: Publication) -> None:
        raise AssertionError(publication)


@pytest.fixture
def kube(monkeypatch: pytest.MonkeyPatch) -> Kube:
    monkeypatch.setattr(refresh, "APART", 0.3)
    return Kube()


@pytest_asyncio.fixture
async def url(kube: Kube) -> AsyncIterator[str]:
    sets = cast(Sets, Everything(kube))
    webhook = Webhook(Nobody(), lambda _: Secret(""), lambda: 50, lambda _: False, sets=sets)
    app = web.Application()
    app.router.add_route("*", "/", webhook.handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def send(url: str) -> int:
    headers = {"X-GitHub-Event": "pull_request"}
    async with aiohttp.ClientSession() as http, http.post(url, data=PULL, headers=headers) as answer:
        return answer.status


async def test_a_flood_of_unsigned_pull_requests_is_held_back(url: str, kube: Kube) -> None:
    answers = await asyncio.gather(*(send(url) for _ in range(100)))
    assert set(answers) == {200, 429}
    assert 1 <= len(kube.patched) <= answers.count(200)


async def test_what_cannot_be_written_is_sent_again(url: str, kube: Kube) -> None:
    kube.fails = KubeError("the API server is away")
    assert await send(url) == 503
    kube.fails = NotFoundError("gone")
    assert await send(url) == 200


async def test_events_that_come_together_are_one_look_and_the_last_is_not_lost(kube: Kube) -> None:
    refreshes = Refreshes(kube)
    name = ("argocd", "one")
    await refreshes.ask([name])
    await asyncio.gather(*(refreshes.ask([name, ("argocd", "two")]) for _ in range(50)))
    assert kube.patched.count("argocd/two") == 1
    assert kube.patched.count("argocd/one") == 2


class Heard:
    """A bus that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Publication] = []

    async def publish(self, _: str, event: RevisionCheck) -> None:
        raise AssertionError(event)

    async def tell(self, publication: Publication) -> None:
        self.told.append(publication)


async def test_a_pull_request_is_told_of_where_an_application_follows_its_repository(kube: Kube) -> None:
    bus, followed = Heard(), True
    webhook = Webhook(bus, lambda _: Secret(""), lambda: 50, lambda _: followed, is_local=True)
    app = web.Application()
    app.router.add_route("*", "/", webhook.handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    assert await send(url) == 200
    followed = False
    assert await send(url) == 200
    await runner.cleanup()
    [told] = bus.told
    assert told.subject.startswith("fairlead.v1.repo.")
    assert (told.subject.endswith(".pull-request.changed"), told.event.data) == (True, {"provider": "GitHub"})
    assert kube.patched == []
