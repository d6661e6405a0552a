"""Who follows a ref, and which applications' revisions move with a commit that did not touch them."""

import asyncio
import contextlib

import pytest

from fairlead.app_controller.book import Book
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.revisions import Followers, Revisions
from fairlead.bus import Message
from fairlead.events import RevisionMoved, subjects
from fairlead.events.envelope import encode
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from fairlead.model.source import Source

REPO = "https://git.example/team/config.git"
IDENTITY = "git.example/team/config"


def opened(book: Book, followers: Followers, name: str, ref: str = "", revision: str = "old") -> AppId:
    spec = ApplicationSpec(source=Source(repo_url=REPO, path=name, target_revision=ref))
    record = book.open(Application(metadata=ObjectMeta(namespace="argocd", name=name), spec=spec))
    record.render = Render(digest="d", revisions=(revision,))
    followers.note(record)
    return record.id


def moved(ref: str = "HEAD", affected: tuple[tuple[str, str], ...] = ()) -> Message:
    event = RevisionMoved(repository=IDENTITY, ref=ref, old="old", new="new", affected=affected)
    return Message(subject="revision.moved.0.x", payload=encode(event))


def revision_of(book: Book, app_id: AppId) -> tuple[str, ...]:
    record = book.get(app_id)
    assert record is not None
    assert record.render is not None
    return record.render.revisions


async def test_only_unaffected_followers_of_the_ref_at_the_old_commit_move() -> None:
    book, followers = Book("argocd"), Followers()
    plain = opened(book, followers, "plain")
    spelled = opened(book, followers, "spelled", "HEAD")
    affected = opened(book, followers, "affected")
    elsewhere = opened(book, followers, "elsewhere", "stable")
    newer = opened(book, followers, "newer", revision="newest")
    seen: list[AppId] = []
    revisions = Revisions(book, followers, per_second=0, is_busy=lambda: False, requeue=seen.append)
    await revisions.handle(moved(affected=(("argocd", "affected"),)))
    found = {
        app_id.name: revision_of(book, app_id)[0] for app_id in (plain, spelled, affected, elsewhere, newer)
    }
    assert found == {
        "plain": "new",
        "spelled": "new",
        "affected": "old",
        "elsewhere": "old",
        "newer": "newest",
    }


async def test_a_move_is_not_written_for_its_own_sake_before_many_have_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book, followers = Book("argocd"), Followers()
    seen: list[AppId] = []
    app_id = opened(book, followers, "plain")
    revisions = Revisions(book, followers, per_second=0, is_busy=lambda: False, requeue=seen.append)
    pacing = asyncio.create_task(revisions.run())
    await revisions.handle(moved())
    await asyncio.sleep(0.05)
    assert not seen
    monkeypatch.setattr("fairlead.app_controller.rendering.revisions.UNWRITTEN", (1, 2))
    record = book.get(app_id)
    assert record is not None
    record.render = Render(digest="d", revisions=("old",))
    await revisions.handle(moved())
    async with asyncio.timeout(120):
        while not seen:
            await asyncio.sleep(0.01)
    pacing.cancel()
    await asyncio.gather(pacing, return_exceptions=True)


async def test_nothing_is_written_while_affected_work_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.app_controller.rendering.revisions.UNWRITTEN", (0, 1))
    book, followers = Book("argocd"), Followers()
    app_id = opened(book, followers, "plain")
    busy = True
    seen: list[AppId] = []
    revisions = Revisions(book, followers, per_second=0, is_busy=lambda: busy, requeue=seen.append)
    task = asyncio.create_task(revisions.run())
    await revisions.handle(moved())
    await asyncio.sleep(0.1)
    assert seen == []
    busy = False
    async with asyncio.timeout(120):
        while not seen:
            await asyncio.sleep(0.01)
    assert seen == [app_id]
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_who_is_gone_follows_nothing() -> None:
    book, followers = Book("argocd"), Followers()
    app_id = opened(book, followers, "plain")
    followers.forget(app_id)
    assert not list(followers.of(IDENTITY, "HEAD"))


async def test_a_move_told_of_other_partitions_moves_nobody_here() -> None:
    """Who follows a ref for other applications sees it at other times, and does not know whom it touches."""
    book, followers = Book("argocd"), Followers()
    ours = opened(book, followers, "ours")
    part = subjects.partition(IDENTITY)
    revisions = Revisions(book, followers, per_second=0, is_busy=lambda: False, requeue=lambda _: None)
    for parts, expected in ((subjects.PARTITIONS.replace(part, ""), "old"), (part, "new")):
        event = RevisionMoved(repository=IDENTITY, ref="", old="old", new="new", parts=parts)
        await revisions.handle(Message(subject="revision.moved.0.x", payload=encode(event)))
        assert revision_of(book, ours) == (expected,)


async def test_a_version_that_left_an_application_as_it_was_is_what_its_people_are_told() -> None:
    book, followers = Book("argocd"), Followers()
    source = Source(repo_url="https://charts.example/stable", chart="redis", target_revision="1.*")
    other = Source(repo_url="https://charts.example/stable", chart="nginx", target_revision="1.*")
    records = []
    for name, chart in (("redis", source), ("nginx", other)):
        spec = ApplicationSpec(source=chart)
        record = book.open(Application(metadata=ObjectMeta(namespace="argocd", name=name), spec=spec))
        record.render = Render(digest="d", revisions=("1.0.0",), commits=("a",))
        followers.note(record)
        records.append(record)
    revisions = Revisions(book, followers, per_second=0, is_busy=lambda: False, requeue=lambda _: None)
    event = RevisionMoved(
        repository="charts.example/stable/redis", ref="1.*", old="a", new="b", shown="1.1.0"
    )
    await revisions.handle(Message(subject="revision.moved.0.x", payload=encode(event)))
    told = [(record.render.revisions, record.render.commits) for record in records if record.render]
    assert told == [(("1.1.0",), ("b",)), (("1.0.0",), ("a",))]
