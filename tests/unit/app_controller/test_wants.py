"""Wishes while applications of one name end and begin: whatever overtakes what, the wish ends up stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.wants import ASKED_AGAIN, Wants
from fairlead.bus import Bus, BusUnavailableError, Entry
from fairlead.bus.key_value import READY
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import Capabilities, Cause, RenderLevel, subjects
from fairlead.events.envelope import Event
from fairlead.matching.repository import token
from fairlead.model.application import AppId
from fairlead.model.decode import decode_application

APP = AppId("argocd", "app")
KEY = subjects.app_tokens(*APP)
CLUSTER = cast(Cluster, SimpleNamespace(capabilities=Capabilities(), capabilities_digest="served"))
APPLICATION: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "https://git.example/a.git", "path": "."},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "work"},
    },
}


class _Bucket:
    """Carries out at once; its confirmations wait until they are let through."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.puts = 0
        self.may_land, self.may_confirm = asyncio.Event(), asyncio.Event()
        self.is_away = False
        self.may_land.set()
        self.may_confirm.set()

    async def put(self, key: str, value: bytes) -> None:
        if self.is_away:
            raise BusUnavailableError("away")
        self.puts += 1
        self.held[key] = value
        await self.may_confirm.wait()

    async def watch(self) -> AsyncIterator[Entry]:
        for key, value in list(self.held.items()):
            yield Entry(key=key, value=value, revision=1)
        yield READY

    async def delete(self, key: str) -> None:
        if self.is_away:
            raise BusUnavailableError("away")
        await self.may_land.wait()
        self.held.pop(key, None)


class _Bus:
    def __init__(self) -> None:
        self.wishes, self.others = _Bucket(), _Bucket()
        self.asked: list[str] = []

    def key_value(self, name: str) -> _Bucket:
        return self.wishes if name == SOURCES_BUCKET else self.others

    def on_wipe(self, _: Callable[[], None]) -> None:
        pass

    async def publish(self, subject: str, _: Event) -> None:
        self.asked.append(subject)


class _Case:
    def __init__(self, bus: _Bus | None = None, *, reads_wishes: bool = False) -> None:
        self.bus, self.book, self.queued = bus or _Bus(), Book("argocd"), list[AppId]()
        self.wants = Wants(
            cast(Bus, self.bus), self.book, requeue=self.queued.append, reads_wishes=reads_wishes
        )
        self.record = self.opened()

    def opened(self) -> Record:
        return self.book.open(decode_application(json.dumps(APPLICATION).encode()))

    async def ensure(self) -> None:
        await self.wants.ensure(self.record, CLUSTER)

    async def made_anew(self) -> asyncio.Task[None]:
        """The application is deleted and made again while its wish is still to be withdrawn."""
        await self.ensure()
        self.book.close(APP)
        self.wants.forget(APP)
        self.bus.wishes.may_land.clear()
        withdrawing = asyncio.create_task(self.wants.withdraw(APP))
        await asyncio.sleep(0)
        self.record = self.opened()
        return withdrawing


async def test_a_withdrawal_that_lands_after_the_wish_of_the_next_application_is_made_good() -> None:
    case = _Case()
    withdrawing = await case.made_anew()
    await case.ensure()
    assert KEY in case.bus.wishes.held
    case.bus.wishes.may_land.set()
    await withdrawing
    assert KEY not in case.bus.wishes.held
    assert case.queued == [APP]
    asked = len(case.bus.asked)
    await case.ensure()
    assert KEY in case.bus.wishes.held
    assert len(case.bus.asked) == asked + 1


async def test_a_withdrawal_that_overtakes_the_confirmation_of_the_next_wish_is_made_good() -> None:
    case = _Case()
    withdrawing = await case.made_anew()
    case.bus.wishes.may_confirm.clear()
    ensuring = asyncio.create_task(case.ensure())
    while KEY not in case.bus.wishes.held or not case.bus.others.held:
        await asyncio.sleep(0)
    case.bus.wishes.may_land.set()
    await withdrawing
    case.bus.wishes.may_confirm.set()
    await ensuring
    assert case.queued == [APP]
    asked = len(case.bus.asked)
    await case.ensure()
    assert KEY in case.bus.wishes.held
    assert len(case.bus.asked) == asked + 1


async def test_a_wish_that_nobody_confirmed_is_stored_again() -> None:
    case = _Case()
    case.bus.wishes.is_away = True
    with pytest.raises(BusUnavailableError):
        await case.ensure()
    assert not case.bus.asked
    case.bus.wishes.is_away = False
    await case.ensure()
    assert KEY in case.bus.wishes.held
    assert len(case.bus.asked) == 1


async def test_a_withdrawal_leaves_nothing_of_an_application_that_stays_away() -> None:
    case = _Case()
    await case.ensure()
    case.book.close(APP)
    await case.wants.withdraw(APP)
    assert KEY not in case.bus.wishes.held
    assert case.queued == []


async def test_a_withdrawal_that_is_repeated_spares_the_wish_of_the_next_application() -> None:
    """Another replica may own that one, and would not know that its wish went."""
    case = _Case()
    await case.ensure()
    case.book.close(APP)
    case.wants.forget(APP)
    case.bus.wishes.is_away = True
    with pytest.raises(BusUnavailableError):
        await case.wants.withdraw(APP)
    case.bus.wishes.is_away = False
    case.record = case.opened()
    await case.ensure()
    await case.wants.withdraw(APP)
    assert KEY in case.bus.wishes.held


async def test_a_withdrawal_that_nobody_confirmed_is_told_to_who_repeats_it() -> None:
    case = _Case()
    await case.ensure()
    case.book.close(APP)
    case.bus.wishes.is_away = True
    with pytest.raises(BusUnavailableError):
        await case.wants.withdraw(APP)
    case.bus.wishes.is_away = False
    await case.wants.withdraw(APP)
    assert KEY not in case.bus.wishes.held


async def test_a_wish_is_forgotten_only_if_the_api_server_knows_no_such_application() -> None:
    """Another controller may have seen an Application, and wished, before our watch tells of it."""
    case = _Case()
    other = AppId("argocd", "other")
    nobodys = {"nonsense": b"wish"}
    case.bus.wishes.held = nobodys | {subjects.app_tokens(*app_id): b"wish" for app_id in (APP, other)}
    case.book.close(APP)
    asked: list[AppId] = []

    async def is_gone(app_id: AppId) -> bool:
        asked.append(app_id)
        return app_id == other

    await case.wants.withdraw_forgotten(is_gone)
    assert set(case.bus.wishes.held) == {KEY, *nobodys}
    assert asked == [APP, other]


async def test_what_the_owner_speaks_of_is_not_asked_for_application_by_application(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While comparisons are answered a quiet application costs nothing; where nothing is said, it asks."""
    case, moment = _Case(), 1000.0
    monkeypatch.setattr("fairlead.app_controller.rendering.wants.now", lambda: moment)
    await case.ensure()
    case.record.render = Render(sources_digest=case.record.wanted.digest)
    case.record.wanted.asked_at, case.record.wanted.level = None, 0
    case.wants.answered(case.record, 0, RenderLevel.CACHED)
    repository = token("https://git.example/a.git")
    for _ in range(12):
        moment += ASKED_AGAIN / 6
        case.wants.confirmed([repository])
        await case.ensure()
    assert len(case.bus.asked) == 1
    moment += 2 * ASKED_AGAIN
    case.wants.confirmed(["another"])
    await case.ensure()
    assert len(case.bus.asked) == 2


async def test_other_rules_of_the_project_are_another_wish_and_one_question() -> None:
    case = _Case()
    rules: list[tuple[str, ...]] = [("https://git.example/*",)]
    case.wants = Wants(
        cast(Bus, case.bus), case.book, requeue=case.queued.append, permitted=lambda _: rules[-1]
    )
    await case.ensure()
    wish = case.record.wanted.wish
    assert wish is not None
    assert wish.source_repos == ("https://git.example/*",)
    case.wants.answered(case.record, 0, 0)
    rules.append(("*",))
    await case.ensure()
    changed = case.record.wanted.wish
    assert changed is not None
    assert (changed.source_repos, case.record.wanted.cause) == (("*",), Cause.RESYNC)
    asked = len(case.bus.asked)
    await case.ensure()
    assert len(case.bus.asked) == asked


async def _nobody_is_gone(_: AppId) -> bool:
    return False


async def test_a_wish_that_is_stored_already_is_not_put_again_after_a_restart() -> None:
    before = _Case()
    await before.ensure()
    after = _Case(before.bus, reads_wishes=True)
    ensuring = asyncio.create_task(after.ensure())
    await asyncio.sleep(0)
    assert not ensuring.done()
    await after.wants.withdraw_forgotten(_nobody_is_gone)
    await ensuring
    assert before.bus.wishes.puts == 1
    assert len(before.bus.asked) == 2
    before.bus.wishes.held[KEY] = b"another's"
    after.record.wanted.is_stored = False
    await after.ensure()
    assert before.bus.wishes.puts == 2


async def test_what_a_process_before_was_told_is_not_asked_for_where_it_answers_the_wish() -> None:
    case = _Case()
    case.record.wanted.ask(RenderLevel.CACHED, Cause.STARTUP)
    wish = case.wants.wish_of(case.record, CLUSTER)
    render = Render(digest="d", revisions=("c",), sources_digest=wish.digest)
    await case.wants.ensure(case.record, CLUSTER, believed=render)
    assert case.bus.asked == []
    assert case.record.render is not None
    assert case.record.render.is_remembered


@pytest.mark.parametrize("asked", ["for another wish", "for a fresh look"])
async def test_what_a_process_before_was_told_is_not_believed_of_what_is_asked(asked: str) -> None:
    case = _Case()
    wish = case.wants.wish_of(case.record, CLUSTER)
    is_fresh = asked == "for a fresh look"
    case.record.wanted.ask(RenderLevel.REFRESH if is_fresh else RenderLevel.CACHED, Cause.STARTUP)
    render = Render(digest="d", revisions=("c",), sources_digest=wish.digest if is_fresh else "another")
    await case.wants.ensure(case.record, CLUSTER, believed=render)
    assert len(case.bus.asked) == 1
    assert case.record.render is None
