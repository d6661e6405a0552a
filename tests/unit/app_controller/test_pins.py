"""Who is asked for the branches of what is pinned, and when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, cast

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.looking.newer import Newer
from fairlead.bus import Bus, Message
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.matching.pins import texts_of
from fairlead.matching.repository import identity
from fairlead.model.decode import decode_application
from fairlead.rpc.followed import FollowedRevision, FollowRevision
from fairlead.rpc.waiting import Pinned

HERE, THERE = "https://git.example/a.git", "https://git.example/b.git"


class Shut(Book):
    """A book that nobody reads whole."""

    def __iter__(self) -> Iterator[Record]:
        raise AssertionError("all applications are looked through")


class Asked:
    """A bus that keeps whom it is asked for; all branches are where they were."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.hears: Any = None

    async def hear(self, _: str, handler: Any) -> None:
        self.hears = handler

    async def request(self, _: str, payload: bytes, **__: float) -> bytes:
        self.urls.append(decode(FollowRevision, payload).repo_url)
        return encode(FollowedRevision(commit="c2", author="", date="", message=""))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.urls) < count:
                await asyncio.sleep(0.001)


def pinned(book: Book, name: str, repo: str, *, newer_than: tuple[str, ...] = ("c2",)) -> Record:
    pin = Pinned(revisions=("c1",), newer_than=newer_than)
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "annotations": texts_of(pin)},
        "spec": {
            "source": {"repoURL": repo, "path": "."},
            "destination": {"server": "https://kubernetes.default.svc"},
        },
    }
    return book.open(decode_application(json.dumps(body).encode()))


async def test_a_commit_leads_to_a_question_for_those_alone_that_are_pinned_to_its_repository() -> None:
    bus, book, passed = Asked(), Shut("argocd"), list[str]()
    newer = Newer(
        cast(Bus, bus), book, owns=lambda _: True, requeue=lambda app_id: passed.append(app_id.name)
    )
    for name, repo in (("here", HERE), ("there", THERE)):
        newer.note(pinned(book, name, repo))
    running = asyncio.create_task(newer.run())
    try:
        await bus.until(2)
        assert sorted(bus.urls) == [HERE, THERE]
        newer.note(pinned(book, "there", THERE))
        subject = subjects.public_repository(identity(HERE), "commit.detected")
        await bus.hears(Message(subject=subject, payload=b""))
        await bus.until(3)
        newer.note(pinned(book, "there", THERE, newer_than=("c0",)))
        await bus.until(4)
        assert bus.urls[2:] == [HERE, THERE]
        async with asyncio.timeout(10):
            while not passed:
                await asyncio.sleep(0.001)
        assert passed == ["there"]
    finally:
        running.cancel()
