"""Which repositories are polled."""

from pathlib import Path
from typing import Any, cast

import pytest

from fairlead.git import GitProgram
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.remotes.declared import AppKey, Member
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.watching.poll import Poller

COMMIT = "a" * 40


CASES = [("main", COMMIT, False), (COMMIT, COMMIT, False), (COMMIT, COMMIT, True), (COMMIT, "", False)]


@pytest.mark.parametrize(
    ("case", "expected"),
    list(zip(CASES, (1, 0, 1, 1), strict=True)),
    ids=["ref", "told", "doubted", "awaited"],
)
async def test_a_commit_needs_no_look_unless_it_is_not_here_or_others_may_have_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: tuple[str, str, bool], expected: int
) -> None:
    revision, commit, is_doubted = case
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=Repositories())
    repository, following = mirrors.of("https://host/x.git", "default"), Following()
    group = following.join(Member(AppKey("argocd", "app"), 0), repository, revision, "", 0)
    group.commit, group.is_doubted = commit, is_doubted
    poller = Poller(mirrors=mirrors, following=following, advancer=cast(Any, None), period=120)
    begun: list[Repository] = []
    monkeypatch.setattr(poller, "_start", begun.append)
    poller.hurry_all()
    poller._begin_due()
    assert len(begun) == expected
