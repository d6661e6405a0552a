"""Answers about an application's manifests, held while it cannot be told which of two is the later one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.rendering.renders import ASSURED, Renders
from fairlead.app_controller.rendering.wants import SERVED_AT_LEAST, Wants
from fairlead.bus import Bus, BusUnavailableError, Message
from fairlead.events import Capabilities, Look, ManifestsRendered
from fairlead.events.envelope import encode
from fairlead.model.decode import decode_application
from fairlead.rpc import LookedAtRepository


class _Bus:
    """Answers looks with `answer`, and keeps nothing."""

    def __init__(self) -> None:
        self.answer: LookedAtRepository | None = None
        self.looks = 0
        self.may_answer = asyncio.Event()

    def key_value(self, _: object) -> None:
        return None

    def on_wipe(self, _: Callable[[], None]) -> None:
        pass

    async def request(self, *_: object, **__: object) -> bytes:
        self.looks += 1
        await self.may_answer.wait()
        if self.answer is None:
            raise BusUnavailableError("nobody answers")
        return encode(self.answer)


class _Message:
    def __init__(self, event: ManifestsRendered) -> None:
        self._event = event

    def event(self, _: type) -> ManifestsRendered:
        return self._event


class _Case:
    def __init__(self) -> None:
        self.bus, self.book = _Bus(), Book("argocd")
        bus = cast(Bus, self.bus)
        wants = Wants(bus, self.book, requeue=lambda _: None)
        self.renders = Renders(bus, self.book, wants, owns=lambda _: True, requeue=lambda _: None)
        self.record: Record = self.book.open(decode_application(json.dumps(_APPLICATION).encode()))

    async def hears(self, commit: str, look: Look) -> None:
        event = ManifestsRendered(
            namespace="argocd", name="app", revisions=(commit,), digest=f"of {commit}", looks=(look,)
        )
        await self.renders.handle(cast(Message, _Message(event)))

    @property
    def revisions(self) -> tuple[str, ...]:
        return self.record.render.revisions if self.record.render is not None else ()


_APPLICATION: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "https://git.example/a.git", "path": "."},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "work"},
    },
}


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_what_is_held_is_not_lost_to_an_answer_that_says_nothing_new() -> None:
    for number, commit in ((5, "c1"), (4, "c0")):
        case = _Case()
        running = asyncio.create_task(case.renders.run())
        await case.hears("c1", Look(epoch="a", number=5))
        await case.hears("c2", Look(epoch="b", number=7))
        await case.hears(commit, Look(epoch="a", number=number))
        assert case.revisions == ("c1",)
        case.bus.answer = LookedAtRepository(look=Look(epoch="b", number=8), settled=7)
        case.bus.may_answer.set()
        await _until(lambda case=case: case.revisions == ("c2",))  # type: ignore[misc]
        running.cancel()


async def test_nobody_looks_for_an_application_that_is_gone() -> None:
    case = _Case()
    running = asyncio.create_task(case.renders.run())
    await case.hears("c1", Look(epoch="a", number=0))
    await _until(lambda: case.bus.looks == 1)
    case.book.close(case.record.id)
    case.renders.forget(case.record.id)
    case.bus.may_answer.set()
    await _until(lambda: not case.renders._waiting and not case.renders._begun)
    assert case.bus.looks == 1
    running.cancel()


async def test_repositories_and_clusters_that_came_and_went_leave_nothing_behind() -> None:
    case = _Case()
    case.renders._assure(("https://git.example/kept.git", "default"), _looked(1), 1)
    for number in range(3 * ASSURED):
        case.renders._assure((f"https://git.example/{number}.git", "default"), _looked(1), number)
    assert len(case.renders._assured) == ASSURED
    for number in range(1000):
        serving = Capabilities(kube_version=f"1.{number}")
        cluster = SimpleNamespace(capabilities=serving, capabilities_digest=f"digest-{number}")
        case.record.wanted.wish = case.renders._wants.wish_of(case.record, cast(Cluster, cluster))
        case.renders._wants._told_at[f"digest-{number}"] = 1.0
    assert len(case.renders._wants._served) <= 2 * SERVED_AT_LEAST
    assert len(case.renders._wants._told_at) <= 2 * SERVED_AT_LEAST
    assert "digest-999" in case.renders._wants._served


def _looked(number: int) -> LookedAtRepository:
    return LookedAtRepository(look=Look(epoch="one", number=number), settled=number)
