"""What is told again of a failure that lasts: nothing, unless it did not get out."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from fairlead.bus import Bus, BusUnavailableError
from fairlead.bus.publish import Publication
from fairlead.events import Cause, Event, Look, ManifestsRendered, RenderFailure, RenderLevel, SourcesWanted
from fairlead.git.revisions import Resolved
from fairlead.repo_server.answering.announce import Announcer, Told
from fairlead.repo_server.answering.answers import Answers
from fairlead.repo_server.remotes.declared import AppKey
from fairlead.repo_server.rendering.located import Located

WISH = SourcesWanted(namespace="argocd", name="web", instance="web", project="default", sources=())
LOCATED = Located(repository=cast(Any, None), resolved=Resolved(commit="c1"), look=Look())
RETRY = Told(wish=WISH, level=RenderLevel.RESOLVE, cause=Cause.RETRY)


class Outage(Bus):
    """A connection whose stream or whose public events may be away."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.public = 0
        self.is_away = False
        self.is_mute = False

    def on_wipe(self, callback: Callable[[], None]) -> None:
        del callback

    async def publish(self, subject: str, event: Event, *, message_id: str = "") -> int:
        del subject, message_id
        if self.is_away:
            raise BusUnavailableError("away")
        assert isinstance(event, ManifestsRendered)
        self.answers.append(event.failure.message if event.failure else event.digest)
        return len(self.answers)

    async def tell(self, publication: Publication) -> None:
        del publication
        if self.is_mute:
            raise BusUnavailableError("mute")
        self.public += 1


async def fail(announcer: Announcer, message: str) -> None:
    await announcer.failed(RETRY, RenderFailure(message=message), (LOCATED,), ())


async def test_a_failure_that_lasts_is_told_once() -> None:
    bus = Outage()
    announcer = Announcer(bus, Answers(bus))
    for message in ("a", "a", "b", "b"):
        await fail(announcer, message)
    assert bus.answers == ["a", "b"]
    assert bus.public == 2


async def test_a_new_failure_whose_answer_did_not_get_out_is_told_at_the_next_attempt() -> None:
    bus = Outage()
    announcer = Announcer(bus, Answers(bus))
    await fail(announcer, "a")
    bus.is_away = True
    with pytest.raises(BusUnavailableError):
        await fail(announcer, "b")
    bus.is_away = False
    await fail(announcer, "b")
    assert bus.answers == ["a", "b"]
    assert bus.public == 2, "those who listen heard it the first time"
    last = announcer.last(AppKey("argocd", "web"))
    assert last is not None and last.failure is not None and last.failure.message == "b"


async def test_a_public_event_that_did_not_get_out_is_told_at_the_next_attempt() -> None:
    bus = Outage()
    announcer = Announcer(bus, Answers(bus))
    bus.is_mute = True
    with pytest.raises(BusUnavailableError):
        await fail(announcer, "a")
    bus.is_mute = False
    await fail(announcer, "a")
    assert (bus.public, bus.answers) == (1, ["a"])
