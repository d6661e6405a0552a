"""An answer is what the settings in force make it, whatever changes while it is made."""

from typing import Any, cast

import pytest

from fairlead.events import Cause, RenderLevel, RepositorySource, SourcesWanted
from fairlead.repo_server.answering.respond import SETTLING, Responder
from fairlead.repo_server.remotes.following import Following

WISH = SourcesWanted(
    namespace="argocd",
    name="web",
    instance="web",
    project="default",
    sources=(RepositorySource(repo_url="https://host/x", path="a"),),
)


class Changing:
    """Renders, while settings change the first few times; takes the parts of all whom the answer concerns."""

    def __init__(self, changes: int) -> None:
        self.changes, self.number = changes, 0
        self.told: list[int] = []
        self.owed: list[object] = []
        self.finished: list[object] = []

    async def produce(self, *_: object) -> int:
        self.number += 1
        return self.number

    def is_bound(self, produced: int) -> bool:
        return produced > self.changes

    async def rendered(self, _: object, produced: int, __: object) -> None:
        self.told.append(produced)

    def owe(self, app: object) -> None:
        self.owed.append(app)

    def done(self, app: object) -> None:
        self.finished.append(app)


@pytest.mark.parametrize(("changes", "told", "is_owed"), [(0, 1, False), (2, 3, False), (9, SETTLING, True)])
async def test_what_was_rendered_for_settings_of_before_is_not_told_as_that_of_now(
    monkeypatch: pytest.MonkeyPatch, changes: int, told: int, is_owed: bool
) -> None:
    """A new application is in no index yet, so nobody else would see that its answer is one of yesterday."""

    async def nothing(*_: object, **__: object) -> list[Any]:
        return []

    monkeypatch.setattr(Responder, "look", nothing)
    monkeypatch.setattr(Responder, "resolve", nothing)
    scene = Changing(changes)
    anything = cast(Any, scene)
    responder = Responder(
        declared=anything,
        mirrors=anything,
        following=Following(),
        renderer=anything,
        announcer=anything,
        retries=anything,
        histories=anything,
        fresh_seconds=120,
    )
    await responder.respond(WISH, RenderLevel.RESOLVE, Cause.SPEC_CHANGED)
    assert scene.told == [told]
    assert bool(scene.owed) is is_owed
