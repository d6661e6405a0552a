"""Who made a commit is asked once, and only of repositories that the project permits."""

import asyncio

import msgspec

from fairlead.api_server.commits import Commits, Place
from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.rpc.repo import DescribeRevision, RevisionDescription

URL = "https://git.example/team/config.git"


class Repositories:
    """Answers, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuses = False

    async def describe(self, question: DescribeRevision) -> RevisionDescription:
        self.asked.append(question.revision)
        if self.refuses:
            raise RefusalError(Code.UNAVAILABLE, "away")
        return RevisionDescription(author="Mara <m@x>", date="2026-01-01T00:00:00Z", message=" a word\n")


def revisions(places: frozenset[Place]) -> set[str]:
    return {revision for _, revision in places}


def document(name: str, revision: str, project: str = "a", *, url: str = URL) -> ApplicationDocument:
    raw = {
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"project": project, "source": {"repoURL": url, "path": "x"}},
        "status": {"sync": {"revision": revision}},
    }
    return read_application(msgspec.json.encode(raw))


async def test_a_commit_is_asked_for_once_however_its_repository_is_written() -> None:
    repositories = Repositories()
    commits = Commits(repositories.describe, lambda *_: True)
    for url in (URL, "git@git.example:team/config", URL):
        found = await commits.ask(url, "a", "c1")
        assert found is not None
        assert (found.author, found.message) == ("Mara <m@x>", "a word")
    assert repositories.asked == ["c1"]
    assert revisions(commits.by("mara")) == {"c1"}
    assert commits.by("ben") == frozenset()
    await commits.ask(URL, "a", "c2")
    assert revisions(commits.by("mara")) == {"c1", "c2"}


async def test_a_repository_that_the_project_does_not_permit_is_not_asked() -> None:
    repositories = Repositories()
    commits = Commits(repositories.describe, lambda project, _: project == "a")
    assert await commits.ask(URL, "b", "c1") is None
    assert not repositories.asked
    assert await commits.ask(URL, "a", "c1") is not None
    assert await commits.ask(URL, "b", "c1") is None  # though it is known by now


async def test_a_commit_that_another_project_made_known_tells_nothing_of_an_application() -> None:
    commits = Commits(Repositories().describe, lambda project, _: project == "a")
    assert await commits.ask(URL, "a", "c1") is not None
    found = commits.by("mara")
    assert commits.is_at(document("ours", "c1"), found)
    assert commits.is_at(document("written-otherwise", "c1", url="git@git.example:team/config"), found)
    assert not commits.is_at(document("elsewhere", "c1", url="https://git.example/team/fork.git"), found)
    assert not commits.is_at(document("not-permitted", "c1", project="b"), found)
    assert not commits.is_at(document("later", "c2"), found)


async def test_what_cannot_be_described_is_left_alone_for_a_while() -> None:
    repositories = Repositories()
    repositories.refuses = True
    commits = Commits(repositories.describe, lambda *_: True)
    assert await commits.ask(URL, "a", "c1") is None
    assert await commits.ask(URL, "a", "c1") is None
    assert repositories.asked == ["c1"]


async def test_the_commits_of_applications_are_found_out_in_the_background() -> None:
    repositories = Repositories()
    commits = Commits(repositories.describe, lambda *_: True)
    commits.look(
        [document("one", "c1"), document("two", "c1"), document("three", "c3"), document("none", "")]
    )
    working = asyncio.create_task(commits.run())
    async with asyncio.timeout(60):
        while revisions(commits.by("mara")) != {"c1", "c3"}:
            await asyncio.sleep(0.01)
    working.cancel()
    assert sorted(repositories.asked) == ["c1", "c3"]
