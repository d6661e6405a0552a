"""Revisions that generators asked about."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fairlead.repo_server.remotes import interests
from fairlead.repo_server.remotes.interests import LASTING, Interests
from fairlead.repo_server.remotes.repository import Repository


def repository(name: str) -> Repository:
    """One that has what `interests` asks of it: branches alone, and 40 digits are a commit."""

    def ref_of(revision: str, _: str) -> str:
        return f"refs/heads/{revision or 'main'}"

    return cast(
        Repository,
        SimpleNamespace(
            mirror=SimpleNamespace(name=name),
            ref_of=ref_of,
            may_follow=lambda revision, ref: revision == "" and ref == "HEAD",
            is_pinned=lambda revision: len(revision) == 40,
        ),
    )


def test_a_move_concerns_who_asked_about_that_revision_and_nobody_else() -> None:
    found, one, other = Interests(), repository("one"), repository("other")
    assert not found.any_in(one)
    for revision in ("", "release", "a" * 40):
        found.note(one, revision)
    assert [found.concern(one, ref) for ref in ("refs/heads/main", "HEAD", "refs/heads/release")] == [
        True
    ] * 3
    assert not found.concern(one, "refs/heads/other")
    assert not found.concern(one, f"refs/heads/{'a' * 40}")
    assert not found.concern(other, "refs/heads/main")
    assert (found.any_in(one), found.any_in(other)) == (True, False)


def test_an_interest_ends_and_there_are_never_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    found, one = Interests(), repository("one")
    found.note(one, "main")
    monkeypatch.setattr(interests, "MOST", 3)
    clock: Any = time.monotonic
    monkeypatch.setattr(interests.time, "monotonic", lambda: clock() + LASTING + 1)
    assert not found.any_in(one)
    for n in range(5):
        found.note(one, f"b{n}")
    assert [found.concern(one, f"refs/heads/b{n}") for n in range(5)] == [False, False, True, True, True]
    assert not found.concern(one, "refs/heads/main")
