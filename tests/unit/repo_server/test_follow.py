"""Who is in which group, whatever the order in which credentials and wishes are known."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.events import RepositorySource, SourcesWanted
from fairlead.git import GitProgram
from fairlead.git.credentials import REPOSITORY, entry_of
from fairlead.repo_server.declared import AppKey, Member
from fairlead.repo_server.follow import Follower
from fairlead.repo_server.following import Following
from fairlead.repo_server.mirrors import Mirrors
from fairlead.repo_server.repositories import Repositories

URL, OTHER, COMMIT = "https://host/team/web.git", "https://host/team/other.git", "a" * 40
APP = AppKey("argocd", "web")
WISH = SourcesWanted(
    namespace="argocd",
    name="web",
    instance="web",
    project="team",
    sources=(RepositorySource(repo_url=URL, path="x"),),
)


class Scene:
    """Mirrors, groups and who keeps them equal to the wishes."""

    def __init__(self, folder: Path) -> None:
        self.book = Repositories()
        self.mirrors = Mirrors(folder=folder, program=GitProgram(home=folder), book=self.book)
        self.following = Following()
        nobody: Any = None
        self.follower = Follower(
            mirrors=self.mirrors,
            following=self.following,
            renderer=nobody,
            announcer=nobody,
            retries=nobody,
        )
        self.wishes: Any = {APP: WISH}

    def tell(self, name: str, **data: str) -> None:
        self.book.put(name, entry_of(REPOSITORY, data))
        self.follower.rejoin(self.wishes)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path)
    made.follower.changed(APP, None, WISH)
    group = made.following.group_of(Member(APP, 0))
    assert group is not None
    group.place(Member(APP, 0), COMMIT, ["x"])
    return made


def test_other_credentials_displace_nobody_whose_mirror_stays(scene: Scene) -> None:
    scene.tell("other", url=OTHER, username="u", password="p")
    scene.tell("shared", url=URL, username="u", password="p")
    group = scene.following.group_of(Member(APP, 0))
    assert group is not None
    assert not group.unplaced


def test_credentials_of_the_project_lead_to_another_mirror(scene: Scene) -> None:
    scene.tell("own", url=URL, project="team", username="u", password="p")
    group = scene.following.group_of(Member(APP, 0))
    assert group is not None
    assert group.repository is scene.mirrors.of(URL, "team")
    assert group.unplaced == {Member(APP, 0)}


def test_only_repositories_whose_credentials_changed_are_asked_again(scene: Scene) -> None:
    [repository] = scene.mirrors
    assert scene.mirrors.unlike() == [repository]
    repository._shown = repository._credential()
    scene.tell("other", url=OTHER, username="u", password="p")
    assert scene.mirrors.unlike() == []
    scene.tell("shared", url=URL, username="u", password="p")
    assert scene.mirrors.unlike() == [repository]


def test_an_inline_password_is_dropped_where_a_secret_opens_the_repository(scene: Scene) -> None:
    own = URL.replace("://", "://u:inline@")
    marked, plain = scene.mirrors.of(own, "team"), scene.mirrors.of(URL, "team")
    assert marked is not plain
    assert marked.address.password == "inline"
    scene.tell("shared", url=URL, username="u", password="p")
    assert scene.mirrors.of(own, "team") is plain
    assert not plain.address.password
