"""What is believed and not stood behind is asked for, ever more seldom while that teaches nothing."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.rendering import level as level_module
from fairlead.app_controller.rendering.level import Level
from fairlead.bus import Bus, BusUnavailableError
from fairlead.events import RepositorySource, SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.model.application import AppId
from fairlead.model.decode import decode_application
from fairlead.rpc import beliefs
from fairlead.rpc.beliefs import CompareBeliefs, ComparedBeliefs

REPO = "https://git.example/team/config.git"


class Owner:
    """In place of the bus: the owner of every repository, who stands behind nothing."""

    def __init__(self) -> None:
        self.is_away = False
        self.questions: list[CompareBeliefs] = []

    async def request(self, _: str, payload: bytes, **__: float) -> bytes:
        if self.is_away:
            raise BusUnavailableError("away")
        asked = decode(CompareBeliefs, payload)
        self.questions.append(asked)
        return encode(
            ComparedBeliefs(
                differing=tuple(one.repository for one in asked.repositories),
                unknown=b"".join(one.beliefs for one in asked.repositories),
            )
        )


def level_of(book: Book, owner: Any, asked: list[AppId], owns: Callable[[Record], bool]) -> Level:
    return Level(
        owner,
        book,
        owns=owns,
        is_held=lambda _: False,
        requeue=asked.append,
        confirmed=lambda _: None,
        period=lambda: 1.0,
        settle=0.0,
    )


@pytest.fixture
def book() -> Book:
    found = Book("argocd")
    for name in ("ours", "theirs"):
        body = {
            "metadata": {"namespace": "argocd", "name": name},
            "spec": {"source": {"repoURL": REPO, "path": "."}, "destination": {"namespace": "x"}},
        }
        record = found.open(decode_application(msgspec.json.encode(body)))
        record.wanted.wish = SourcesWanted(
            namespace="argocd",
            name=name,
            instance=name,
            project="default",
            sources=(RepositorySource(repo_url=REPO),),
        )
        record.wanted.digest = record.wanted.wish.digest
        record.wanted.is_stored = True
    return found


async def test_one_that_is_never_stood_behind_is_asked_for_ever_more_seldom(book: Book) -> None:
    asked: list[AppId] = []
    level = level_of(book, Owner(), asked, lambda record: record.id.name == "ours")
    after = []
    for _ in range(24):
        await level.compare()
        after.append(len(asked))
    assert {app_id.name for app_id in asked} == {"ours"}
    assert after[:8] == [1, 2, 2, 3, 3, 3, 3, 4]
    assert after[-1] == 6
    assert not book.by_instance("ours").wanted.is_stored  # type: ignore[union-attr]


async def test_what_is_under_way_already_is_not_asked_for(book: Book) -> None:
    asked: list[AppId] = []
    for record in book:
        record.wanted.asked_at = 1.0
    await level_of(book, Owner(), asked, lambda _: True).compare()
    assert asked == []


async def test_while_the_owner_is_away_nothing_is_asked_for(book: Book) -> None:
    asked: list[AppId] = []
    owner = Owner()
    owner.is_away = True
    await level_of(book, owner, asked, lambda _: True).compare()
    assert asked == []


async def test_a_question_that_would_be_too_large_is_several(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beliefs, "MOST_BYTES", beliefs.SIZE)
    owner, asked = Owner(), list[AppId]()
    await level_of(book, owner, asked, lambda _: True).compare()
    assert len(asked) == 2
    assert [[len(one.beliefs) for one in question.repositories] for question in owner.questions] == [
        [0],
        [beliefs.SIZE],
        [beliefs.SIZE],
    ]


class Starting(Owner):
    """Says nothing twice, and then that it stands behind everything."""

    async def request(self, _: str, payload: bytes, **__: float) -> bytes:
        asked = decode(CompareBeliefs, payload)
        self.questions.append(asked)
        unsaid = tuple(one.repository for one in asked.repositories) if len(self.questions) < 3 else ()
        return encode(ComparedBeliefs(unsaid=unsaid))


async def test_what_is_only_remembered_is_put_to_the_owners_until_they_speak(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level_module, "FIRST_PAUSE", 0.01)
    owner, asked = Starting(), list[AppId]()
    level = Level(
        cast(Bus, owner),
        book,
        owns=lambda _: True,
        is_held=lambda _: False,
        requeue=asked.append,
        confirmed=lambda _: None,
        period=lambda: 3600.0,
    )
    level.remembered()
    running = asyncio.create_task(level.run())
    async with asyncio.timeout(60):
        while len(owner.questions) < 3:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    running.cancel()
    assert len(owner.questions) == 3
    assert asked == []
