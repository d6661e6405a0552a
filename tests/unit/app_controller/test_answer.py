"""Answers that commits leave as they were are moved on as they are read, as if each were at once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.app_controller.book import Book
from fairlead.app_controller.rendering.answer import REMEMBERED
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.revisions import TURNS, Followers, Revisions
from fairlead.bus import Message
from fairlead.events import RenderFailure, RevisionMoved
from fairlead.events.envelope import encode
from fairlead.events.subjects import PARTITIONS
from fairlead.matching.repository import partition
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from fairlead.model.source import Source

REPOSITORIES = ("https://git.example/one", "https://git.example/two")
COMMITS = ("a", "b", "c")
NAMES = ("x", "y", "z")
PART = partition(REPOSITORIES[0])

names = st.sampled_from(NAMES)
commits = st.sampled_from(COMMITS)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.sampled_from((0, 1)), commits, commits, st.sets(names), st.booleans()),
        st.tuples(st.just("answer"), names, commits, commits, st.booleans()),
        st.tuples(st.just("read"), names),
        st.tuples(st.just("anew"), names),
    ),
    max_size=REMEMBERED * 2,
)


class Eager:
    """What an application would be told if every move were carried out at once."""

    def __init__(self) -> None:
        self.commits: list[str] | None = None

    def move(self, at: int, old: str, new: str) -> None:
        if self.commits is not None and self.commits[at] == old:
            self.commits[at] = new


def application(name: str, repositories: tuple[str, ...] = REPOSITORIES) -> Application:
    sources = tuple(Source(repo_url=url, path=name, target_revision="main") for url in repositories)
    metadata = ObjectMeta(namespace="argocd", name=name)
    return Application(metadata=metadata, spec=ApplicationSpec(sources=sources))


def message(**told: Any) -> Message:
    return Message(subject="revision.moved.0.x", payload=encode(RevisionMoved(ref="main", **told)))


def told(book: Book, name: str) -> tuple[str, ...] | None:
    record = book.get(AppId("argocd", name))
    assert record is not None
    return record.render.revisions if record.render is not None else None


def stage() -> tuple[Book, Followers, Revisions]:
    book, followers = Book("argocd"), Followers()
    revisions = Revisions(book, followers, per_second=0, is_busy=lambda: False, requeue=lambda _: None)
    return book, followers, revisions


@given(steps)
async def test_an_answer_that_is_read_was_moved_by_every_commit_since(told_steps: list[Any]) -> None:
    book, followers, revisions = stage()
    eager = {name: Eager() for name in NAMES}
    for name in NAMES:
        followers.note(book.open(application(name)))
    for step in told_steps:
        match step:
            case ("move", at, old, new, affected, ours):
                repository = REPOSITORIES[at].removeprefix("https://")
                parts = "" if ours else PARTITIONS.replace(PART, "")
                pairs = tuple(("argocd", name) for name in sorted(affected))
                await revisions.handle(
                    message(repository=repository, old=old, new=new, affected=pairs, parts=parts)
                )
                for name in set(NAMES) - affected if ours else ():
                    eager[name].move(at, old, new)
            case ("answer", name, one, two, fails):
                record = book.get(AppId("argocd", name))
                assert record is not None
                failure = RenderFailure(message="no") if fails else None
                record.render = Render(digest="d", revisions=(one, two), failure=failure)
                eager[name].commits = None if fails else [one, two]
                if fails:
                    record.render = None
            case ("read", name):
                known = eager[name].commits
                assert told(book, name) == (None if known is None else tuple(known))
            case (_, name):
                followers.note(book.open(application(name)))
                eager[name] = Eager()
    for name in NAMES:
        known = eager[name].commits
        assert told(book, name) == (None if known is None else tuple(known))


async def test_a_commit_that_thousands_follow_is_noted_once(count: int = 3_000) -> None:
    book, followers, revisions = stage()
    for number in range(count):
        record = book.open(application(f"app-{number}", REPOSITORIES[:1]))
        record.render = Render(digest="d", revisions=("0",))
        followers.note(record)

    def unread() -> int:
        return sum(record.answer.is_behind for record in book)

    repository = REPOSITORIES[0].removeprefix("https://")
    for number in range(REMEMBERED * 3):
        await revisions.handle(message(repository=repository, old=str(number), new=str(number + 1)))
        if not number:
            assert count - unread() <= count // TURNS + 1
    assert {told(book, record.id.name) for record in book} == {(str(REMEMBERED * 3),)}
    assert {record.moves_unwritten for record in book} == {REMEMBERED * 3}
