"""What is remembered of told answers, and how much is asked to know whether they are still there."""

from collections.abc import Callable

import pytest

from fairlead.bus import Bus
from fairlead.bus.topology import Stream
from fairlead.events import Event, ManifestsRendered
from fairlead.repo_server.answering import answers as module
from fairlead.repo_server.answering.answers import Answers
from fairlead.repo_server.remotes.declared import AppKey


class Forgetful(Bus):
    """A stream in memory that counts who asks."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self.position = 0
        self.asked = 0

    def on_wipe(self, callback: Callable[[], None]) -> None:
        del callback

    async def publish(self, subject: str, event: Event, *, message_id: str = "") -> int:
        del event, message_id
        self.position += 1
        self.held[subject] = self.position
        return self.position

    async def newest(self, stream: Stream, subject: str) -> int:
        del stream
        self.asked += 1
        return self.held.get(subject, 0)


async def tell(answers: Answers, *numbers: int) -> None:
    for number in numbers:
        name = f"a{number}"
        event = ManifestsRendered(namespace="argocd", name=name, sources_digest="wish")
        await answers.tell(AppKey("argocd", name), name, event)


async def test_two_questions_are_asked_whatever_the_number_of_applications() -> None:
    bus = Forgetful()
    answers = Answers(bus)
    await tell(answers, *range(1000))
    assert not await answers.is_any_lost()
    assert bus.asked <= 2
    del bus.held["a999"]
    assert await answers.is_any_lost()


async def test_a_loss_anywhere_is_found_by_chance() -> None:
    bus = Forgetful()
    answers = Answers(bus)
    await tell(answers, *range(4))
    del bus.held["a1"]
    assert any([await answers.is_any_lost() for _ in range(200)])


async def test_a_position_that_was_given_before_tells_of_a_loss() -> None:
    bus = Forgetful()
    answers = Answers(bus)
    await tell(answers, *range(10))
    assert not answers.doubted.is_set()
    bus.position = 3
    await tell(answers, 10)
    assert answers.doubted.is_set()
    answers.doubted.clear()
    await tell(answers, 11)
    assert not answers.doubted.is_set()


async def test_what_answers_an_older_wish_or_is_still_there_is_not_told_again() -> None:
    bus = Forgetful()
    answers = Answers(bus)
    await tell(answers, 0, 1)
    first = AppKey("argocd", "a0")
    assert not await answers.tell_again(first, "wish")
    del bus.held["a0"]
    assert not await answers.tell_again(first, "another wish")
    assert await answers.tell_again(first, "wish")
    assert bus.held["a0"] == 3
    assert not await answers.is_lost(first)


async def test_what_the_stream_forgets_by_itself_is_neither_missed_nor_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus = Forgetful()
    answers = Answers(bus)
    await tell(answers, *range(10))
    bus.held.clear()
    monkeypatch.setattr(module, "LASTING", 0.0)
    assert not await answers.is_any_lost()
    assert answers.lasting() == ()
    await tell(answers, 10)
    assert list(answers._kept) == [AppKey("argocd", "a10")]
