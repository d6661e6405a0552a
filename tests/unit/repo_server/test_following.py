"""Groups know who read what, and forget it when it is in doubt."""

from pathlib import Path

import pytest

from fairlead.git import GitProgram
from fairlead.git.changes import Changes
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.remotes.declared import AppKey, Member
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository

COMMIT, NEXT = "a" * 40, "b" * 40


def member(name: str) -> Member:
    return Member(AppKey("argocd", name), 0)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=Repositories())
    found = mirrors.of("https://host/x.git", "default")
    found.mirror.refs = {"refs/heads/main": COMMIT, "refs/tags/v1.0.0": COMMIT}
    return found


@pytest.fixture
def group(repository: Repository) -> Group:
    following = Following()
    for name in ("one", "two"):
        made = following.join(member(name), repository, "main", "", 0)
        made.place(member(name), COMMIT, [f"apps/{name}", "shared"])
    return made


def test_touched_paths_lead_to_those_who_read_them(group: Group) -> None:
    assert group.readers(Changes(frozenset({"apps", "apps/one", "apps/one/x"}))) == {member("one")}
    assert group.readers(Changes(frozenset({"shared"}))) == {member("one"), member("two")}
    assert group.readers(Changes(frozenset({"", "README"}))) == set()
    assert group.readers(Changes(None)) == {member("one"), member("two")}


def test_who_read_at_another_commit_is_not_placed(group: Group) -> None:
    group.place(member("one"), NEXT, ["apps/one"])
    assert group.unplaced == {member("one")}
    assert group.readers(Changes(frozenset({"apps/one"}))) == set()


def test_who_leaves_is_forgotten(repository: Repository) -> None:
    following = Following()
    group = following.join(member("one"), repository, "main", "", 3)
    group.place(member("one"), COMMIT, ["x"])
    following.leave(member("one"))
    assert not group.members
    assert group.readers(Changes(frozenset({"x"}))) == set()
    assert list(following.of(repository)) == []


def test_another_revision_is_another_group(repository: Repository) -> None:
    following = Following()
    first = following.join(member("one"), repository, "main", "", 0)
    second = following.join(member("one"), repository, "v1.*", "", 0)
    assert first is not second
    assert not first.members
    assert following.group_of(member("one")) is second


def test_a_lost_revision_leaves_nobody_placed(group: Group) -> None:
    group.lose()
    assert group.commit == ""
    assert group.unplaced == {member("one"), member("two")}


@pytest.mark.parametrize(
    ("revision", "ref", "concerned"),
    [
        ("main", "refs/heads/main", True),
        ("main", "refs/heads/other", False),
        ("feature/x", "refs/heads/feature/x", True),
        ("x", "refs/heads/feature/x", True),
        ("1.*", "refs/tags/v1.2.0", True),
        ("1.*", "refs/heads/main", False),
        ("", "refs/heads/main", False),
    ],
)
def test_a_moved_ref_concerns_those_it_may_mean(
    repository: Repository, revision: str, ref: str, concerned: bool
) -> None:
    assert Following().join(member("one"), repository, revision, "", 0).is_concerned(ref) is concerned


@pytest.mark.parametrize("revision", [COMMIT, COMMIT[:9]])
def test_any_ref_may_bring_a_commit_until_it_is_there(repository: Repository, revision: str) -> None:
    group = Following().join(member("one"), repository, revision, "", 0)
    assert group.is_concerned("refs/heads/main")
    group.commit = COMMIT
    assert not group.is_concerned("refs/heads/main")


def test_repositories_that_came_and_went_leave_nothing_behind(tmp_path: Path) -> None:
    following = Following()
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=Repositories())
    for number in range(100):
        following.join(member("one"), mirrors.of(f"https://host/{number}.git", "default"), "main", "", 0)
    following.leave(member("one"))
    assert not following._by_repository
    assert not list(following)


def test_of_whom_is_known_what_it_read_at_the_commit_lacks_nothing(repository: Repository) -> None:
    following = Following()
    app = AppKey("argocd", "both")
    group = following.join(Member(app, 1), repository, "main", "", 0)
    assert group.lacks(app, 2)
    group.place(Member(app, 1), COMMIT, ["x"])
    assert not group.lacks(app, 2)
    group.displace(Member(app, 1))
    assert group.lacks(app, 2)


def test_who_follows_a_ref_otherwise_is_found_without_a_look_at_every_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for each commit, and there may be a group for each application."""
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=Repositories())
    following = Following()
    one = following.join(member("one"), mirrors.of("https://host/x.git", "default"), "main", "", 0)
    two = following.join(member("two"), mirrors.of("http://host/x.git", "default"), "main", "", 0)
    following.join(member("tags"), mirrors.of("https://host/x.git", "default"), "v1", "", 0)
    following.join(member("elsewhere"), mirrors.of("https://host/y.git", "default"), "main", "", 0)
    monkeypatch.setattr(Following, "__iter__", lambda _: pytest.fail("all groups were looked at"))
    assert list(following.beside(one)) == [two]
    following.leave(member("two"))
    assert list(following.beside(one)) == []
    following.leave(member("one"))
    assert list(following.beside(one)) == []
